package dev.upcall.proto.hybrid;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The `CONNECT <port>\n` line: written in one piece by a client, read in any pieces by whoever plays the VMM.
///
/// Not thread-safe.
public final class ConnectLine {

    /// vsock ports are u32; the last one is VMADDR_PORT_ANY.
    public static final long PORT_MAX = 0xFFFF_FFFEL;

    /// The port of the upcall service.
    public static final long UPCALL_PORT = 0xDB;

    private static final Pattern CONNECT = Pattern.compile("connect ([0-9]{1,10})\r?", Pattern.CASE_INSENSITIVE);

    private final HandshakeLine line = new HandshakeLine();

    /// The bytes a client writes, at once.
    public static byte[] bytes(long port) {
        if (port < 0 || port > PORT_MAX) {
            throw new IllegalArgumentException("vsock port must be 0 to " + PORT_MAX + ": " + port);
        }
        return ("CONNECT " + port + "\n").getBytes(StandardCharsets.US_ASCII);
    }

    /// Takes bytes up to and including `\n`; what follows stays in `input`. The port when the line is whole.
    ///
    /// @throws MalformedLineException when it is too long, not `CONNECT <port>`, or the port is out of range
    public OptionalLong accept(ByteBuffer input) throws MalformedLineException {
        Optional<String> text = line.take(input);
        if (text.isEmpty()) {
            return OptionalLong.empty();
        }
        Matcher m = CONNECT.matcher(text.get());
        if (!m.matches() || Long.parseLong(m.group(1)) > PORT_MAX) {
            throw new MalformedLineException("expected \"CONNECT <port>\" with a port of 0 to " + PORT_MAX
                    + ", found \"" + Escaped.text(text.get()) + "\"");
        }
        return OptionalLong.of(Long.parseLong(m.group(1)));
    }
}
