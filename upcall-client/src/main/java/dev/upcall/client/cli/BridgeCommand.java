package dev.upcall.client.cli;

import dev.upcall.client.bridge.Bridge;
import dev.upcall.client.bridge.BridgeObserver;
import dev.upcall.client.bridge.BridgeOptions;
import dev.upcall.client.bridge.GuestEnd;
import dev.upcall.client.bridge.vhost.VsockBridge;
import dev.upcall.client.bridge.vhost.VsockOptions;
import dev.upcall.client.transport.Target;
import dev.upcall.proto.hybrid.ConnectLine;
import dev.upcall.proto.vhostuser.Offer;
import dev.upcall.proto.vsock.VsockRules;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
            "With --guest the guest's ports are sockets of this host; with --vhost-user this is the vsock device of a"
                    + " QEMU guest, for one VM after the other.",
            "Ends with 0 on a signal, and removes its socket files. -v tells of every connection."
        },
        footer = {
            "",
            "Examples:",
            "  upcall bridge --listen hvsock:///run/vm.sock --guest unix:///run/guest-ports",
            "  upcall bridge --listen hvsock:///run/vm.sock --guest vsock://3 --metrics-listen 127.0.0.1:9464",
            "  upcall bridge --listen hvsock:///run/vm.sock --guest vsock://3 --host-port 52",
            "  upcall bridge --listen hvsock:///run/vm.sock --vhost-user /run/vhost.sock --cid 3",
            "",
            "The bridge of the last example must run before its VM starts:",
            "  qemu-system-x86_64 -m 256M -object memory-backend-memfd,id=mem,size=256M,share=on \\",
            "      -numa node,memdev=mem -chardev socket,id=vs0,path=/run/vhost.sock \\",
            "      -device vhost-user-vsock-pci,chardev=vs0 ..."
        })
final class BridgeCommand implements Callable<Integer> {
    private static final int CONNECTIONS_MAX = 1_000_000;

    private final Program program;
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean failed;

    @Option(
            names = "--listen",
            required = true,
            paramLabel = "TARGET",
            description = "Where host programs connect: hvsock:///path. The socket file is made with mode 0600.")
    String listen = "";

    @Option(
            names = "--guest",
            paramLabel = "GUEST",
            description = "unix:///folder with one socket for each port, or vsock://CID.")
    @Nullable
    String guest;

    @Option(
            names = "--host-port",
            paramLabel = "N",
            description = "With --guest vsock://CID: a port of this host that the guest may dial; it is connected with"
                    + " the UNIX socket <listen path>_N. Repeatable. The other guest ends ask for any port.")
    List<String> hostPorts = new ArrayList<>();

    @Option(
            names = "--vhost-user",
            paramLabel = "PATH",
            description = "Be the vsock device of a VM: where QEMU connects. Made with mode 0600. Needs --cid.")
    @Nullable
    String vhostUser;

    @Option(
            names = "--cid",
            paramLabel = "N",
            description = "With --vhost-user: the guest's address, 3 or more; unique on this host.")
    @Nullable
    String cid;

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
        Device device = device().orElse(null);
        try (MetricsServer metrics = MetricsServer.start(metricsListen, program)) {
            try (Running bridge = device != null ? started(device, metrics) : started(String.valueOf(guest), metrics)) {
                program.interruption().begins(() -> {
                    bridge.closing().run();
                    ended.countDown();
                    return ExitCode.DONE;
                });
                program.printer()
                        .print(Report.of("bridge listens on " + bridge.socket() + " for " + bridge.whom()
                                        + "; a signal ends it")
                                .with("command", "bridge")
                                .with("listen", bridge.socket().toString())
                                .with(device == null ? "guest" : "vhost_user", bridge.whom()));
                ended.await();
            }
        } catch (IOException e) {
            throw Failure.usage((device == null ? "--listen, --guest: " : "--listen, --vhost-user: ") + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            program.interruption().ends();
        }
        return (failed ? ExitCode.BUG : ExitCode.DONE).code();
    }

    /// What `--vhost-user` and `--cid` ask for; empty when `--guest` is there instead.
    private Optional<Device> device() throws Failure {
        if ((guest == null) == (vhostUser == null)) {
            throw Failure.usage("expected either --guest or --vhost-user, found " + (guest == null ? "neither" : "both")
                    + ": say where the guest's ports are, or where its VM comes");
        }
        if ((vhostUser == null) != (cid == null)) {
            throw Failure.usage("expected --vhost-user and --cid together, found only "
                    + (cid == null ? "--vhost-user: choose the guest's CID" : "--cid: leave it out"));
        }
        if (vhostUser != null && !hostPorts.isEmpty()) {
            throw Failure.usage("expected --host-port with --guest vsock://CID only, found it with --vhost-user: leave"
                    + " it out, that guest may dial any port");
        }
        return vhostUser == null || cid == null
                ? Optional.empty()
                : Optional.of(new Device(
                        Syntax.parsed("--vhost-user", vhostUser, Path::of),
                        Syntax.integer("--cid", cid, (int) Offer.CID_MIN, Integer.MAX_VALUE)));
    }

    private record Device(Path frontEnds, long cid) {}

    /// The device's own failure ends the program: one that goes on without its device would only look alive.
    private void deviceFailed() {
        failed = true;
        ended.countDown();
    }

    /// A bridge of either kind.
    private record Running(Path socket, String whom, Runnable closing) implements AutoCloseable {
        @Override
        public void close() {
            closing.run();
        }
    }

    private Running started(String guest, MetricsServer metrics) throws Failure, IOException {
        Bridge bridge = Bridge.start(options(guest)
                .withObserver(metrics.bridgeObserver(
                        program.verbose() ? new BridgeNotes(program.printer()) : BridgeObserver.NONE)));
        return new Running(bridge.socket(), guest, bridge::close);
    }

    private Running started(Device device, MetricsServer metrics) throws Failure, IOException {
        VsockOptions options = deviceOptions(device);
        VsockBridge bridge = VsockBridge.start(
                device.frontEnds(),
                options.withObserver(new VsockNotes(program.printer(), program.verbose(), this::deviceFailed)));
        metrics.show(bridge.counters());
        return new Running(bridge.socket(), bridge.frontEnds().toString(), bridge::close);
    }

    private VsockOptions deviceOptions(Device device) throws Failure {
        Path path = Syntax.parsed(
                "--listen",
                listen,
                text -> Target.parse(text)
                        .socketFile()
                        .orElseThrow(() -> new IllegalArgumentException(
                                "expected hvsock:///path to listen on, found " + text + ": name a socket file")));
        VsockRules usual = VsockRules.of(device.cid());
        int streams = connectionsMax == null
                ? usual.streamsMax()
                : Syntax.integer("--connections-max", connectionsMax, 1, CONNECTIONS_MAX);
        long answer = guestDeadline == null
                ? usual.answerNanos()
                : Syntax.duration("--guest-deadline", guestDeadline).toNanos();
        VsockRules rules = new VsockRules(
                device.cid(),
                streams,
                usual.bufferBytes(),
                usual.readyNanos(),
                answer,
                usual.dialNanos(),
                usual.shutdownNanos(),
                usual.lingerNanos());
        VsockOptions options = VsockOptions.of(device.cid(), path).withRules(rules);
        return connectDeadline == null
                ? options
                : options.withConnectDeadline(Syntax.duration("--connect-deadline", connectDeadline));
    }

    private long[] hostPorts() throws Failure {
        long[] ports = new long[hostPorts.size()];
        for (int i = 0; i < ports.length; i++) {
            ports[i] = Syntax.number("--host-port", hostPorts.get(i), 0, ConnectLine.PORT_MAX);
        }
        return ports;
    }

    private BridgeOptions options(String guest) throws Failure {
        long[] fromGuest = hostPorts();
        GuestEnd ports = Syntax.parsed("--guest", guest, text -> GuestEnd.parse(text, fromGuest));
        BridgeOptions options = Syntax.parsed("--listen", listen, text -> BridgeOptions.of(Target.parse(text), ports));
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
}
