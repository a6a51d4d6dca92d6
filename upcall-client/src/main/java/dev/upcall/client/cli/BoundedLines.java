package dev.upcall.client.cli;

import java.io.Closeable;
import java.io.IOException;
import java.io.Reader;
import java.util.Optional;

/// Lines of a text that may be anything, a line of a gigabyte included: what is longer than the limit is cut one
/// character behind it, so that whoever judges the line sees that it is too long.
final class BoundedLines implements Closeable {
    private final Reader text;
    private final int charactersMax;

    /// @param text buffered by the caller
    BoundedLines(Reader text, int charactersMax) {
        this.text = text;
        this.charactersMax = charactersMax;
    }

    /// The next line without its end; empty at the end of the text.
    Optional<String> next() throws IOException {
        StringBuilder line = new StringBuilder();
        int c = text.read();
        if (c < 0) {
            return Optional.empty();
        }
        while (c >= 0 && c != '\n') {
            if (line.length() <= charactersMax) {
                line.append((char) c);
            }
            c = text.read();
        }
        return Optional.of(line.toString());
    }

    @Override
    public void close() throws IOException {
        text.close();
    }
}
