package dev.upcall.stub.control;

import dev.upcall.stub.listen.ListeningSocket;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// The other end of the control socket: one command, one answer.
public final class ControlClient {

    /// A dump of 255 CPUs and 1023 connections stays below.
    private static final int ANSWER_BYTES_MAX = 1 << 20;

    private ControlClient() {}

    /// Blocks until the answer is there.
    ///
    /// @return one line of JSON
    /// @throws IOException in one sentence: why there is no answer
    public static String ask(Path path, String command) throws IOException {
        int bytes = path.toString().getBytes(StandardCharsets.UTF_8).length;
        if (bytes > ListeningSocket.PATH_BYTES_MAX) {
            throw new IOException("cannot reach " + path + ": a socket path has at most "
                    + ListeningSocket.PATH_BYTES_MAX + " bytes, and this one has " + bytes);
        }
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            LineChannel lines = new LineChannel(channel, ANSWER_BYTES_MAX);
            lines.write(command);
            return lines.read().orElseThrow(() -> new IOException("closed without an answer"));
        } catch (IOException e) {
            throw new IOException("cannot ask the stub at " + path + ": " + e.getMessage(), e);
        }
    }

    /// Whether an answer says that it was done.
    public static boolean isOk(String answer) {
        return answer.startsWith("{\"ok\":true");
    }
}
