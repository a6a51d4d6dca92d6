package dev.upcall.client.cli;

import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.Slf4JLoggerFactory;
import java.util.Arrays;
import java.util.List;

/// What a command does not need, and would pay for with every start.
///
/// Each is a system property of its library and may be overruled by setting it. Measured with the AOT cache on
/// one core: Netty's flight-recorder events 150 ms, logback 120 ms, the pooling allocator 40 ms, the machine's
/// name in channel ids 20 ms.
final class LeanStart {
    /// slf4j's own switch: the named provider is taken without looking for others.
    private static final String PROVIDER_PROPERTY = "slf4j.provider";

    private static final String NO_LOG = "org.slf4j.helpers.NOP_FallbackServiceProvider";
    private static final String LOGBACK_PROPERTY = "logback.configurationFile";
    private static final String LOG_TO_STDERR = "dev/upcall/client/cli/logback.xml";

    /// For long-running commands a pool pays; a one-shot has four buffers.
    private static final List<String> LONG_RUNNING = List.of("watch", "bridge");

    private LeanStart() {}

    /// Must run before the first class of Netty or of a logger is loaded.
    static void prepare(String[] words) {
        List<String> all = Arrays.asList(words);
        setUnlessSet("io.netty.jfr.enabled", "false");
        setUnlessSet("io.netty.machineId", "00:00:00:00:00:00:00:01");
        if (all.stream().noneMatch(LONG_RUNNING::contains)) {
            setUnlessSet("io.netty.allocator.type", "unpooled");
        }
        if (wantsLog(all)) {
            setUnlessSet(LOGBACK_PROPERTY, LOG_TO_STDERR);
        } else {
            setUnlessSet(PROVIDER_PROPERTY, NO_LOG);
            setUnlessSet("slf4j.internal.verbosity", "WARN"); // else slf4j tells of the named provider
        }
        // Said outright, Netty does not go on to look for other logging libraries.
        InternalLoggerFactory.setDefaultFactory(Slf4JLoggerFactory.INSTANCE);
    }

    /// `-vv`, or `-v` twice: the library's log, on stderr.
    private static boolean wantsLog(List<String> words) {
        return words.contains("-vv")
                || words.stream()
                                .filter(w -> w.equals("-v") || w.equals("--verbose"))
                                .count()
                        > 1;
    }

    private static void setUnlessSet(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }
}
