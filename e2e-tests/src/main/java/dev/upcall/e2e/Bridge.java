package dev.upcall.e2e;

import dev.upcall.client.transport.HybridTarget;
import dev.upcall.client.transport.Target;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// `upcall bridge` as a story sees it: a hybrid socket before a folder that holds one socket for each port of the
/// guest, or before a VM whose vsock device it is.
public final class Bridge implements AutoCloseable {
    /// A JVM and a socket: half a second on an idle machine.
    private static final Duration START_MAX = Duration.ofSeconds(20);

    private static final String READY = "bridge listens on ";

    private final Program program;
    private final HybridTarget listensAt;
    private int starts;

    private Bridge(Program program, HybridTarget listensAt) {
        this.program = program;
        this.listensAt = listensAt;
    }

    /// @param guestPorts the folder of the guest's ports, inside the socket folder
    public static Bridge before(Path guestPorts, Lodging lodging, SocketFolder folder) {
        HybridTarget listensAt = new HybridTarget(folder.file("bridge.sock"), Target.DEFAULT_PORT);
        List<String> arguments = List.of("--listen", "hvsock://" + listensAt.path(), "--guest", "unix://" + guestPorts);
        return new Bridge(lodging.program(Image.BRIDGE, folder, arguments), listensAt);
    }

    /// The vsock device of a VM.
    ///
    /// @param vhostSocket where QEMU dials
    /// @param flags further ones, of `upcall bridge`
    public static Bridge deviceAt(Path vhostSocket, long cid, SocketFolder folder, String... flags) {
        HybridTarget listensAt = new HybridTarget(folder.file("vm.sock"), Target.DEFAULT_PORT);
        List<String> arguments = new ArrayList<>(List.of("--listen", "hvsock://" + listensAt.path(), "-v"));
        arguments.addAll(List.of("--vhost-user", vhostSocket.toString(), "--cid", String.valueOf(cid)));
        arguments.addAll(List.of(flags));
        return new Bridge(Lodging.PROCESS.program(Image.BRIDGE, folder, arguments), listensAt);
    }

    /// Starts it and waits until it can be dialled.
    public Bridge start() {
        starts++;
        program.start();
        program.console().await("the bridge to listen", starts, line -> line.startsWith(READY), START_MAX);
        return this;
    }

    public void kill() {
        program.kill();
    }

    public Target target() {
        return listensAt;
    }

    /// The hybrid socket itself.
    public Path socket() {
        return listensAt.path();
    }

    public ConsoleLog console() {
        return program.console();
    }

    @Override
    public void close() {
        program.close();
    }
}
