package dev.upcall.stub.mood;

import dev.upcall.proto.hybrid.Escaped;
import dev.upcall.proto.message.Operation;
import dev.upcall.stub.syntax.WrittenDuration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/// A mood as people write it, read and written: `delay 250ms add-cpu`, `cut 17`. The package's table is the grammar.
public final class MoodSyntax {

    /// All first words, for messages.
    private static final String NAMES =
            "delay, silent, lose, cut, reset, reboot, refuse, split, crash, black-hole, old-dialect,"
                    + " no-service, park or garbage-ok";

    private MoodSyntax() {}

    /// @throws IllegalArgumentException in one sentence that quotes what was found
    public static Mood parse(List<String> words) {
        String name = words.isEmpty() ? "" : words.getFirst();
        List<String> args = words.isEmpty() ? words : words.subList(1, words.size());
        return switch (name) {
            case "delay" ->
                new Mood.Delay(
                        WrittenDuration.nanos(argument(name, args, 0, 2, "a duration")),
                        args.size() > 1 ? Optional.of(operation(args.get(1))) : Optional.empty());
            case "silent" -> bare(name, args, new Mood.Silent());
            case "lose" -> bare(name, args, new Mood.LoseNextReply());
            case "cut" -> new Mood.CutNextFrame(number(name, argument(name, args, 0, 1, "a number of bytes")));
            case "reset" -> bare(name, args, new Mood.ResetNextRequest());
            case "reboot" -> new Mood.RebootAfter(number(name, argument(name, args, 0, 1, "a number of requests")));
            case "refuse" -> bare(name, args, new Mood.Refuse());
            case "split" ->
                new Mood.SplitFrames(
                        number(name, argument(name, args, 0, 2, "a number of bytes")),
                        args.size() > 1 ? WrittenDuration.nanos(args.get(1)) : 0);
            case "crash" -> new Mood.Crash(ending(name, args));
            case "black-hole" -> bare(name, args, new Mood.BlackHole());
            case "old-dialect" -> bare(name, args, new Mood.OldDialect());
            case "no-service" -> bare(name, args, new Mood.NoService());
            case "park" -> new Mood.Park(WrittenDuration.nanos(argument(name, args, 0, 1, "a duration")));
            case "garbage-ok" -> bare(name, args, new Mood.GarbageOk());
            default ->
                throw new IllegalArgumentException("a mood is " + NAMES + ", found \"" + Escaped.text(name) + "\"");
        };
    }

    public static String write(Mood mood) {
        return switch (mood) {
            case Mood.Delay m ->
                "delay " + WrittenDuration.write(m.nanos())
                        + m.only().map(op -> " " + nameOf(op)).orElse("");
            case Mood.Silent _ -> "silent";
            case Mood.LoseNextReply _ -> "lose";
            case Mood.CutNextFrame m -> "cut " + m.atByte();
            case Mood.ResetNextRequest _ -> "reset";
            case Mood.RebootAfter m -> "reboot " + m.requests();
            case Mood.Refuse _ -> "refuse";
            case Mood.SplitFrames m ->
                "split " + m.bytes() + (m.gapNanos() == 0 ? "" : " " + WrittenDuration.write(m.gapNanos()));
            case Mood.Crash m ->
                switch (m.ending()) {
                    case RESTARTS -> "crash restart";
                    case REBOOTS -> "crash reboot";
                    case GOES_ON, CLOSES, CRASHES -> "crash";
                };
            case Mood.BlackHole _ -> "black-hole";
            case Mood.OldDialect _ -> "old-dialect";
            case Mood.NoService _ -> "no-service";
            case Mood.Park m -> "park " + WrittenDuration.write(m.nanos());
            case Mood.GarbageOk _ -> "garbage-ok";
        };
    }

    private static Mood bare(String name, List<String> args, Mood mood) {
        if (!args.isEmpty()) {
            throw new IllegalArgumentException(
                    "the mood " + name + " takes nothing more, found \"" + Escaped.text(args.getFirst()) + "\"");
        }
        return mood;
    }

    private static String argument(String name, List<String> args, int index, int most, String what) {
        if (args.size() <= index) {
            throw new IllegalArgumentException("the mood " + name + " needs " + what + ", found nothing behind it");
        }
        if (args.size() > most) {
            throw new IllegalArgumentException("the mood " + name + " takes at most " + most + " words more, found \""
                    + Escaped.text(args.get(most)) + "\"");
        }
        return args.get(index);
    }

    private static Ending ending(String name, List<String> args) {
        return switch (args.isEmpty() ? "" : argument(name, args, 0, 1, "restart or reboot")) {
            case "" -> Ending.CRASHES;
            case "restart" -> Ending.RESTARTS;
            case "reboot" -> Ending.REBOOTS;
            default ->
                throw new IllegalArgumentException("the mood " + name + " is followed by restart, reboot or nothing,"
                        + " found \"" + Escaped.text(args.getFirst()) + "\"");
        };
    }

    private static int number(String name, String text) {
        if (!text.matches("[0-9]{1,9}")) {
            throw new IllegalArgumentException(
                    "the mood " + name + " needs a decimal number, found \"" + Escaped.text(text) + "\"");
        }
        return Integer.parseInt(text);
    }

    private static Operation operation(String text) {
        return Arrays.stream(Operation.values())
                .filter(op -> nameOf(op).equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("a delay is for "
                        + Arrays.stream(Operation.values())
                                .map(MoodSyntax::nameOf)
                                .collect(Collectors.joining(", "))
                        + ", found \"" + Escaped.text(text) + "\""));
    }

    private static String nameOf(Operation operation) {
        return operation.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
