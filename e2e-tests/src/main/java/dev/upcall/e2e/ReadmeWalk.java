package dev.upcall.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/// The commands of one section of the README, as a reader would paste them, and what it says that they print.
///
/// @param commands each behind a `$`, with the lines that a backslash continues
/// @param printed every other line of the section's console blocks
public record ReadmeWalk(List<String> commands, List<String> printed) {
    private static final String PROMPT = "$ ";

    public ReadmeWalk {
        commands = List.copyOf(commands);
        printed = List.copyOf(printed);
    }

    /// @param title of the section
    public static ReadmeWalk of(String title) {
        try {
            return in(Files.readAllLines(Repository.file("README.md")), "## " + title);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ReadmeWalk in(List<String> lines, String heading) {
        int from = lines.indexOf(heading);
        if (from < 0) {
            throw new IllegalArgumentException("README.md has no section `" + heading + "`");
        }
        List<String> commands = new ArrayList<>();
        List<String> printed = new ArrayList<>();
        boolean console = false;
        boolean continued = false;
        for (String line : lines.subList(from + 1, lines.size())) {
            if (!console && line.startsWith("## ")) {
                break;
            }
            if (line.startsWith("```")) {
                console = line.equals("```console");
            } else if (console && continued) {
                commands.add(commands.removeLast() + "\n" + line);
            } else if (console && line.startsWith(PROMPT)) {
                commands.add(line.substring(PROMPT.length()));
            } else if (console) {
                printed.add(line);
            }
            continued = console && line.endsWith("\\");
        }
        return new ReadmeWalk(commands, printed);
    }

    /// The commands that do not begin so.
    public ReadmeWalk without(String beginning) {
        return new ReadmeWalk(
                commands.stream()
                        .filter(command -> !command.startsWith(beginning))
                        .toList(),
                printed);
    }

    /// The same walk with another word for one of its words.
    public ReadmeWalk with(String word, String other) {
        return new ReadmeWalk(
                commands.stream().map(command -> command.replace(word, other)).toList(), printed);
    }

    /// All of it for one bash, which ends at the first command that fails and leaves nobody behind.
    public String script() {
        return "set -e\ntrap 'kill $(jobs -p) 2>/dev/null || true; wait' EXIT\n" + String.join("\n", commands) + "\n";
    }
}
