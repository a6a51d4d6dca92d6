package dev.upcall.client.cli;

import dev.upcall.client.bridge.Bridge;
import dev.upcall.client.bridge.BridgeObserver;
import dev.upcall.client.bridge.BridgeOptions;
import dev.upcall.client.bridge.CloseReason;
import dev.upcall.client.bridge.GuestEnd;
import dev.upcall.client.transport.Target;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `upcall bridge`: a VMM's hybrid socket in front of a guest, until a signal.
@Command(
        name = "bridge",
        description = {
            "Listen like a VMM on a hybrid socket and connect callers with the ports of a guest.",
            "Ends with 0 on a signal, and removes its socket files. -v tells of every connection."
        },
        footer = {
            "",
            "Examples:",
            "  upcall bridge --listen hvsock:///run/vm.sock --guest unix:///run/guest-ports",
            "  upcall bridge --listen hvsock:///run/vm.sock --guest vsock://3 --metrics-listen 127.0.0.1:9464"
        })
final class BridgeCommand implements Callable<Integer> {
    private static final int CONNECTIONS_MAX = 1_000_000;

    private final Program program;

    @Option(
            names = "--listen",
            required = true,
            paramLabel = "TARGET",
            description = "Where host programs connect: hvsock:///path. The socket file is made with mode 0600.")
    String listen = "";

    @Option(
            names = "--guest",
            required = true,
            paramLabel = "GUEST",
            description = "unix:///folder with one socket for each port, or vsock://CID.")
    String guest = "";

    @Option(
            names = "--connections-max",
            paramLabel = "N",
            description = "More are turned away. Default: " + BridgeOptions.CONNECTIONS_MAX + ".")
    @Nullable
    String connectionsMax;

    @Option(
            names = "--connect-deadline",
            paramLabel = "D",
            description = "How long a caller may take for its CONNECT line. Default: 10s.")
    @Nullable
    String connectDeadline;

    @Option(
            names = "--guest-deadline",
            paramLabel = "D",
            description = "How long the guest may take to answer. Default: 5s.")
    @Nullable
    String guestDeadline;

    @Option(
            names = "--metrics-listen",
            paramLabel = "HOST:PORT",
            description = "Serve Prometheus metrics there, for example 127.0.0.1:9464.")
    @Nullable
    String metricsListen;

    BridgeCommand(Program program) {
        this.program = program;
    }

    @Override
    public Integer call() throws Failure {
        BridgeOptions options = options();
        CountDownLatch signalled = new CountDownLatch(1);
        try (MetricsServer metrics = MetricsServer.start(metricsListen, program);
                Bridge bridge = Bridge.start(options.withObserver(metrics.bridgeObserver(
                        program.verbose() ? new Notes(program.printer()) : BridgeObserver.NONE)))) {
            Runnable close = bridge::close;
            program.interruption().begins(() -> {
                close.run();
                signalled.countDown();
                return ExitCode.DONE;
            });
            program.printer()
                    .print(Report.of("bridge listens on " + bridge.socket() + " for " + guest + "; a signal ends it")
                            .with("command", "bridge")
                            .with("listen", bridge.socket().toString())
                            .with("guest", guest));
            signalled.await();
        } catch (IOException e) {
            throw Failure.usage("--listen, --guest: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            program.interruption().ends();
        }
        return ExitCode.DONE.code();
    }

    private BridgeOptions options() throws Failure {
        GuestEnd end = Syntax.parsed("--guest", guest, GuestEnd::parse);
        BridgeOptions options = Syntax.parsed("--listen", listen, text -> BridgeOptions.of(Target.parse(text), end));
        if (connectionsMax != null) {
            options =
                    options.withConnectionsMax(Syntax.integer("--connections-max", connectionsMax, 1, CONNECTIONS_MAX));
        }
        if (connectDeadline != null) {
            options = options.withConnectDeadline(Syntax.duration("--connect-deadline", connectDeadline));
        }
        if (guestDeadline != null) {
            options = options.withGuestDeadline(Syntax.duration("--guest-deadline", guestDeadline));
        }
        return options;
    }

    /// Tells of every connection on stderr.
    private record Notes(Printer printer) implements BridgeObserver {
        @Override
        public void opened(long id, Direction direction, long port) {
            printer.note("connection " + id + " " + direction + " port " + port + " open");
        }

        @Override
        public void closed(
                long id, Direction direction, CloseReason reason, String detail, long toCallee, long toCaller) {
            printer.note("connection " + id + " " + direction + " closed: " + detail + "; " + toCallee + " and "
                    + toCaller + " bytes");
        }
    }
}
