package dev.upcall.client.cli;

import dev.upcall.proto.extension.inventory.Inventory;
import dev.upcall.proto.message.ApicId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/// `upcall inventory`: what an extended guest has, as it says itself.
@Command(
        name = "inventory",
        description = {
            "Ask an extended guest for its CPUs, virtio-mmio devices and PCI functions.",
            "A stock guest cannot say: exit code 1."
        },
        footer = {"", "Example: upcall -t hvsock:///run/vm.sock --json inventory"})
final class InventoryCommand implements Callable<Integer> {
    private final Program program;

    InventoryCommand(Program program) {
        this.program = program;
    }

    @Override
    public Integer call() throws Failure {
        GuestSettings settings = program.settings();
        try (Guest guest = Guest.connect(program, settings)) {
            program.printer().print(report(settings.requireTarget().toString(), guest.inventory()));
        }
        return ExitCode.DONE.code();
    }

    static Report report(String target, Inventory has) {
        return Report.of(table(has))
                .with("command", "inventory")
                .with("target", target)
                .with("guest_epoch", has.guestEpoch().toString())
                .with("generation", has.generation())
                .with("running", has.running())
                .with("boot_cpu", has.cpus().boot().value())
                .with("cpus_present", numbers(has.cpus().present()))
                .with("cpus_online", numbers(has.cpus().online()))
                .with("slots", has.cpus().slots().stream().map(ApicId::value).toList())
                .with(
                        "mmio",
                        has.mmio().stream()
                                .map(device -> fields(
                                        "base",
                                                "0x"
                                                        + Long.toHexString(
                                                                device.window().base()),
                                        "size",
                                                "0x"
                                                        + Long.toHexString(
                                                                device.window().size()),
                                        "irq", device.irq().value()))
                                .toList())
                .with("pci", has.pci().stream().map(Object::toString).toList())
                .with(
                        "connections",
                        has.connections().stream()
                                .map(c -> fields(
                                        "client_epoch",
                                        c.client().map(Object::toString).orElse(""),
                                        "count",
                                        c.count()))
                                .toList());
    }

    private static String table(Inventory has) {
        List<String> lines = new ArrayList<>();
        lines.add("CPU   STATE");
        for (int id : numbers(has.cpus().present())) {
            ApicId cpu = new ApicId(id);
            String state = has.cpus().online().contains(cpu) ? "online" : "offline";
            lines.add("%-5d %s%s".formatted(id, state, cpu.equals(has.cpus().boot()) ? " (boot)" : ""));
        }
        lines.add("MMIO BASE           SIZE        IRQ");
        has.mmio()
                .forEach(device -> lines.add("%-19s %-11s %s"
                        .formatted(
                                "0x" + Long.toHexString(device.window().base()),
                                "0x" + Long.toHexString(device.window().size()),
                                device.irq().value())));
        lines.add("PCI");
        has.pci().forEach(function -> lines.add(function.toString()));
        lines.add(
                "generation " + has.generation() + ", " + has.running() + " running, guest epoch " + has.guestEpoch());
        return String.join("\n", lines);
    }

    private static List<Integer> numbers(Set<ApicId> ids) {
        Set<Integer> rising = new TreeSet<>();
        ids.forEach(id -> rising.add(id.value()));
        return List.copyOf(rising);
    }

    private static Map<String, Object> fields(Object... namesAndValues) {
        Map<String, Object> fields = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            fields.put(namesAndValues[i].toString(), namesAndValues[i + 1]);
        }
        return fields;
    }
}
