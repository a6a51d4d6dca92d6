package dev.upcall.e2e.vm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.upcall.e2e.ConsoleLog;
import dev.upcall.e2e.ProgramProcess;
import dev.upcall.e2e.SocketFolder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// One run of a virtual machine: QEMU without a host kernel's help (`accel=tcg`), Debian's kernel, and our vsock
/// device in front of it. The bridge must listen before: QEMU never tries again.
///
/// Confined to the story's thread; the console is filled by another one.
public final class GuestVm implements AutoCloseable {
    /// 4 s on an idle machine; CI has two cores for all that runs.
    private static final Duration BOOT_MAX = Duration.ofMinutes(2);

    /// A shell's command under emulation, a JVM's start among them.
    private static final Duration COMMAND_MAX = Duration.ofMinutes(2);

    private static final String UP = "guest: up";

    private final ProgramProcess qemu;
    private final Qmp qmp;
    private int boots;
    private int commands;

    private GuestVm(ProgramProcess qemu, Qmp qmp) {
        this.qemu = qemu;
        this.qmp = qmp;
    }

    /// What a line of shell came to.
    ///
    /// @param exit its exit code
    /// @param out what it printed, errors too
    public record Said(int exit, List<String> out) {
        public String text() {
            return String.join("\n", out);
        }
    }

    /// Powers it on and waits until its init is at work; what the machine serves comes up meanwhile.
    ///
    /// @param vhostSocket where the bridge waits for it
    /// @param folder for QEMU's own sockets
    public static GuestVm start(Machine machine, Path vhostSocket, SocketFolder folder) {
        try (Qmp.Door door = Qmp.Door.in(folder)) {
            ProgramProcess qemu = new ProgramProcess(command(machine, vhostSocket, door.path()));
            qemu.start();
            try {
                GuestVm vm = new GuestVm(qemu, door.accept(qemu.console()));
                vm.awaitBoot();
                return vm;
            } catch (RuntimeException | AssertionError e) {
                qemu.close();
                throw e;
            }
        }
    }

    private static List<String> command(Machine machine, Path vhostSocket, Path qmpSocket) {
        String memory = machine.memoryMb() + "M";
        List<String> command = new ArrayList<>(List.of("qemu-system-x86_64", "-nodefaults", "-no-user-config"));
        command.addAll(List.of("-machine", "pc,accel=tcg", "-cpu", "max", "-m", memory));
        command.addAll(List.of("-smp", "1,maxcpus=" + machine.cpusMax()));
        command.addAll(List.of("-object", "memory-backend-memfd,id=mem,size=" + memory + ",share=on"));
        command.addAll(List.of("-numa", "node,memdev=mem"));
        command.addAll(List.of("-chardev", "socket,id=vs0,path=" + vhostSocket));
        command.addAll(List.of("-device", "vhost-user-vsock-pci,chardev=vs0"));
        machine.devices().forEach(device -> command.addAll(List.of("-device", device)));
        command.addAll(List.of("-chardev", "socket,id=qmp,path=" + qmpSocket, "-mon", "chardev=qmp,mode=control"));
        command.addAll(List.of("-display", "none", "-serial", "stdio"));
        command.addAll(List.of("-kernel", GuestImage.kernel().toString()));
        command.addAll(List.of("-initrd", GuestImage.initramfs().toString()));
        command.addAll(List.of("-append", "console=ttyS0 quiet SERVE=\"" + machine.serves() + "\""));
        return command;
    }

    /// Waits for a line of the console, in all boots together.
    public void awaitConsole(String what, int count, String line) {
        console().await(what, count, said -> said.strip().equals(line), BOOT_MAX);
    }

    private void awaitBoot() {
        boots++;
        awaitConsole("the guest to boot", boots, UP);
    }

    /// How often it has booted.
    public int boots() {
        return boots;
    }

    /// Runs a line of shell in the guest, at its console.
    public Said shell(String line) {
        String number = String.valueOf(++commands);
        qemu.type(number + " " + line);
        String end = number + ": ";
        console().await("the guest to run `" + line + "`", 1, said -> said.startsWith(end), COMMAND_MAX);
        String mark = number + "> ";
        List<String> out = new ArrayList<>();
        for (String said : console().lines()) {
            if (said.startsWith(mark)) {
                out.add(said.substring(mark.length()).stripTrailing());
            } else if (said.startsWith(end)) {
                return new Said(Integer.parseInt(said.substring(end.length()).strip()), out);
            }
        }
        throw new IllegalStateException("the line that was just there is gone: " + end);
    }

    public Qmp qmp() {
        return qmp;
    }

    /// Takes the guest off its CPUs; its device is told.
    public void pause() {
        qmp.execute("stop");
    }

    public void unpause() {
        qmp.execute("cont");
    }

    /// Presses the reset button and waits until the guest has booted again.
    public void reset() {
        pressReset();
        awaitReset();
    }

    /// Presses the reset button and waits until the guest's life is over.
    public void pressReset() {
        int before = qmp.events();
        qmp.execute("system_reset");
        qmp.awaitEvent(before, "RESET", _ -> true, BOOT_MAX);
    }

    /// Waits until it has booted again.
    public void awaitReset() {
        awaitBoot();
    }

    /// Of the QEMU process.
    public long pid() {
        return qemu.pid();
    }

    /// Ends QEMU without a word, as a crash of it would.
    public void kill() {
        qemu.kill();
    }

    /// Plugs a vCPU into the lowest free slot. The guest's firmware is told; nobody waits for what it makes of it.
    public void plugCpu(String id) {
        for (JsonNode slot : lowestFirst(qmp.execute("query-hotpluggable-cpus"))) {
            if (!slot.has("qom-path")) {
                ObjectNode properties = slot.path("props").deepCopy();
                properties.put("driver", slot.path("type").asText()).put("id", id);
                qmp.execute("device_add", properties);
                return;
            }
        }
        throw new IllegalStateException("every slot for a CPU is taken: give the machine more");
    }

    /// QEMU lists the highest slot first.
    private static List<JsonNode> lowestFirst(JsonNode slots) {
        List<JsonNode> list = new ArrayList<>();
        slots.forEach(list::addFirst);
        return list;
    }

    /// Whether QEMU itself has a device of this name on its PCI buses, whatever the guest thinks.
    public boolean hasPciDevice(String id) {
        return qmp.execute("query-pci").findValues("qdev_id").stream()
                .anyMatch(name -> name.asText().equals(id));
    }

    /// Takes a vCPU out and waits until the guest's firmware has given it back.
    ///
    /// @throws AssertionError when it does not, for it is still in use
    public void removeCpu(String id, Duration atMost) {
        String path = "/machine/peripheral/" + id;
        int before = qmp.events();
        qmp.execute("device_del", Map.of("id", id));
        // QEMU 7.2 tells the end of a CPU only by that of its interrupt controller.
        qmp.awaitEvent(
                before,
                "DEVICE_DELETED",
                event -> event.path("data").path("path").asText().startsWith(path),
                atMost);
        if (qmp.execute("query-hotpluggable-cpus").findValuesAsText("qom-path").contains(path)) {
            throw new AssertionError("QEMU still has the CPU " + id);
        }
    }

    public ConsoleLog console() {
        return qemu.console();
    }

    @Override
    public void close() {
        qemu.close();
        qmp.close();
    }
}
