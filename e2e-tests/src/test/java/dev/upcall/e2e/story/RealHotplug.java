package dev.upcall.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.e2e.UpcallCommand;
import dev.upcall.e2e.UpcallCommand.Ended;
import dev.upcall.e2e.vm.GuestVm;
import dev.upcall.e2e.vm.GuestVm.Said;
import dev.upcall.e2e.vm.Machine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// What `upcall` does to a real Linux guest, step by step, and what that guest's own `/proc` and `/sys` say afterwards.
/// Told once with an agent that does it and once with one that only says so: there every step's second half must fail.
final class RealHotplug {
    /// Where the card sits that comes and goes: behind what the board itself has.
    static final String CARD = "00:08.0";

    private static final String CARD_ID = "rng0";
    private static final String SYSFS = "/sys/bus/pci/devices/0000:" + CARD;
    private static final Duration EJECT_MAX = Duration.ofSeconds(30);

    private final VmStage stage;

    RealHotplug(VmStage stage) {
        this.stage = stage;
    }

    /// A guest with an agent, a free slot for a CPU, and a card with a driver.
    ///
    /// @param flags of the agent
    static Machine machine(String flags) {
        return Machine.serving("guest-stub --machine linux " + flags + " --listen vsock://any:219")
                .withCpusMax(4)
                .withDevice("virtio-rng-pci,id=" + CARD_ID + ",addr=08.0");
    }

    GuestVm vm() {
        GuestVm vm = stage.vm();
        vm.awaitConsole("the agent", vm.boots(), "listening on vsock://any");
        return vm;
    }

    /// Runs a command that must say that it worked.
    private void upcall(String... arguments) {
        List<String> words = new ArrayList<>(
                List.of("--json", "--target", stage.bridge().target().toString()));
        words.addAll(List.of(arguments));
        Ended ended = UpcallCommand.run(words.toArray(String[]::new));
        assertThat(ended.exit())
                .as("upcall %s: %s %s", List.of(arguments), ended.out(), ended.err())
                .isZero();
    }

    /// The VMM makes a vCPU. The guest's kernel has it in its sysfs, and does not start it by itself.
    ///
    /// Once for each VM, and taken out at most once: QEMU 7.2 under TCG ends with `double free or corruption`
    /// when a CPU is plugged in again after it was taken out.
    void plugCpu() {
        vm().plugCpu("vcpu1");
        vm().shell("until [ -e /sys/devices/system/cpu/cpu1 ]; do usleep 10000; done");
        assertCpus("0", 1);
    }

    void unplugCpu() {
        vm().removeCpu("vcpu1", EJECT_MAX);
    }

    /// Upcall brings it online.
    void addCpu() {
        upcall("cpu", "add", "--apic-id", "1");
        assertCpus("0-1", 2);
    }

    /// Upcall takes it offline.
    void delCpu() {
        upcall("--present", "0,1", "cpu", "del", "--apic-id", "1");
        assertCpus("0", 1);
    }

    /// What the kernel says of itself.
    private void assertCpus(String online, int count) {
        assertThat(vm().shell("cat /sys/devices/system/cpu/online").text())
                .as("CPUs that are online in the guest")
                .isEqualTo(online);
        assertThat(vm().shell("grep -c ^processor /proc/cpuinfo").text())
                .as("CPUs in the guest's /proc/cpuinfo")
                .isEqualTo(String.valueOf(count));
    }

    /// The guest forgets a card that QEMU still has.
    void delPci() {
        assertThat(driver()).isEqualTo("virtio_rng");
        upcall("pci", "del", CARD);
        assertThat(vm().shell("test -e " + SYSFS).exit())
                .as("the card is gone from the guest's sysfs")
                .isEqualTo(1);
        assertThat(vm().hasPciDevice(CARD_ID)).as("QEMU still has it").isTrue();
    }

    /// The guest finds it again, and its driver takes it.
    void addPci() {
        upcall("pci", "add", CARD);
        assertThat(driver()).as("the driver of the card in the guest").isEqualTo("virtio_rng");
    }

    private String driver() {
        Said said = vm().shell("basename $(readlink -f " + SYSFS + "/virtio*/driver)");
        return said.text();
    }
}
