package dev.upcall.proto.message;

import java.util.HashSet;
import java.util.List;
import java.util.stream.Collectors;

/// What a VMM can ask of a guest. A request that exists can be written; see `guest.Safety` for whether it should be.
///
/// Duplicate ids and count 0 cannot be expressed: the first damages or crashes every x86 guest (`upcall-wire` 5.3,
/// 5.4), the second runs through an uninitialised variable (5.6).
public sealed interface Request {

    /// ADD_CPU to an x86-64 guest. Ids are added in list order; a failing one leaves those before it added (5.3).
    record AddCpu(List<ApicId> ids) implements Request {
        public AddCpu {
            ids = distinctIds("ADD_CPU", ids);
        }

        public AddCpu(ApicId id) {
            this(List.of(id));
        }

        @Override
        public Operation operation() {
            return Operation.ADD_CPU;
        }

        @Override
        public String toString() {
            return "ADD_CPU " + idText(ids);
        }
    }

    /// DEL_CPU to an x86-64 guest. Order matters to 5.10 and 6.1 guests: descending by slot (5.4).
    record DelCpu(List<ApicId> ids) implements Request {
        public DelCpu {
            ids = distinctIds("DEL_CPU", ids);
        }

        public DelCpu(ApicId id) {
            this(List.of(id));
        }

        @Override
        public Operation operation() {
            return Operation.DEL_CPU;
        }

        @Override
        public String toString() {
            return "DEL_CPU " + idText(ids);
        }
    }

    /// ADD_CPU to an arm64 guest: the next `count` CPUs that are not online. Relative, so never to be repeated.
    record AddCpuCount(int count) implements Request {
        public AddCpuCount {
            requireCount("ADD_CPU", count);
        }

        @Override
        public Operation operation() {
            return Operation.ADD_CPU;
        }

        @Override
        public String toString() {
            return "ADD_CPU count " + count;
        }
    }

    /// DEL_CPU to an arm64 guest: the `count` highest CPUs. Relative, so never to be repeated.
    record DelCpuCount(int count) implements Request {
        public DelCpuCount {
            requireCount("DEL_CPU", count);
        }

        @Override
        public Operation operation() {
            return Operation.DEL_CPU;
        }

        @Override
        public String toString() {
            return "DEL_CPU count " + count;
        }
    }

    record AddMmio(MmioDevice device) implements Request {
        @Override
        public Operation operation() {
            return Operation.ADD_MMIO;
        }

        @Override
        public String toString() {
            return "ADD_MMIO " + device;
        }
    }

    record DelMmio(MmioDevice device) implements Request {
        @Override
        public Operation operation() {
            return Operation.DEL_MMIO;
        }

        @Override
        public String toString() {
            return "DEL_MMIO " + device;
        }
    }

    record AddPci(PciFunction function) implements Request {
        @Override
        public Operation operation() {
            return Operation.ADD_PCI;
        }

        @Override
        public String toString() {
            return "ADD_PCI " + function;
        }
    }

    record DelPci(PciFunction function) implements Request {
        @Override
        public Operation operation() {
            return Operation.DEL_PCI;
        }

        @Override
        public String toString() {
            return "DEL_PCI " + function;
        }
    }

    /// The count byte is eight bits wide.
    int CPU_COUNT_MAX = 255;

    Operation operation();

    private static List<ApicId> distinctIds(String what, List<ApicId> ids) {
        List<ApicId> copy = List.copyOf(ids);
        requireCount(what, copy.size());
        if (copy.size() > 1 && new HashSet<>(copy).size() != copy.size()) {
            throw new IllegalArgumentException(what + " must not name an APIC id twice: " + idText(copy));
        }
        return copy;
    }

    private static void requireCount(String what, int count) {
        if (count < 1 || count > CPU_COUNT_MAX) {
            throw new IllegalArgumentException(what + " count must be 1 to " + CPU_COUNT_MAX + ": " + count);
        }
    }

    private static String idText(List<ApicId> ids) {
        return ids.stream().map(ApicId::toString).collect(Collectors.joining(","));
    }
}
