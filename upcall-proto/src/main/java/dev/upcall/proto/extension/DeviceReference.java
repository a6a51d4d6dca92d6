package dev.upcall.proto.extension;

import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.MmioWindow;
import dev.upcall.proto.message.PciFunction;

/// What an event is about, or what is bound to a guest.
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
}
