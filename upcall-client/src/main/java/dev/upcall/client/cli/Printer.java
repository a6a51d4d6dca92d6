package dev.upcall.client.cli;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;

/// Writes results and failures, as text or as JSON. Thread-safe: the shutdown path prints too.
final class Printer {
    private final PrintWriter out;
    private final PrintWriter err;
    private final boolean json;

    Printer(PrintWriter out, PrintWriter err, boolean json) {
        this.out = out;
        this.err = err;
        this.json = json;
    }

    synchronized void print(Report report) {
        if (json) {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("ok", true);
            object.putAll(report.fields());
            out.println(JsonLine.of(object));
        } else {
            report.text().lines().map(Printer::harmless).forEach(out::println);
        }
        out.flush();
    }

    /// Text goes to stderr as one sentence; JSON to stdout, because it is the command's answer.
    synchronized void print(Failure failure) {
        if (json) {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("ok", false);
            object.put("error", failure.exit().name());
            object.put("exit", failure.exit().code());
            if (!failure.reason().isEmpty()) {
                object.put("reason", failure.reason());
            }
            object.put("message", failure.message());
            object.putAll(failure.facts());
            out.println(JsonLine.of(object));
            out.flush();
        } else {
            note(failure.message());
        }
    }

    /// A remark for people, beside the results.
    synchronized void note(String sentence) {
        err.println("upcall: " + harmless(sentence));
        err.flush();
    }

    /// No peer, file or argument gets to steer the terminal.
    static String harmless(String text) {
        if (text.chars().noneMatch(Printer::steers)) {
            return text;
        }
        StringBuilder shown = new StringBuilder();
        text.chars().forEach(c -> {
            if (steers(c)) {
                shown.append(c <= 0xff ? "\\x%02x".formatted(c) : "\\u%04x".formatted(c));
            } else {
                shown.append((char) c);
            }
        });
        return shown.toString();
    }

    private static boolean steers(int c) {
        int type = Character.getType(c);
        return Character.isISOControl(c)
                || type == Character.FORMAT
                || type == Character.LINE_SEPARATOR
                || type == Character.PARAGRAPH_SEPARATOR;
    }
}
