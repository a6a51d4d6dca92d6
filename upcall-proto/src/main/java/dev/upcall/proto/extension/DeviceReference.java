package dev.upcall.proto.extension;

import dev.upcall.proto.hybrid.Escaped;
import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.MmioWindow;
import dev.upcall.proto.message.PciFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What an event is about, or what is bound to a guest. Written as `cpu:2`, `mmio:0xd0000000+0x1000`, `pci:00:04.0`, or
/// `none`.
public sealed interface DeviceReference {

    /// Nothing in particular.
    None NONE = new None();

    record None() implements DeviceReference {
        @Override
        public String toString() {
            return "none";
        }
    }

    /// A CPU; on arm64, which has no APIC ids, its number.
    record Cpu(ApicId id) implements DeviceReference {
        @Override
        public String toString() {
            return "cpu:" + id;
        }
    }

    record Mmio(MmioWindow window) implements DeviceReference {
        @Override
        public String toString() {
            return "mmio:" + window;
        }
    }

    record Pci(PciFunction function) implements DeviceReference {
        @Override
        public String toString() {
            return "pci:" + function;
        }
    }

    /// Reads a device as it is written; `none` is no device and is not taken.
    ///
    /// @throws IllegalArgumentException in one sentence that says what was expected
    static DeviceReference parse(String text) {
        try {
            Matcher cpu = Written.CPU.matcher(text);
            if (cpu.matches()) {
                return new Cpu(new ApicId(Integer.parseInt(cpu.group(1))));
            }
            Matcher mmio = Written.MMIO.matcher(text);
            if (mmio.matches()) {
                return new Mmio(new MmioWindow(
                        Long.parseUnsignedLong(mmio.group(1), 16), Long.parseUnsignedLong(mmio.group(2), 16)));
            }
            if (text.startsWith(Written.PCI)) {
                return new Pci(PciFunction.parse(text.substring(Written.PCI.length())));
            }
        } catch (IllegalArgumentException e) {
            throw Written.not(text, e);
        }
        throw Written.not(text, null);
    }

    /// How devices are written.
    final class Written {
        private static final Pattern CPU = Pattern.compile("cpu:([0-9]{1,9})");
        private static final Pattern MMIO = Pattern.compile("mmio:0x([0-9a-fA-F]{1,16})\\+0x([0-9a-fA-F]{1,16})");
        private static final String PCI = "pci:";

        private Written() {}

        private static IllegalArgumentException not(String text, @Nullable IllegalArgumentException why) {
            return new IllegalArgumentException(
                    "a device is cpu:0 to cpu:" + ApicId.MAX + ", mmio:0xd0000000+0x1000 or pci:00:04.0, found \""
                            + Escaped.text(text) + "\"",
                    why);
        }
    }
}
