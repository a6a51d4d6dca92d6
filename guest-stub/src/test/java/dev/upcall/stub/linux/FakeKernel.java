package dev.upcall.stub.linux;

import dev.upcall.proto.message.PciFunction;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A tree of files as a kernel shows them, and what it does when they are written.
///
/// Boots with four possible CPUs, ids as a QEMU guest's tables have them, of which CPU 0 is there and
/// online; and with functions 00:00.0, 00:03.0 (vsock) and 00:05.0 (virtio-blk). Confined to a test's
/// threads one at a time.
final class FakeKernel implements AttributeWriter {
    static final String CPU = "sys/devices/system/cpu";
    static final String TABLES = "sys/firmware/acpi/tables";

    final Path root;

    /// CPU number → APIC id of the vCPUs that the VMM has made.
    private final Map<Integer, Integer> cpus = new TreeMap<>();

    private final NavigableSet<Integer> online = new TreeSet<>();

    /// Functions that the VMM has, known to the kernel or not.
    private final NavigableSet<PciFunction> vmm = new TreeSet<>();

    /// Results of writes to a file, in the place of what it would do.
    private final Map<String, Integer> failures = new HashMap<>();

    /// What was written, `file=value`.
    final List<String> written = new ArrayList<>();

    /// What the agent has noted.
    final List<String> notes = new ArrayList<>();

    /// Run while the agent waits, with the nanoseconds so far.
    private PauseAction meanwhile = _ -> {};

    private long waited;

    /// What happens while the agent waits.
    @FunctionalInterface
    interface PauseAction {
        void at(long nanos) throws IOException;
    }

    FakeKernel(Path root) throws IOException {
        this.root = root;
        file(CPU + "/possible", "0-3");
        file("proc/sys/kernel/osrelease", "6.1.0-fake");
        file("proc/sys/kernel/random/boot_id", "5db54521-da52-4a53-bcb4-08af47557426");
        Files.createDirectories(at("sys/class/pci_bus/0000:00"));
        file("sys/class/pci_bus/0000:00/rescan", "");
        table("APIC", AcpiTables.dump("madt.hex"));
        byte[] dsdt = AcpiTables.dump("dsdt-processors.hex");
        table("DSDT", Arrays.copyOf(dsdt, dsdt.length + 64));
        comes(0, 0);
        Files.delete(at(CPU + "/cpu0/online"));
        goes(0, true);
        for (String function : List.of("00:00.0", "00:03.0", "00:05.0")) {
            vmmHas(function);
            appears(PciFunction.parse(function));
        }
        Path vsock = at("sys/devices/pci0000:00/0000:00:03.0/virtio0");
        Files.createDirectories(vsock);
        Files.writeString(vsock.resolve("device"), "0x0013\n");
        Files.createDirectories(at("sys/bus/virtio/devices"));
        Files.createSymbolicLink(at("sys/bus/virtio/devices/virtio0"), vsock);
    }

    LinuxPlan plan() {
        return plan(this);
    }

    /// The agent never looks of itself: tests say when.
    LinuxPlan plan(AttributeWriter writer) {
        return new LinuxPlan(root, writer, Duration.ofDays(1), this::pause, notes::add);
    }

    // ------------------------------------------------------------------ what the VMM and others do

    /// The VMM makes a vCPU: its folder appears, offline.
    void comes(int number, int apicId) throws IOException {
        cpus.put(number, apicId);
        file(CPU + "/cpu" + number + "/online", "0");
        file(CPU + "/cpu" + number + "/firmware_node/path", "\\_SB_.CPUS.C00" + apicId);
    }

    /// The VMM takes it away.
    void vanishes(int number) throws IOException {
        goes(number, false);
        cpus.remove(number);
        delete(at(CPU + "/cpu" + number));
    }

    /// Somebody brings a CPU on- or offline.
    void goes(int number, boolean on) throws IOException {
        if (on) {
            online.add(number);
        } else {
            online.remove(number);
        }
        file(CPU + "/online", online.stream().map(String::valueOf).collect(Collectors.joining(",")));
        file(
                "proc/cpuinfo",
                online.stream()
                        .map(n -> "processor\t: " + n + "\napicid\t\t: " + cpus.get(n) + "\ninitial apicid\t: 77\n\n")
                        .collect(Collectors.joining()));
    }

    void vmmHas(String function) {
        vmm.add(PciFunction.parse(function));
    }

    /// What happens when `file` is written from now on: nothing, and this result.
    void fails(String file, int result) {
        failures.put(file, result);
    }

    /// The kernel finds that this CPU has another id than its firmware says.
    void reallyHas(int number, int apicId) {
        cpus.put(number, apicId);
    }

    void meanwhile(PauseAction action) {
        meanwhile = action;
    }

    long waitedNanos() {
        return waited;
    }

    void file(String name, String content) throws IOException {
        Files.createDirectories(Objects.requireNonNull(at(name).getParent()));
        Files.writeString(at(name), content + "\n");
    }

    void table(String name, byte... bytes) throws IOException {
        Files.createDirectories(at(TABLES));
        Files.write(at(TABLES + "/" + name), bytes);
    }

    Path at(String name) {
        return root.resolve(name);
    }

    // ------------------------------------------------------------------ what the agent does

    @Override
    public int write(Path path, String value) {
        String file = root.relativize(path).toString();
        written.add(file + "=" + value);
        try {
            return failures.containsKey(file) ? failures.get(file) : effect(path, file, value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public boolean real() {
        return true;
    }

    private int effect(Path path, String file, String value) throws IOException {
        if (!Files.exists(path)) {
            return -19;
        }
        if (file.endsWith("/online")) {
            goes(Integer.parseInt(file.replaceAll("\\D", "")), value.equals("1"));
        } else if (file.endsWith("/rescan")) {
            for (PciFunction function : vmm) {
                appears(function);
            }
        } else {
            Path link = Objects.requireNonNull(path.getParent());
            delete(at("sys/devices/pci0000:00/" + link.getFileName()));
            Files.delete(link);
        }
        return 0;
    }

    private void pause(long nanos) {
        waited += nanos;
        try {
            meanwhile.at(waited);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void appears(PciFunction function) throws IOException {
        Path device = at("sys/devices/pci0000:00/0000:" + function);
        Path link = at("sys/bus/pci/devices/0000:" + function);
        if (!Files.exists(link)) {
            Files.createDirectories(device);
            Files.createFile(device.resolve("remove"));
            Files.createDirectories(at("sys/bus/pci/drivers/virtio-pci"));
            Files.createSymbolicLink(device.resolve("driver"), at("sys/bus/pci/drivers/virtio-pci"));
            Files.createDirectories(at("sys/bus/pci/devices"));
            Files.createSymbolicLink(link, device);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
