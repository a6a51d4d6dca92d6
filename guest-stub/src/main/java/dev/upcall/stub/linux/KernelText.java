package dev.upcall.stub.linux;

import dev.upcall.proto.hybrid.Escaped;
import dev.upcall.proto.message.PciFunction;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How a kernel writes what it has, in sysfs and procfs.
///
/// | written                          | read by          | example                         |
/// |----------------------------------|------------------|---------------------------------|
/// | a list of CPU numbers            | [#cpuList]       | `0-2,5`                         |
/// | `/proc/cpuinfo`                  | [#apicIds]       | `processor : 2` … `apicid : 3`  |
/// | `/sys/devices/system/cpu/cpuN`   | [#cpuNumber]     | `cpu2`                          |
/// | `/sys/bus/pci/devices/…`         | [#pciFunction]   | `0000:00:05.0`                  |
/// | `firmware_node/uid`              | [#uid]           | `3`                             |
final class KernelText {

    /// The largest NR_CPUS of an x86 kernel.
    static final int CPUS_MAX = 8192;

    private static final Pattern RANGE = Pattern.compile("([0-9]{1,5})(?:-([0-9]{1,5}))?");
    private static final Pattern CPU = Pattern.compile("cpu([0-9]{1,5})");
    private static final Pattern PCI = Pattern.compile("0000:([0-9a-f]{2}:[0-9a-f]{2}\\.[0-7])");
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,10}");

    private KernelText() {}

    /// @throws IllegalArgumentException in one sentence that quotes what was found
    static BitSet cpuList(String text) {
        BitSet cpus = new BitSet();
        String list = text.strip();
        for (String range : list.isEmpty() ? new String[0] : list.split(",", -1)) {
            Matcher m = RANGE.matcher(range);
            int first = m.matches() ? Integer.parseInt(m.group(1)) : CPUS_MAX;
            int last = first == CPUS_MAX || m.group(2) == null ? first : Integer.parseInt(m.group(2));
            if (last >= CPUS_MAX || last < first) {
                throw new IllegalArgumentException("a list of CPUs is numbers and ranges up to " + (CPUS_MAX - 1)
                        + ", like 0-2,5, found \"" + Escaped.text(range) + "\"");
            }
            cpus.set(first, last + 1);
        }
        return cpus;
    }

    /// CPU number → APIC id of the CPUs that are online; a block without one of the two, or with
    /// nonsense, is left out.
    static Map<Integer, Integer> apicIds(String cpuinfo) {
        Map<Integer, Integer> ids = new HashMap<>();
        OptionalLong number = OptionalLong.empty();
        for (String line : cpuinfo.lines().toList()) {
            int colon = line.indexOf(':');
            String key = colon < 0 ? "" : line.substring(0, colon).strip();
            String value = colon < 0 ? "" : line.substring(colon + 1).strip();
            if (key.equals("processor")) {
                number = uid(value);
            } else if (key.equals("apicid")
                    && number.isPresent()
                    && number.getAsLong() < CPUS_MAX
                    && uid(value).orElse(Long.MAX_VALUE) <= Integer.MAX_VALUE) {
                ids.put((int) number.getAsLong(), (int) uid(value).getAsLong());
            }
        }
        return ids;
    }

    static OptionalInt cpuNumber(String fileName) {
        Matcher m = CPU.matcher(fileName);
        int number = m.matches() ? Integer.parseInt(m.group(1)) : CPUS_MAX;
        return number < CPUS_MAX ? OptionalInt.of(number) : OptionalInt.empty();
    }

    /// Functions of other domains than 0 have no words in the protocol.
    static Optional<PciFunction> pciFunction(String fileName) {
        Matcher m = PCI.matcher(fileName);
        return m.matches() && fileName.charAt(8) < '2' ? Optional.of(PciFunction.parse(m.group(1))) : Optional.empty();
    }

    static OptionalLong uid(String text) {
        String digits = text.strip();
        return NUMBER.matcher(digits).matches() ? OptionalLong.of(Long.parseLong(digits)) : OptionalLong.empty();
    }
}
