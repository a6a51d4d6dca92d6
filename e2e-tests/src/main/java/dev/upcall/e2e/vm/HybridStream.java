package dev.upcall.e2e.vm;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// A program of the host at the hybrid socket of a VM: says CONNECT, and then has a stream to a guest's port.
///
/// Every call blocks until it is done; the story's own time limit interrupts it. Confined to one thread, except
/// that one may read while another one writes.
public final class HybridStream implements AutoCloseable {
    private final SocketChannel channel;

    /// The bridge had closed before it could be asked.
    private boolean turnedAway;

    private HybridStream(SocketChannel channel) {
        this.channel = channel;
    }

    /// Connects and asks for the port; the answer is not waited for.
    public static HybridStream ask(Path socket, long port) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(socket));
        HybridStream stream = new HybridStream(channel);
        try {
            stream.write("CONNECT " + port + "\n");
        } catch (IOException _) {
            stream.turnedAway = true;
        }
        return stream;
    }

    /// A stream that the guest has accepted.
    ///
    /// @throws EOFException when it did not
    public static HybridStream open(Path socket, long port) throws IOException {
        HybridStream stream = ask(socket, port);
        if (!stream.isAccepted()) {
            stream.close();
            throw new EOFException("nobody accepted CONNECT " + port);
        }
        return stream;
    }

    /// Reads the answer: `OK`, or the end without a word. A bridge that has no room does not even read what was
    /// asked, and its end is a reset.
    public boolean isAccepted() throws IOException {
        String line;
        try {
            line = turnedAway ? "" : readLine();
        } catch (SocketException _) {
            return false;
        }
        if (line.isEmpty()) {
            return false;
        }
        if (!line.matches("OK \\d+")) {
            throw new IOException("expected OK and a number, found " + line);
        }
        return true;
    }

    public void write(String text) throws IOException {
        write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    public void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /// Up to the next line feed, or to the end.
    public String readLine() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        ByteBuffer one = ByteBuffer.allocate(1);
        while (channel.read(one.clear()) > 0 && one.get(0) != '\n') {
            line.write(one.get(0));
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    /// Fills the buffer.
    ///
    /// @throws EOFException when the stream ends before
    public void readFully(ByteBuffer into) throws IOException {
        while (into.hasRemaining()) {
            if (channel.read(into) < 0) {
                throw new EOFException("the stream ended " + into.remaining() + " bytes too early");
            }
        }
    }

    /// So many characters of ASCII.
    public String read(int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count);
        readFully(bytes);
        return new String(bytes.array(), StandardCharsets.US_ASCII);
    }

    /// All up to the end.
    public String readToTheEnd() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer some = ByteBuffer.allocate(8192);
        while (channel.read(some.clear()) >= 0) {
            all.write(some.array(), 0, some.position());
        }
        return all.toString(StandardCharsets.UTF_8);
    }

    /// Whether nothing has come until now, not even the end.
    public boolean isSilent() throws IOException {
        channel.configureBlocking(false);
        try {
            return channel.read(ByteBuffer.allocate(1)) == 0;
        } finally {
            channel.configureBlocking(true);
        }
    }

    /// Ends our direction.
    public void endOutput() throws IOException {
        channel.shutdownOutput();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
