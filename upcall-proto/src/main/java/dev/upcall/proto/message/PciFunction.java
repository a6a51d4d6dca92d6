package dev.upcall.proto.message;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A PCI function of domain 0, written `bus:slot.function` in hexadecimal like lspci does.
///
/// @param bus 0 … 255
/// @param slot 0 … 31
/// @param function 0 … 7
public record PciFunction(int bus, int slot, int function) implements Comparable<PciFunction> {

    private static final Pattern TEXT = Pattern.compile("([0-9a-fA-F]{1,2}):([0-9a-fA-F]{1,2})\\.([0-7])");

    public PciFunction {
        requireRange("bus", bus, 255);
        requireRange("slot", slot, 31);
        requireRange("function", function, 7);
    }

    /// Parses `00:04.0`; anything else is an `IllegalArgumentException` that quotes the text's length, not the text:
    /// callers that show it to people quote and escape it themselves.
    public static PciFunction parse(String text) {
        Matcher m = TEXT.matcher(text);
        if (!m.matches()) {
            throw new IllegalArgumentException("PCI function must look like 00:04.0 (bus:slot.function, hexadecimal)");
        }
        return new PciFunction(
                Integer.parseInt(m.group(1), 16), Integer.parseInt(m.group(2), 16), Integer.parseInt(m.group(3)));
    }

    public static PciFunction ofDevfn(int bus, int devfn) {
        return new PciFunction(bus, devfn >> 3, devfn & 7);
    }

    /// `slot << 3 | function`, as on the wire.
    public int devfn() {
        return slot << 3 | function;
    }

    @Override
    public int compareTo(PciFunction other) {
        return Integer.compare(bus << 8 | devfn(), other.bus << 8 | other.devfn());
    }

    @Override
    public String toString() {
        return "%02x:%02x.%d".formatted(bus, slot, function);
    }

    private static void requireRange(String what, int value, int max) {
        if (value < 0 || value > max) {
            throw new IllegalArgumentException("PCI " + what + " must be 0 to " + max + ": " + value);
        }
    }
}
