package dev.upcall.stub.listen;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// A UNIX socket that is the guest's port itself, or a VMM's hybrid socket in front of it.
final class SocketListener implements Listener {

    /// When nothing can be accepted (no descriptors left), so long passes before the next try.
    private static final long ACCEPT_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final ListeningSocket file;
    private final String target;

    private SocketListener(ListeningSocket file, String target) {
        this.file = file;
        this.target = target;
    }

    /// @param hybridPort the port behind the socket, null when the socket is the port
    static SocketListener start(GuestThread guest, Path path, @Nullable Long hybridPort, String target)
            throws IOException {
        ListeningSocket file = ListeningSocket.bind(path);
        Thread.ofVirtual().name("accept " + target).start(() -> acceptAll(guest, file, hybridPort));
        return new SocketListener(file, target);
    }

    private static void acceptAll(GuestThread guest, ListeningSocket file, @Nullable Long hybridPort) {
        while (file.channel().isOpen()) {
            try {
                SocketChannel channel = file.channel().accept();
                Thread.ofVirtual()
                        .name("stream")
                        .start(new StreamPeer(
                                guest,
                                new SocketStream(channel),
                                hybridPort,
                                Thread.ofVirtual().name("stream reader").factory()));
            } catch (IOException e) {
                // Closed, and then the loop ends; or a peer that gave up before it was let in.
                LockSupport.parkNanos(ACCEPT_PAUSE_NANOS);
            }
        }
    }

    @Override
    public String target() {
        return target;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    /// A socket as a stream.
    private record SocketStream(SocketChannel channel) implements ByteStream {
        @Override
        public int read(ByteBuffer into) throws IOException {
            return channel.read(into);
        }

        @Override
        public void write(ByteBuffer bytes) throws IOException {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }

        @Override
        public void interrupt() throws IOException {
            channel.close();
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
