package dev.upcall.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.client.UpcallClient;
import dev.upcall.client.UpcallOptions;
import dev.upcall.client.hotplug.Hotplug;
import dev.upcall.e2e.ClientDiary;
import dev.upcall.e2e.Guest;
import dev.upcall.e2e.Lodging;
import dev.upcall.proto.guest.GuestProfile;
import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.MmioDevice;
import dev.upcall.proto.message.PciFunction;
import dev.upcall.proto.session.request.Outcome;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// A good day: everything that can be plugged is plugged and taken out again, and the guest's refusals are heard.
@ParameterizedClass(name = "{0}")
@EnumSource(Lodging.class)
class FullHotplugWalkStory {
    private static final MmioDevice DISK = MmioDevice.of(0xd0000000L, 0x1000, 6);
    private static final PciFunction CARD = PciFunction.parse("00:04.0");

    @RegisterExtension
    final Stage stage;

    FullHotplugWalkStory(Lodging lodging) {
        stage = Stage.with(lodging);
    }

    @Test
    void every_kind_of_device_comes_and_goes() throws IOException {
        Guest guest = stage.guest(stage.folder(), "--kernel", "kata-6.1", "--pci", "00:02.0," + CARD)
                .start();
        UpcallClient client = stage.client(guest.target());
        client.awaitConnected(Times.START);

        assertThat(client.addCpu(1).done()).isTrue();
        assertThat(client.addCpu(2).done()).isTrue();
        assertThat(client.delCpu(2).done()).isTrue();

        assertThat(client.addMmio(DISK)).isEqualTo(Outcome.Done.PLAIN);
        assertThat(client.addMmio(DISK)).isEqualTo(new Outcome.Refused(Errno.EEXIST));
        assertThat(client.delMmio(DISK)).isEqualTo(Outcome.Done.PLAIN);
        assertThat(client.delMmio(DISK)).isEqualTo(new Outcome.Refused(Errno.ENODEV));

        // The guest would repeat the refusal above on this connection: the client has to take a fresh one.
        assertThat(client.delPci(CARD)).isEqualTo(Outcome.Done.PLAIN);
        assertThat(client.addPci(CARD)).isEqualTo(Outcome.Done.PLAIN);

        assertThat(client.delCpu(1).done()).isTrue();
        assertThat(client.status().picture().presentInSlotOrder()).isEqualTo(List.of(ApicId.BOOT));
    }

    @Test
    void a_plan_brings_the_guest_to_four_cpus_and_back_to_one() throws IOException {
        Guest guest = stage.guest(stage.folder(), "--vcpus", "0-3").start();
        UpcallClient client = stage.client(guest.target());
        Hotplug hotplug = new Hotplug(client);

        assertThat(hotplug.setCpus(4).succeeded()).isTrue();
        assertThat(client.status().picture().presentInSlotOrder()).hasSize(4);
        assertThat(hotplug.setCpus(1).succeeded()).isTrue();
        assertThat(client.status().picture().presentInSlotOrder()).isEqualTo(List.of(ApicId.BOOT));
    }

    @Test
    void todays_kernels_walk_the_same_way() throws IOException {
        Guest guest = stage.guest(stage.folder(), "--kernel", "kata-6.12", "--vcpus", "0-3")
                .start();
        UpcallOptions options = UpcallOptions.DEFAULT.withProfile(GuestProfile.KATA_6_12);
        UpcallClient client = stage.client(guest.target(), options, new ClientDiary());
        Hotplug hotplug = new Hotplug(client);

        assertThat(hotplug.setCpus(3).succeeded()).isTrue();
        assertThat(client.addMmio(DISK)).isEqualTo(Outcome.Done.PLAIN);
        assertThat(client.delMmio(DISK)).isEqualTo(Outcome.Done.PLAIN);
        assertThat(hotplug.setCpus(1).succeeded()).isTrue();
    }
}
