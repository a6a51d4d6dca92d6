package dev.upcall.e2e.story;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Hot-plug in an unpatched Linux guest: QEMU makes the hardware, `upcall` asks the agent, and the guest's kernel
/// says on its console what became of it.
@Timeout(300)
class LinuxHotplugStory {
    @RegisterExtension
    static final VmStage STAGE = VmStage.with(RealHotplug.machine(""));

    private final RealHotplug hotplug = new RealHotplug(STAGE);

    @Test
    void a_cpu_comes_and_goes_and_comes_again_and_is_taken_out() {
        hotplug.plugCpu();
        hotplug.addCpu();
        hotplug.delCpu();
        hotplug.addCpu();
        hotplug.delCpu();
        hotplug.unplugCpu();
    }

    @Test
    void a_card_goes_and_comes_back() {
        hotplug.delPci();
        hotplug.addPci();
    }
}
