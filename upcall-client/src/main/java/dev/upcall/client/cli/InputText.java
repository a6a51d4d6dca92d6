package dev.upcall.client.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/// Reads a file that a user named, or stdin for `-`, up to a limit.
final class InputText {
    private final InputStream stdin;

    InputText(InputStream stdin) {
        this.stdin = stdin;
    }

    String read(String what, String name, int bytesMax) throws Failure {
        try (InputStream in = open(what, name)) {
            byte[] bytes = in.readNBytes(bytesMax + 1);
            if (bytes.length > bytesMax) {
                throw Failure.usage(what + " in " + name + " is larger than " + bytesMax + " bytes");
            }
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw Failure.usage("cannot read " + what + " from " + name + ": " + Syntax.reason(e));
        }
    }

    InputStream open(String what, String name) throws Failure {
        if (name.equals("-")) {
            return stdin;
        }
        try {
            Path path = Path.of(name);
            if (Files.isDirectory(path)) {
                throw Failure.usage("cannot read " + what + " from " + name + ": it is a folder");
            }
            return Files.newInputStream(path);
        } catch (InvalidPathException e) {
            throw Syntax.expected(what, "a file's path", name);
        } catch (IOException e) {
            throw Failure.usage("cannot read " + what + " from " + name + ": " + Syntax.reason(e));
        }
    }
}
