package dev.upcall.client.cli;

import dev.upcall.client.UpcallClient;
import dev.upcall.client.UpcallObserver;
import dev.upcall.client.cli.decode.Piece;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/// Writes what passes on the wire, a line for each piece, to a file that only its owner can read. Appends, and
/// flushes each line: a trace is most wanted of a program that died.
final class TraceFile implements UpcallObserver, AutoCloseable {
    private static final FileAttribute<?> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final Path path;
    private final Printer printer;
    private final BufferedWriter lines;
    private boolean broken;

    private TraceFile(Path path, Printer printer, BufferedWriter lines) {
        this.path = path;
        this.printer = printer;
        this.lines = lines;
    }

    /// Opens the file of `--trace`, where one is named.
    static Optional<TraceFile> of(Optional<Path> path, Printer printer) throws Failure {
        return path.isEmpty() ? Optional.empty() : Optional.of(open(path.get(), printer));
    }

    private static TraceFile open(Path path, Printer printer) throws Failure {
        try {
            FileChannel file = FileChannel.open(
                    path,
                    Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND),
                    OWNER_ONLY);
            return new TraceFile(
                    path, printer, new BufferedWriter(Channels.newWriter(file, StandardCharsets.US_ASCII)));
        } catch (IOException e) {
            throw Failure.usage("--trace: cannot write " + path + ": " + Syntax.reason(e));
        }
    }

    @Override
    public boolean traces() {
        return true;
    }

    @Override
    public void traffic(UpcallClient client, boolean toGuest, ByteBuffer bytes) {
        write(Piece.traceLine(Instant.now(), toGuest, bytes));
    }

    private synchronized void write(String line) {
        if (broken) {
            return;
        }
        try {
            lines.write(line);
            lines.newLine();
            lines.flush();
        } catch (IOException e) {
            broken = true;
            printer.note("the trace " + path + " ends here: " + Syntax.reason(e));
        }
    }

    @Override
    public synchronized void close() {
        try {
            lines.close();
        } catch (IOException e) {
            if (!broken) {
                printer.note("the trace " + path + " may be cut: " + Syntax.reason(e));
            }
        }
    }
}
