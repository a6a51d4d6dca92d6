package dev.upcall.e2e.benchmark;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Runs the rows, prints the table and writes the JSON. See the package's documentation.
final class Benchmark {

    /// Written by the launcher script: the folder of the module.
    private static final String HOME = "benchmark.home";

    private Benchmark() {}

    public static void main(String[] arguments) throws Exception {
        Path home = Path.of(System.getProperty(HOME, "")).toAbsolutePath();
        Wish wish = Wish.parse(arguments, home);
        List<Measure> measures = new ArrayList<>();
        Map<String, String> skipped = new LinkedHashMap<>();
        try (Workshop workshop = Workshop.open(home, wish.quick())) {
            for (Row row : rows(home.resolveSibling("upcall"))) {
                if (!wish.wants(row.name())) {
                    continue;
                }
                System.err.println("running " + row.name() + " …");
                try {
                    measures.addAll(row.measure(workshop));
                } catch (Row.SkippedException e) {
                    skipped.put(row.name(), String.valueOf(e.getMessage()));
                }
            }
        }
        System.out.println(Table.of(measures));
        skipped.forEach((row, reason) -> System.out.println("skipped " + row + ": " + reason));
        write(wish, measures, skipped);
        System.out.println("written " + wish.json());
    }

    private static List<Row> rows(Path launcher) {
        return List.of(
                new RequestRow(Workshop.CLIENT_CORE),
                new RequestRow(Workshop.OTHER_CORE),
                new ManyRow(),
                new ConnectRow(),
                new ReturnRow(ReturnRow.Question.LISTENER_UP),
                new ReturnRow(ReturnRow.Question.GUEST_RESTART),
                new GuestsRow(GuestsRow.MANY / 10),
                new GuestsRow(GuestsRow.MANY),
                new OnceRow(Workshop.CLIENT_CORE),
                new OnceRow(Workshop.OTHER_CORE),
                new EventsRow(),
                new LossRow(),
                new ExtendedGuestsRow(GuestsRow.MANY),
                new CliRow(launcher),
                new VsockPacketRow(),
                new VmStreamsRow(launcher),
                new VmMemoryRow(launcher));
    }

    private static void write(Wish wish, List<Measure> measures, Map<String, String> skipped) throws IOException {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("when", Instant.now().toString());
        document.put("java", Runtime.version().toString());
        document.put("kernel", System.getProperty("os.version"));
        document.put("cores", Runtime.getRuntime().availableProcessors());
        document.put("quick", wish.quick());
        document.put("measures", measures.stream().map(Benchmark::document).toList());
        document.put("skipped", new TreeMap<>(skipped));
        new ObjectMapper()
                .writerWithDefaultPrettyPrinter()
                .writeValue(wish.json().toFile(), document);
    }

    private static Map<String, Object> document(Measure m) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("row", m.row());
        document.put("who", m.who());
        document.put("what", m.what());
        document.put("unit", m.unit());
        document.put("median", m.median());
        document.put("values", m.values());
        if (!m.ratios().isEmpty()) {
            document.put("against", m.against());
            document.put("ratio", Measure.median(m.ratios()));
            document.put("ratios", m.ratios());
        }
        m.aim().ifPresent(aim -> {
            document.put("aim", aim.toString());
            document.put("verdict", m.verdict().toString());
        });
        return document;
    }

    /// What the command line asked for.
    ///
    /// @param rows names; none: all
    private record Wish(boolean quick, List<String> rows, Path json) {

        static Wish parse(String[] arguments, Path home) {
            boolean quick = false;
            List<String> rows = List.of();
            Path json = home.resolve("target/benchmark/benchmark.json");
            for (int i = 0; i < arguments.length; i++) {
                switch (arguments[i]) {
                    case "--quick" -> quick = true;
                    case "--rows" -> rows = List.of(value(arguments, ++i).split(",", -1));
                    case "--json" -> json = Path.of(value(arguments, ++i)).toAbsolutePath();
                    default ->
                        throw new IllegalArgumentException(
                                "expected --quick, --rows A,B or --json FILE, found " + arguments[i]);
                }
            }
            return new Wish(quick, rows, json);
        }

        boolean wants(String row) {
            return rows.isEmpty() || rows.contains(row);
        }

        private static String value(String[] arguments, int at) {
            if (at >= arguments.length) {
                throw new IllegalArgumentException("expected a value behind " + arguments[at - 1]);
            }
            return arguments[at];
        }
    }
}
