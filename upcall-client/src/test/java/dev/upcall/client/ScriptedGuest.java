package dev.upcall.client;

import dev.upcall.proto.extension.ExtensionType;
import dev.upcall.proto.wire.FrameHeader;
import dev.upcall.proto.wire.FrameLayout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/// A peer for tests that says exactly what the test wants, over a real UNIX socket: it knows the frame, and no rule of
/// any guest but one: it has no extensions.
///
/// Each connection runs on a virtual thread: handshake, then the script once per whole request.
public final class ScriptedGuest implements AutoCloseable {

    /// What the guest does with one request.
    @FunctionalInterface
    public interface Script {
        void serve(Connection connection, FrameHeader header, ByteBuffer frame) throws Exception;
    }

    private final Path path;
    private final ServerSocketChannel server;
    private final boolean hybrid;
    private final boolean stock;
    private final List<SocketChannel> open = new CopyOnWriteArrayList<>();
    private final AtomicInteger connections = new AtomicInteger();
    private final List<FrameHeader> requests = new CopyOnWriteArrayList<>();
    private volatile Script script;

    private ScriptedGuest(Path path, boolean hybrid, boolean stock, Script script) throws IOException {
        this.path = path;
        this.hybrid = hybrid;
        this.stock = stock;
        this.script = script;
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        Files.deleteIfExists(path);
        server.bind(UnixDomainSocketAddress.of(path));
        Thread.ofVirtual().start(this::accept);
    }

    public static ScriptedGuest behindHybrid(Path path, Script script) throws IOException {
        return new ScriptedGuest(path, true, true, script);
    }

    /// Its script is given the frames of the extensions too.
    public static ScriptedGuest extendedBehindHybrid(Path path, Script script) throws IOException {
        return new ScriptedGuest(path, true, false, script);
    }

    public static ScriptedGuest plain(Path path, Script script) throws IOException {
        return new ScriptedGuest(path, false, true, script);
    }

    /// Answers every request with this result and no load.
    public static Script always(int result) {
        return (connection, header, _) -> connection.reply(header.msgType(), 0, result, 0);
    }

    public void nowDoes(Script other) {
        script = other;
    }

    public int connections() {
        return connections.get();
    }

    /// The headers of all whole requests, in order of arrival.
    public List<FrameHeader> requests() {
        return requests;
    }

    /// Cuts every open connection.
    public void cut() throws IOException {
        for (SocketChannel channel : open) {
            channel.close();
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        cut();
        Files.deleteIfExists(path);
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel channel = server.accept();
                connections.incrementAndGet();
                open.add(channel);
                Thread.ofVirtual().start(() -> run(channel));
            }
        } catch (ClosedChannelException e) {
            // closed by the test
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void run(SocketChannel channel) {
        Connection connection = new Connection(channel);
        try (channel) {
            if (hybrid) {
                connection.readLine();
                connection.write("OK 1073741824\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            }
            connection.read(1);
            connection.frame(0, 0, 0, 0);
            while (true) {
                ByteBuffer frame = connection.read(FrameLayout.FRAME_BYTES);
                FrameHeader header = FrameHeader.read(frame, 0);
                if (stock && header.msgType() == ExtensionType.HANDSHAKE.msgType()) {
                    connection.reply(header.msgType(), 0, -1, 0); // a stock guest
                    continue;
                }
                requests.add(header);
                script.serve(connection, header, frame);
            }
        } catch (Exception e) {
            // the client went, the test cut the connection, or the script ended it
        } finally {
            open.remove(channel);
        }
    }

    /// One accepted connection, from the guest's side. Blocking.
    public static final class Connection {
        private final SocketChannel channel;

        Connection(SocketChannel channel) {
            this.channel = channel;
        }

        public void reply(int type, int size, int result, int word) throws IOException {
            frame(type, size, result, word);
        }

        public void frame(int type, int size, int result, int word) throws IOException {
            ByteBuffer frame = ByteBuffer.allocate(FrameLayout.FRAME_BYTES).order(ByteOrder.LITTLE_ENDIAN);
            frame.putInt(0, FrameLayout.MAGIC).putInt(4, size).putInt(8, type);
            frame.putInt(16, result).putInt(20, word);
            while (frame.hasRemaining()) {
                channel.write(frame);
            }
        }

        public void write(byte[] bytes) throws IOException {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
        }

        public void close() throws IOException {
            channel.close();
        }

        boolean isOpen() {
            return channel.isOpen();
        }

        ByteBuffer read(int length) throws IOException {
            ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
            while (buffer.hasRemaining()) {
                if (channel.read(buffer) < 0) {
                    throw new ClosedChannelException();
                }
            }
            return buffer.flip();
        }

        void readLine() throws IOException {
            while (read(1).get(0) != '\n') {
                // the line itself is of no interest here
            }
        }
    }
}
