package dev.upcall.stub.listen;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// A host at a real UNIX socket, blocking.
final class SocketPeer implements AutoCloseable {
    private final SocketChannel channel;

    private SocketPeer(SocketChannel channel) {
        this.channel = channel;
    }

    static SocketPeer dial(Path path) throws IOException {
        return new SocketPeer(SocketChannel.open(UnixDomainSocketAddress.of(path)));
    }

    /// Up to and including the CONNECT frame.
    static SocketPeer connect(Path path) throws IOException {
        SocketPeer peer = dial(path);
        peer.write("d".getBytes(StandardCharsets.US_ASCII));
        peer.frame();
        return peer;
    }

    SocketPeer write(byte... bytes) throws IOException {
        ByteBuffer all = ByteBuffer.wrap(bytes);
        while (all.hasRemaining()) {
            channel.write(all);
        }
        return this;
    }

    SocketPeer write(String text) throws IOException {
        return write(text.getBytes(StandardCharsets.US_ASCII));
    }

    /// A frame of 16 bytes of header and this load.
    SocketPeer request(int type, int msgSize, byte... load) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(1024).order(ByteOrder.LITTLE_ENDIAN);
        frame.putInt(0x444D0100).putInt(msgSize).putInt(type).putInt(0).put(load);
        byte[] bytes = new byte[1024];
        frame.get(0, bytes);
        return write(bytes);
    }

    /// The next 1024 bytes, as `type result`.
    String frame() throws IOException {
        ByteBuffer frame = ByteBuffer.wrap(bytes(1024)).order(ByteOrder.LITTLE_ENDIAN);
        return frame.getInt(8) + " " + frame.getInt(16);
    }

    /// Exactly so many bytes.
    byte[] bytes(int count) throws IOException {
        ByteBuffer all = ByteBuffer.allocate(count);
        while (all.hasRemaining()) {
            if (channel.read(all) < 0) {
                throw new IOException("the end after " + all.position() + " bytes");
            }
        }
        byte[] bytes = new byte[count];
        all.get(0, bytes);
        return bytes;
    }

    /// How many bytes come before the end of the stream.
    int bytesToTheEnd() throws IOException {
        ByteBuffer some = ByteBuffer.allocate(4096);
        int count = 0;
        for (int n = channel.read(some); n >= 0; n = channel.read(some.clear())) {
            count += n;
        }
        return count;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
