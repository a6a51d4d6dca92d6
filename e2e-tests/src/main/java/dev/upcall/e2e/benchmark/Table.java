package dev.upcall.e2e.benchmark;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/// The measures as text for people.
final class Table {

    private static final List<String> HEAD =
            List.of("row", "who", "what", "median [min – max]", "ratio [min – max]", "aim", "verdict");

    private Table() {}

    static String of(List<Measure> measures) {
        List<List<String>> lines = new ArrayList<>();
        lines.add(HEAD);
        String row = "";
        for (Measure m : measures) {
            lines.add(line(m, m.row().equals(row) ? "" : m.row()));
            row = m.row();
        }
        int[] widths = new int[HEAD.size()];
        for (List<String> line : lines) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], line.get(i).length());
            }
        }
        StringBuilder text = new StringBuilder();
        for (List<String> line : lines) {
            StringBuilder cells = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                cells.append(line.get(i)).repeat(' ', widths[i] - line.get(i).length() + 2);
            }
            text.append(cells.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }

    /// Three digits that count, and no more.
    static String number(double value) {
        double size = Math.abs(value);
        if (size == 0) {
            return "0";
        }
        String format = size >= 100 ? "%,.0f" : size >= 10 ? "%.1f" : size >= 0.01 ? "%.2f" : "%.4f";
        return String.format(Locale.ROOT, format, value);
    }

    private static List<String> line(Measure m, String row) {
        return List.of(
                row,
                m.who(),
                m.what(),
                spread(m.values(), " " + m.unit()),
                m.ratios().isEmpty() ? "" : spread(m.ratios(), " × " + m.against()),
                m.aim().map(Measure.Aim::toString).orElse(""),
                verdict(m));
    }

    private static String spread(List<Double> numbers, String unit) {
        String median = number(Measure.median(numbers)) + unit;
        return numbers.size() == 1
                ? median
                : median + " [" + number(Collections.min(numbers)) + " – " + number(Collections.max(numbers)) + "]";
    }

    private static String verdict(Measure m) {
        String word = switch (m.verdict()) {
            case NONE -> "";
            case MET -> "met";
            case MISSED -> "MISSED";
            case DOUBTFUL -> "DOUBTFUL";
        };
        return m.isRestless() ? (word + " (restless)").trim() : word;
    }
}
