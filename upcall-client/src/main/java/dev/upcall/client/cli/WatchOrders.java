package dev.upcall.client.cli;

import dev.upcall.client.UpcallClient;
import dev.upcall.proto.extension.DeviceReference;
import dev.upcall.proto.extension.liveness.RemovalPolicy;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// What `watch` can be told on its standard input, a line each: the removal policy lives in the process that holds the
/// session.
///
/// ```
///  policy auto|manual
///  unregister all | cpu:2 | mmio:0xd0000000+0x1000 | pci:00:04.0
/// ```
final class WatchOrders {
    /// An order of a person or a program is a few words.
    private static final int LINE_CHARACTERS_MAX = 200;

    private final UpcallClient client;
    private final Printer printer;

    WatchOrders(UpcallClient client, Printer printer) {
        this.client = client;
        this.printer = printer;
    }

    /// Reads on a thread of its own that ends with the input or the process.
    void follow(InputStream in) {
        Thread.ofPlatform().name("watch-orders").daemon().start(() -> {
            try (BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
                for (String line = next(lines); line != null; line = next(lines)) {
                    if (!line.isBlank()) {
                        obey(line.strip());
                    }
                }
            } catch (IOException e) {
                printer.note("standard input: " + Syntax.reason(e));
            }
        });
    }

    /// Carries out one line; what is none is said, and nothing changes.
    void obey(String line) {
        String[] words = line.split("\\s+", -1);
        try {
            if (words.length == 2 && words[0].equals("policy")) {
                client.setRemovalPolicy(Syntax.oneOf("policy", words[1], RemovalPolicy.class));
            } else if (words.length == 2 && words[0].equals("unregister")) {
                if (words[1].equals("all")) {
                    client.unregisterAll();
                } else {
                    client.unregister(Syntax.parsed("unregister", words[1], DeviceReference::parse));
                }
            } else {
                throw Syntax.expected("standard input", "policy auto|manual or unregister DEVICE|all", line);
            }
        } catch (Failure e) {
            printer.note(e.message());
        }
    }

    /// The next line; one that is too long is cut, and its rest read over.
    private static @Nullable String next(BufferedReader lines) throws IOException {
        StringBuilder line = new StringBuilder();
        int c = lines.read();
        if (c < 0) {
            return null;
        }
        while (c >= 0 && c != '\n') {
            if (line.length() < LINE_CHARACTERS_MAX) {
                line.append((char) c);
            }
            c = lines.read();
        }
        return line.toString();
    }
}
