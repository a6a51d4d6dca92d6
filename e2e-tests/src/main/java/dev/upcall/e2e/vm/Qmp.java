package dev.upcall.e2e.vm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.upcall.e2e.ConsoleLog;
import dev.upcall.e2e.SocketFolder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// QEMU's control connection: one JSON object a line, answers to commands and events mixed.
///
/// Whoever waits for an answer or an event is woken by it. One command at a time; events may be awaited by anybody.
public final class Qmp implements AutoCloseable {
    /// QEMU starts within a second, and answers what a story asks at once.
    private static final Duration ANSWER_MAX = Duration.ofSeconds(30);

    private static final ObjectMapper JSON = new ObjectMapper();

    private final SocketChannel channel;

    /// Everything QEMU said that is no answer. Guarded by this.
    private final List<JsonNode> events = new ArrayList<>();

    /// Guarded by this.
    private @Nullable JsonNode answer;

    /// Guarded by this.
    private boolean ended;

    private Qmp(SocketChannel channel) {
        this.channel = channel;
    }

    /// Where a QEMU that is about to start will dial.
    static final class Door implements AutoCloseable {
        private final Path path;
        private final ServerSocketChannel listening;

        private Door(Path path, ServerSocketChannel listening) {
            this.path = path;
            this.listening = listening;
        }

        static Door in(SocketFolder folder) {
            try {
                // A folder may see several QEMUs, one after the other.
                Path path = folder.file("qmp-" + Long.toString(System.nanoTime(), Character.MAX_RADIX));
                ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
                listening.bind(UnixDomainSocketAddress.of(path));
                listening.configureBlocking(false);
                return new Door(path, listening);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        Path path() {
            return path;
        }

        /// Waits for QEMU.
        ///
        /// @throws AssertionError with what QEMU printed, when it does not come
        Qmp accept(ConsoleLog console) {
            try (Selector selector = Selector.open()) {
                listening.register(selector, SelectionKey.OP_ACCEPT);
                selector.select(ANSWER_MAX.toMillis());
                SocketChannel accepted = listening.accept();
                if (accepted == null) {
                    throw new AssertionError(
                            "QEMU did not come within " + ANSWER_MAX + "; it printed:\n" + console.text());
                }
                Qmp qmp = new Qmp(accepted);
                Thread.ofVirtual().start(qmp::readAll);
                qmp.execute("qmp_capabilities");
                return qmp;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() {
            try {
                listening.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /// Carries out a command without arguments and returns what it returned.
    public JsonNode execute(String command) {
        return execute(command, Map.of());
    }

    /// Carries out a command and returns what it returned.
    ///
    /// @param arguments a map, or a JSON object
    /// @throws IllegalStateException with QEMU's own words, when it refused
    public JsonNode execute(String command, Object arguments) {
        JsonNode said = ask(command, arguments);
        if (!said.has("return")) {
            throw new IllegalStateException("QEMU refused " + command + ": "
                    + said.path("error").path("desc").asText());
        }
        return said.path("return");
    }

    private synchronized JsonNode ask(String command, Object arguments) {
        answer = null;
        ObjectNode object = JSON.createObjectNode().put("execute", command);
        object.set("arguments", JSON.valueToTree(arguments));
        try {
            channel.write(ByteBuffer.wrap((object + "\n").getBytes(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new UncheckedIOException("QEMU has gone; the command was " + object, e);
        }
        return awaited("an answer to " + object, () -> answer, ANSWER_MAX);
    }

    /// How many events there were so far: what is awaited from here on is new.
    public synchronized int events() {
        return events.size();
    }

    /// Waits for an event.
    ///
    /// @param from events before this one do not count
    /// @throws AssertionError with the events there were, when the time is over or QEMU has gone
    public JsonNode awaitEvent(int from, String name, Predicate<JsonNode> wanted, Duration atMost) {
        return awaited("the event " + name, () -> eventFrom(from, name, wanted), atMost);
    }

    private synchronized @Nullable JsonNode eventFrom(int from, String name, Predicate<JsonNode> wanted) {
        for (JsonNode event : events.subList(from, events.size())) {
            if (event.path("event").asText().equals(name) && wanted.test(event)) {
                return event;
            }
        }
        return null;
    }

    private synchronized JsonNode awaited(String what, Supplier<@Nullable JsonNode> look, Duration atMost) {
        long deadline = System.nanoTime() + atMost.toNanos();
        while (true) {
            JsonNode there = look.get();
            if (there != null) {
                return there;
            }
            long left = deadline - System.nanoTime();
            if (left <= 0 || ended) {
                throw new AssertionError((ended ? "QEMU has gone" : "waited " + atMost) + " while waiting for " + what
                        + "; events until then: " + events);
            }
            try {
                // Rounded up, for a wait of 0 would be one without end.
                wait(left / 1_000_000 + 1);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted while waiting for " + what, e);
            }
        }
    }

    private void readAll() {
        try (BufferedReader reader = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                take(JSON.readTree(line));
            }
        } catch (IOException _) {
            // QEMU was killed, or the story is over: whoever waits is told below.
        } finally {
            end();
        }
    }

    private synchronized void take(JsonNode said) {
        if (said.has("return") || said.has("error")) {
            answer = said;
        } else {
            events.add(said);
        }
        notifyAll();
    }

    private synchronized void end() {
        ended = true;
        notifyAll();
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
