package dev.upcall.client.cli;

import dev.upcall.proto.guest.GuestProfile;
import dev.upcall.proto.hybrid.Escaped;
import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.MmioDevice;
import dev.upcall.proto.message.PciFunction;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How values are written on the command line. What is not right is a [Failure] with one sentence: which
/// option, what was expected, what was found.
final class Syntax {
    private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})(ms|s|m|h)");
    private static final Pattern NUMBER = Pattern.compile("0[xX]([0-9a-fA-F]{1,16})|([0-9]{1,20})");
    private static final Pattern IDS = Pattern.compile("([0-9]{1,3})(?:-([0-9]{1,3}))?");

    /// Longer texts are cut in messages: the first characters tell which value it was.
    private static final int SHOWN_MAX = 80;

    private Syntax() {}

    /// `250ms`, `10s`, `1m`, `2h`; at least one millisecond.
    static Duration duration(String what, String text) throws Failure {
        Matcher m = DURATION.matcher(text);
        if (m.matches()) {
            long amount = Long.parseLong(m.group(1));
            Duration duration = switch (m.group(2)) {
                case "ms" -> Duration.ofMillis(amount);
                case "s" -> Duration.ofSeconds(amount);
                case "m" -> Duration.ofMinutes(amount);
                default -> Duration.ofHours(amount);
            };
            if (duration.isPositive() && duration.compareTo(DURATION_MAX) <= 0) {
                return duration;
            }
        }
        throw expected(what, "a duration of 1ms to 8760h such as 250ms, 10s, 1m or 2h", text);
    }

    private static final Duration DURATION_MAX = Duration.ofDays(365);

    /// An unsigned 64-bit number, decimal or with `0x`.
    static long address(String what, String text) throws Failure {
        Matcher m = NUMBER.matcher(text);
        try {
            if (m.matches()) {
                return m.group(1) != null ? Long.parseUnsignedLong(m.group(1), 16) : Long.parseUnsignedLong(m.group(2));
            }
        } catch (NumberFormatException e) {
            throw expected(what, "a number of at most 64 bits", text);
        }
        throw expected(what, "a number such as 4096 or 0x1000", text);
    }

    static int integer(String what, String text, int min, int max) throws Failure {
        return (int) number(what, text, min, max);
    }

    /// As [#integer], where the range is wider.
    static long number(String what, String text, long min, long max) throws Failure {
        Matcher m = NUMBER.matcher(text);
        if (m.matches()) {
            long value = address(what, text);
            if (value >= min && value <= max) {
                return value;
            }
        }
        throw expected(what, "a number of " + min + " to " + max, text);
    }

    /// `0,1,2` and `0-3`, in the order written; no id twice.
    static List<ApicId> apicIds(String what, String text) throws Failure {
        List<ApicId> ids = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            Matcher m = IDS.matcher(part);
            if (!m.matches()) {
                throw expected(what, "APIC ids such as 0,1,2 or 0-3", text);
            }
            int first = Integer.parseInt(m.group(1));
            int last = m.group(2) == null ? first : Integer.parseInt(m.group(2));
            if (last > ApicId.MAX || first > last) {
                throw expected(what, "APIC ids of 0 to " + ApicId.MAX + " in rising ranges", text);
            }
            for (int id = first; id <= last; id++) {
                if (ids.contains(new ApicId(id))) {
                    throw Failure.usage(
                            what + ": names APIC id " + id + " twice, found \"" + Escaped.text(cut(text)) + "\"");
                }
                ids.add(new ApicId(id));
            }
        }
        return ids;
    }

    static PciFunction pci(String what, String text) throws Failure {
        try {
            return PciFunction.parse(text);
        } catch (IllegalArgumentException e) {
            throw Failure.usage(what + ": " + e.getMessage() + ", found \"" + Escaped.text(cut(text)) + "\"");
        }
    }

    /// A virtio-mmio device from its three numbers.
    static MmioDevice mmio(String what, String base, String size, String irq) throws Failure {
        try {
            return MmioDevice.of(
                    address(what + " base", base),
                    address(what + " size", size),
                    integer(what + " irq", irq, 1, Integer.MAX_VALUE));
        } catch (IllegalArgumentException e) {
            throw Failure.usage(what + ": " + e.getMessage());
        }
    }

    static GuestProfile kernel(String what, String text) throws Failure {
        return GuestProfile.byId(text).orElseThrow(() -> expected(what, "one of " + GuestProfile.ids(), text));
    }

    /// A constant by its name in small letters.
    static <E extends Enum<E>> E oneOf(String what, String text, Class<E> type) throws Failure {
        List<String> names = new ArrayList<>();
        for (E constant : type.getEnumConstants()) {
            String name = constant.name().toLowerCase(Locale.ROOT);
            if (name.equals(text)) {
                return constant;
            }
            names.add(name);
        }
        throw expected(what, "one of " + String.join(", ", names), text);
    }

    static Failure expected(String what, String expected, String found) {
        return Failure.usage(what + ": expected " + expected + ", found \"" + Escaped.text(cut(found)) + "\"");
    }

    /// A value that a parser of the library reads and, where it must, refuses in a sentence of its own.
    static <T> T parsed(String what, String text, Function<String, T> parser) throws Failure {
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException e) {
            throw Failure.usage(what + ": " + e.getMessage());
        }
    }

    /// What the file system said, without the path it repeats.
    static String reason(IOException e) {
        return switch (e) {
            case NoSuchFileException _ -> "no such file or folder";
            case AccessDeniedException _ -> "permission denied";
            case FileSystemException f when f.getReason() != null -> f.getReason();
            default -> String.valueOf(e.getMessage());
        };
    }

    private static String cut(String text) {
        return text.length() <= SHOWN_MAX ? text : text.substring(0, SHOWN_MAX) + "...";
    }

    static String shown(Duration duration) {
        if (duration.toMillis() % 1000 != 0) {
            return duration.toMillis() + "ms";
        }
        long seconds = duration.toSeconds();
        if (seconds % 3600 == 0) {
            return seconds / 3600 + "h";
        }
        return seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
    }
}
