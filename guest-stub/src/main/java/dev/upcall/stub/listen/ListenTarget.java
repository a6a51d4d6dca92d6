package dev.upcall.stub.listen;

import dev.upcall.client.transport.HybridTarget;
import dev.upcall.client.transport.InProcessTarget;
import dev.upcall.client.transport.Target;
import dev.upcall.client.transport.UnixTarget;
import dev.upcall.client.transport.VsockTarget;
import dev.upcall.proto.hybrid.Escaped;
import java.io.IOException;
import java.util.Optional;

/// Where to listen.
///
/// @param socket empty for standard input and output
public record ListenTarget(Optional<Target> socket) {

    /// How standard input and output are written.
    static final String STDIO = "stdio:";

    /// `unix:///path`, `hvsock:///path[:port]`, `vsock://any[:port]` or `stdio:`.
    ///
    /// @throws IllegalArgumentException in one sentence that quotes what was found
    public static ListenTarget parse(String text) {
        if (text.equals(STDIO)) {
            return new ListenTarget(Optional.empty());
        }
        if (!text.startsWith("unix:") && !text.startsWith("hvsock:") && !text.startsWith("vsock:")) {
            throw new IllegalArgumentException(
                    "expected unix:///path, hvsock:///path[:port], vsock://any[:port] or stdio:, found \""
                            + Escaped.text(text) + "\"");
        }
        return new ListenTarget(Optional.of(Target.parseListener(text)));
    }

    /// @param stdioEnded run when the connection on standard input is over
    /// @throws IOException in one sentence: why nobody can listen there
    public Listener start(GuestThread guest, Runnable stdioEnded) throws IOException {
        if (socket.isEmpty()) {
            return StdioListener.start(guest, System.in, System.out, stdioEnded);
        }
        return switch (socket.get()) {
            case UnixTarget t -> SocketListener.start(guest, t.path(), null, t.toString());
            case HybridTarget t -> SocketListener.start(guest, t.path(), t.port(), t.toString());
            case VsockTarget t -> VsockListener.start(guest, t);
            case InProcessTarget t -> throw new IOException("cannot listen on " + t + ": it has no address");
        };
    }

    @Override
    public String toString() {
        return socket.map(Target::toString).orElse(STDIO);
    }
}
