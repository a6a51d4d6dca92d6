package dev.upcall.proto.guest;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GuestProfileTest {

    @Test
    void a_profile_is_found_by_the_name_people_use() {
        for (GuestProfile profile : GuestProfile.values()) {
            assertThat(GuestProfile.byId(profile.id())).contains(profile);
        }
        assertThat(GuestProfile.byId("kata-4.19")).isEmpty();
        assertThat(GuestProfile.ids()).isEqualTo("kata-5.10, kata-6.1, kata-6.12, kata-6.18, kata-arm64");
    }

    @Test
    void the_strictest_profile_scans_slots() {
        assertThat(GuestProfile.STRICTEST.cpuModel()).isEqualTo(CpuModel.SLOT_SCAN);
    }
}
