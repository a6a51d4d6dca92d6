package dev.upcall.client.bridge.vhost;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/// A vhost-user back-end: gives a VMM's guest a vsock device, and makes every port of the guest
/// reachable through a hybrid socket, until it is closed.
///
/// ```java
/// VsockOptions options = VsockOptions.of(3, Path.of("/run/vm.sock"));
/// try (VsockBridge bridge = VsockBridge.start(Path.of("/run/vhost.sock"), options)) {
///      …   // qemu-system-x86_64 … -chardev socket,id=vs0,path=/run/vhost.sock
///          //                      -device vhost-user-vsock-pci,chardev=vs0
/// }
/// ```
///
/// It listens before the VMM starts, because QEMU never tries again; it serves one VMM at a time, and
/// the next one after the last has gone. Thread-safe. Everything runs on one platform thread of its
/// own.
public final class VsockBridge implements AutoCloseable {
    private final Path frontEnds;
    private final Path listen;
    private final DeviceLoop loop;

    private VsockBridge(Path frontEnds, Path listen, DeviceLoop loop) {
        this.frontEnds = frontEnds;
        this.listen = listen;
        this.loop = loop;
    }

    /// Listens and returns. Blocks for some milliseconds.
    ///
    /// @param frontEnds where the VMM connects, made with mode 0600: who may connect reads and writes
    /// through it whatever memory it brings along, and nothing else
    /// @throws IOException when a socket file cannot be made, or when this process may not have the
    /// descriptors for so many streams
    public static VsockBridge start(Path frontEnds, VsockOptions options) throws IOException {
        Path path = frontEnds.toAbsolutePath().normalize();
        if (path.equals(options.listen())) {
            throw new IOException("expected two different sockets, found " + path + " for both: choose another one");
        }
        DeviceLoop loop =
                DeviceLoop.start(options, "upcall-vsock-" + options.rules().cid(), own -> {
                    try {
                        return new FrontEnds(path, options.rules().cid(), own);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e.getMessage(), e);
                    }
                });
        return new VsockBridge(path, options.listen(), loop);
    }

    /// Where the VMM connects.
    public Path frontEnds() {
        return frontEnds;
    }

    /// Where programs of the host say CONNECT.
    public Path socket() {
        return listen;
    }

    /// What it has carried so far.
    public DeviceCounters counters() {
        return loop.counters();
    }

    /// How many streams there are now, in all states. Asks the device's thread.
    public int streams() {
        int[] size = new int[1];
        loop.call(() -> size[0] = loop.device().streams().size());
        return size[0];
    }

    /// Ends every stream at once and removes the socket files; returns when that is done. Idempotent.
    @Override
    public void close() {
        loop.close();
    }
}
