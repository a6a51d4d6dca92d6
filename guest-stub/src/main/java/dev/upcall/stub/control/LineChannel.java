package dev.upcall.stub.control;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// Lines over a blocking channel, UTF-8, ended by `\n`.
///
/// Confined to one thread.
final class LineChannel {

    /// Commands are short; only answers may be longer.
    static final int COMMAND_BYTES_MAX = 4096;

    private final SocketChannel channel;
    private final int lineBytesMax;
    private final ByteBuffer read = ByteBuffer.allocate(COMMAND_BYTES_MAX).flip();

    LineChannel(SocketChannel channel) {
        this(channel, COMMAND_BYTES_MAX);
    }

    LineChannel(SocketChannel channel, int lineBytesMax) {
        this.channel = channel;
        this.lineBytesMax = lineBytesMax;
    }

    /// The next line without its `\n`; empty at the end of the stream, where an unfinished line is none.
    ///
    /// @throws IOException also when the line is longer than allowed
    Optional<String> read() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (true) {
            while (read.hasRemaining()) {
                byte b = read.get();
                if (b == '\n') {
                    return Optional.of(line.toString(StandardCharsets.UTF_8));
                }
                if (line.size() == lineBytesMax) {
                    throw new IOException("a line of more than " + lineBytesMax + " bytes");
                }
                line.write(b);
            }
            read.clear();
            int count = channel.read(read);
            read.flip();
            if (count < 0) {
                return Optional.empty();
            }
        }
    }

    void write(String line) throws IOException {
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(line + "\n");
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
