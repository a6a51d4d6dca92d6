package dev.upcall.e2e.story;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The control of [LinuxHotplugStory]: an agent that answers success and does nothing (`--dry-run`). Every step of that
/// story must fail here, and fail by what the guest says of itself, not by what upcall was told.
@Timeout(300)
class LinuxHotplugControlStory {
    @RegisterExtension
    static final VmStage STAGE = VmStage.with(RealHotplug.machine("--dry-run"));

    private static final String CPUS = "CPUs that are online in the guest";

    private final RealHotplug hotplug = new RealHotplug(STAGE);

    private static void assertNoticed(ThrowingCallable step, String what) {
        assertThatThrownBy(step).isInstanceOf(AssertionError.class).hasMessageContaining(what);
    }

    @Test
    void a_cpu_that_only_seems_to_come_or_to_go_is_noticed() {
        hotplug.plugCpu();
        assertNoticed(hotplug::addCpu, CPUS);

        hotplug.vm().shell("echo 1 >/sys/devices/system/cpu/cpu1/online");
        assertNoticed(hotplug::delCpu, CPUS);
    }

    @Test
    void a_card_that_only_seems_to_go_is_noticed() {
        assertNoticed(hotplug::delPci, "the card is gone from the guest's sysfs");
    }

    @Test
    void a_card_that_only_seems_to_come_back_is_noticed() {
        hotplug.vm().shell("echo 1 >/sys/bus/pci/devices/0000:" + RealHotplug.CARD + "/remove");
        try {
            assertNoticed(hotplug::addPci, "the driver of the card in the guest");
        } finally {
            hotplug.vm().shell("echo 1 >/sys/bus/pci/rescan");
        }
    }
}
