package dev.upcall.stub.syntax;

import dev.upcall.proto.hybrid.Escaped;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Durations as people write them: a whole number and `ns`, `us`, `ms`, `s`, `m` or `h`. `250ms`, `10s`.
public final class WrittenDuration {

    private static final Pattern TEXT = Pattern.compile("([0-9]{1,9})(ns|us|ms|s|m|h)");

    private WrittenDuration() {}

    /// @throws IllegalArgumentException in one sentence that quotes what was found
    public static long nanos(String text) {
        Matcher m = TEXT.matcher(text);
        if (!m.matches()) {
            throw new IllegalArgumentException(
                    "a duration is a whole number and ns, us, ms, s, m or h, like 250ms, found \"" + Escaped.text(text)
                            + "\"");
        }
        return unit(m.group(2)).toNanos(Long.parseLong(m.group(1)));
    }

    /// In the largest unit that is exact.
    public static String write(long nanos) {
        for (String name : new String[] {"h", "m", "s", "ms", "us"}) {
            long one = unit(name).toNanos(1);
            if (nanos != 0 && nanos % one == 0) {
                return nanos / one + name;
            }
        }
        return nanos + "ns";
    }

    private static TimeUnit unit(String name) {
        return switch (name) {
            case "ns" -> TimeUnit.NANOSECONDS;
            case "us" -> TimeUnit.MICROSECONDS;
            case "ms" -> TimeUnit.MILLISECONDS;
            case "s" -> TimeUnit.SECONDS;
            case "m" -> TimeUnit.MINUTES;
            case "h" -> TimeUnit.HOURS;
            default -> throw new IllegalArgumentException("no unit: " + name);
        };
    }
}
