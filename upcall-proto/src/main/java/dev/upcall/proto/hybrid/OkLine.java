package dev.upcall.proto.hybrid;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.regex.Pattern;

/// Reads the `OK <number>\n` line, in any pieces. The number's meaning differs from VMM to VMM: it is not
/// interpreted.
///
/// Not thread-safe: confined to the session's thread.
public final class OkLine {

    private static final Pattern OK = Pattern.compile("OK [0-9]{1,20}");

    private final HandshakeLine line = new HandshakeLine();

    /// Takes bytes up to and including `\n`; what follows stays in `input`. True when the line is whole and right.
    ///
    /// @throws MalformedLineException when it is too long or not `OK <number>`
    public boolean accept(ByteBuffer input) throws MalformedLineException {
        Optional<String> text = line.take(input);
        if (text.isEmpty()) {
            return false;
        }
        if (!OK.matcher(text.get()).matches()) {
            throw new MalformedLineException("expected \"OK <number>\", found \"" + Escaped.text(text.get()) + "\"");
        }
        return true;
    }
}
