package dev.upcall.stub.linux;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/// Which APIC id a CPU has that is not online, as far as the firmware tells: the package's "how an id
/// is found".
///
/// Immutable; the tables of a kernel do not change while it runs.
final class Firmware {

    private static final String TABLES = "sys/firmware/acpi/tables";

    private final Madt madt;
    private final ProcessorObjects processors;

    private Firmware(Madt madt, ProcessorObjects processors) {
        this.madt = madt;
        this.processors = processors;
    }

    /// Reads what there is. What cannot be read is said, and counts as not there: such a guest is
    /// served as far as its CPUs have been online.
    static Firmware read(Sysfs sysfs, Consumer<String> notes) {
        Madt madt = Madt.NONE;
        try {
            madt = Madt.parse(sysfs.bytes(TABLES + "/APIC", Madt.BYTES_MAX));
        } catch (IOException | IllegalArgumentException e) {
            notes.accept("no APIC id is known of CPUs that have not been online: the ACPI table APIC cannot be used: "
                    + e.getMessage());
        }
        return new Firmware(madt, ProcessorObjects.in(amlTables(sysfs, notes)));
    }

    /// @param node the CPU's folder in sysfs
    OptionalLong apicId(Sysfs sysfs, String node) {
        return uid(sysfs, node + "/firmware_node").stream()
                .flatMap(uid -> madt.apicId(uid).stream())
                .findFirst();
    }

    /// A CPU with this id may be there, now or later.
    boolean lists(long apicId) {
        return madt.lists(apicId);
    }

    private OptionalLong uid(Sysfs sysfs, String node) {
        Optional<String> uid = sysfs.attribute(node + "/uid");
        if (uid.isPresent()) {
            return KernelText.uid(uid.get());
        }
        return sysfs.attribute(node + "/path").map(processors::uid).orElse(OptionalLong.empty());
    }

    private static List<byte[]> amlTables(Sysfs sysfs, Consumer<String> notes) {
        List<byte[]> tables = new ArrayList<>();
        try {
            for (String folder : List.of(TABLES, TABLES + "/dynamic")) {
                for (String name : sysfs.names(folder)) {
                    if ((name.equals("DSDT") || name.startsWith("SSDT"))
                            && tables.size() < ProcessorObjects.TABLES_MAX) {
                        tables.add(sysfs.bytes(folder + "/" + name, ProcessorObjects.TABLE_BYTES_MAX));
                    }
                }
            }
        } catch (IOException e) {
            notes.accept("the firmware's names of processors are not all known: " + e.getMessage());
        }
        return tables;
    }
}
