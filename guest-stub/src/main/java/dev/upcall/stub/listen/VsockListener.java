package dev.upcall.stub.listen;

import dev.upcall.client.posix.PosixException;
import dev.upcall.client.posix.VsockAddress;
import dev.upcall.client.posix.VsockSocket;
import dev.upcall.client.transport.VsockTarget;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;

/// AF_VSOCK, where the real service listens: inside a guest, or on a host with vsock loopback.
///
/// The JDK knows no such sockets, so these calls hold their threads: platform threads here, one for each connection.
final class VsockListener implements Listener {

    /// How long a closed listener still holds its port, at most.
    private static final Duration ACCEPT_WAIT = Duration.ofMillis(200);

    private final String target;
    private volatile boolean closed;

    private VsockListener(String target) {
        this.target = target;
    }

    static VsockListener start(GuestThread guest, VsockTarget target) throws IOException {
        VsockListener listener = new VsockListener(target.toString());
        try {
            long cid = target.cid() == VsockTarget.CID_ANY ? VsockAddress.CID_ANY : target.cid();
            VsockSocket socket = VsockSocket.listen(new VsockAddress(cid, target.port()));
            Thread.ofPlatform().name("accept " + target).daemon().start(() -> listener.acceptAll(guest, socket));
            return listener;
        } catch (PosixException e) {
            throw new IOException("cannot listen on " + target + ": " + e.getMessage(), e);
        }
    }

    private void acceptAll(GuestThread guest, VsockSocket socket) {
        try (socket) {
            while (!closed) {
                Optional<VsockSocket> accepted = socket.accept(ACCEPT_WAIT);
                accepted.ifPresent(s -> Thread.ofPlatform()
                        .name("stream")
                        .daemon()
                        .start(new StreamPeer(
                                guest,
                                new VsockStream(s),
                                null,
                                Thread.ofPlatform()
                                        .name("stream reader")
                                        .daemon()
                                        .factory())));
            }
        } catch (PosixException e) {
            // Nobody else can be let in; connections that are open go on.
            System.err.println("guest-stub: no more connections on " + target + ": " + e.getMessage());
        }
    }

    @Override
    public String target() {
        return target;
    }

    @Override
    public void close() {
        closed = true;
    }

    /// A socket as a stream.
    private record VsockStream(VsockSocket socket) implements ByteStream {

        @Override
        public int read(ByteBuffer into) throws IOException {
            return socket.read(into);
        }

        @Override
        public void write(ByteBuffer bytes) throws IOException {
            socket.write(bytes);
        }

        /// Only wakes the others up: a descriptor closed under a call may be somebody else's by then.
        @Override
        public void interrupt() throws IOException {
            socket.shutdown();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
