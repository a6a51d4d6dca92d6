package dev.upcall.client.cli;

import dev.upcall.client.cli.decode.Explanation;
import dev.upcall.client.cli.decode.LineReader;
import dev.upcall.client.cli.decode.MalformedRecordException;
import dev.upcall.client.cli.decode.Piece;
import dev.upcall.client.cli.decode.Transcript;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `upcall decode`: recorded traffic, explained field by field.
@Command(
        name = "decode",
        description = {
            "Explain frames field by field: the lines of a --trace file, hex, or JSON vectors.",
            "A line that is none of these is reported, and the others are explained all the same; the exit code is"
                    + " then 2. --kernel kata-arm64 reads CPU requests as such a guest does."
        },
        footer = {
            "",
            "Examples:",
            "  upcall -t unix:///run/guest.sock --trace t.log cpu add 1; upcall decode t.log",
            "  echo 00014d440200000007000000000000000020 | upcall decode"
        })
final class DecodeCommand implements Callable<Integer> {
    private final Program program;

    @Parameters(index = "0", arity = "0..1", paramLabel = "FILE", description = "What to read; stdin without it.")
    @Nullable
    String file;

    DecodeCommand(Program program) {
        this.program = program;
    }

    @Override
    public Integer call() throws Failure {
        Transcript transcript = new Transcript(program.settings().profile().cpuModel());
        String name = file == null ? "-" : file;
        ExitCode exit = ExitCode.DONE;
        try (BoundedLines lines = new BoundedLines(
                new BufferedReader(new InputStreamReader(
                        new InputText(program.surroundings().in()).open("frames", name), StandardCharsets.UTF_8)),
                LineReader.CHARACTERS_MAX)) {
            int number = 0;
            for (Optional<String> line = lines.next(); line.isPresent(); line = lines.next()) {
                number++;
                try {
                    Optional<Piece> piece = LineReader.read(line.get(), number);
                    piece.map(transcript::accept)
                            .orElse(List.of())
                            .forEach(e -> program.printer().print(report(e)));
                } catch (MalformedRecordException e) {
                    program.printer()
                            .print(Failure.usage(name + " line " + number + ": " + e.getMessage())
                                    .with("line", number));
                    exit = ExitCode.USAGE;
                }
            }
        } catch (IOException e) {
            throw Failure.usage("cannot read frames from " + name + ": " + Syntax.reason(e));
        }
        return exit.code();
    }

    private static Report report(Explanation e) {
        Report report = Report.of(text(e)).with("line", e.line());
        for (Map.Entry<String, String> each :
                Map.of("time", e.time(), "label", e.label(), "operation", e.operation()).entrySet().stream()
                        .sorted(Map.Entry.comparingByKey())
                        .toList()) {
            if (!each.getValue().isEmpty()) {
                report = report.with(each.getKey(), each.getValue());
            }
        }
        return report.with("direction", e.direction().sign())
                .with("kind", e.kind().name())
                .with("title", e.title())
                .with("fields", e.fields().stream().map(DecodeCommand::fields).toList())
                .with("remarks", e.remarks());
    }

    private static Map<String, Object> fields(Explanation.Field field) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("offset", field.offset());
        map.put("size", field.size());
        map.put("name", field.name());
        map.put("value", field.value());
        if (!field.note().isEmpty()) {
            map.put("note", field.note());
        }
        return map;
    }

    private static String text(Explanation e) {
        StringBuilder text = new StringBuilder("line " + e.line() + "  ");
        for (String part : List.of(e.time(), e.direction().sign(), e.title())) {
            text.append(part).append(part.isEmpty() ? "" : "  ");
        }
        text.append(e.label().isEmpty() ? "" : "[" + e.label() + "]").append('\n');
        for (Explanation.Field f : e.fields()) {
            text.append(String.format(
                            Locale.ROOT,
                            "  %4d %4d  %-14s %-12s %s",
                            f.offset(),
                            f.size(),
                            f.name(),
                            f.value(),
                            f.note())
                    .stripTrailing());
            text.append('\n');
        }
        e.remarks().forEach(remark -> text.append("  ! ").append(remark).append('\n'));
        return text.toString();
    }
}
