package dev.upcall.client.bridge;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// A program at one end of the bridge, with plain blocking calls. The test's time-out interrupts them.
public final class Peer implements AutoCloseable {
    public final SocketChannel channel;

    public Peer(SocketChannel channel) {
        this.channel = channel;
    }

    public static Peer dial(Path path) throws IOException {
        return new Peer(SocketChannel.open(UnixDomainSocketAddress.of(path)));
    }

    public static ServerSocketChannel listen(Path path) throws IOException {
        return ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(path), 1024);
    }

    public static Peer accept(ServerSocketChannel server) throws IOException {
        return new Peer(server.accept());
    }

    /// Dials, asks for the port and reads the OK line.
    public static Peer connect(Path path, long port) throws IOException {
        Peer peer = dial(path);
        peer.write("CONNECT " + port + "\n");
        peer.readOk();
        return peer;
    }

    public void write(String text) throws IOException {
        write(text.getBytes(StandardCharsets.US_ASCII));
    }

    public void write(byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    /// Exactly so many bytes.
    public String read(int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                throw new AssertionError("expected " + length + " bytes, found the end after \""
                        + new String(buffer.array(), 0, buffer.position(), StandardCharsets.US_ASCII) + "\"");
            }
        }
        return new String(buffer.array(), StandardCharsets.US_ASCII);
    }

    public void readOk() throws IOException {
        StringBuilder line = new StringBuilder();
        while (line.indexOf("\n") < 0) {
            line.append(read(1));
        }
        if (!line.toString().matches("OK [0-9]+\n")) {
            throw new AssertionError("expected an OK line, found " + line);
        }
    }

    /// Everything up to the end of the stream; a reset counts as its end.
    public String readToEnd() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(8192);
        try {
            while (channel.read(buffer) >= 0) {
                all.write(buffer.array(), 0, buffer.position());
                buffer.clear();
            }
        } catch (SocketException e) {
            if (!String.valueOf(e.getMessage()).contains("reset")) {
                throw e;
            }
        }
        return all.toString(StandardCharsets.US_ASCII);
    }

    public void end() throws IOException {
        channel.shutdownOutput();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
