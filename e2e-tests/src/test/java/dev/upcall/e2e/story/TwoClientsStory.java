package dev.upcall.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.client.Call;
import dev.upcall.client.UpcallClient;
import dev.upcall.client.UpcallOptions;
import dev.upcall.e2e.ClientDiary;
import dev.upcall.e2e.Guest;
import dev.upcall.e2e.Lodging;
import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.MmioDevice;
import dev.upcall.proto.message.PciFunction;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.session.State;
import dev.upcall.proto.session.request.Outcome;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// Two clients at one guest, which is one too many: each has its own connection and hears the truth about its own
/// requests, also where the other was there first.
@ParameterizedClass(name = "{0}")
@EnumSource(Lodging.class)
class TwoClientsStory {
    private static final PciFunction CARD = PciFunction.parse("00:04.0");
    private static final MmioDevice DISK = MmioDevice.of(0xd0000000L, 0x1000, 6);

    @RegisterExtension
    final Stage stage;

    private final ClientDiary hers = new ClientDiary();
    private final ClientDiary his = new ClientDiary();

    TwoClientsStory(Lodging lodging) {
        stage = Stage.with(lodging);
    }

    @Test
    void who_comes_second_is_refused_and_both_go_on() throws IOException {
        Guest guest = stage.guest(stage.folder(), "--vcpus", "0-3").start();
        UpcallClient she = stage.client(guest.target(), UpcallOptions.DEFAULT, hers);
        UpcallClient he = stage.client(guest.target(), UpcallOptions.DEFAULT, his);

        assertThat(she.addCpu(1).done()).isTrue();
        assertThat(he.addCpu(1)).isEqualTo(new Outcome.Refused(Errno.EINVAL));
        assertThat(he.addCpu(2).done()).isTrue();
        assertThat(she.addMmio(DISK).done()).isTrue();
        assertThat(he.delMmio(DISK).done()).isTrue();
        assertThat(she.delMmio(DISK)).isEqualTo(new Outcome.Refused(Errno.ENODEV));
    }

    @Test
    void a_slow_request_of_one_does_not_hold_up_the_others_pci_request() throws IOException {
        // A vCPU that does not exist: the guest waits for it, holding the hotplug lock, which PCI does not take.
        Guest guest = stage.guest(
                        stage.folder(), "--vcpus", "0", "--pci", "00:02.0," + CARD, "--vcpu-start-timeout", "5s")
                .start();
        UpcallClient she = stage.client(guest.target(), UpcallOptions.DEFAULT, hers);
        UpcallClient he = stage.client(guest.target(), UpcallOptions.DEFAULT, his);
        he.awaitConnected(Times.START);
        Request addition = new Request.AddCpu(new ApicId(1));

        Call slow = she.submit(addition);
        hers.awaitSent(addition, Times.START);

        assertThat(he.delPci(CARD)).isEqualTo(Outcome.Done.PLAIN);
        assertThat(slow).isNotDone();
    }

    @Test
    void one_that_goes_leaves_the_other_connected() throws IOException {
        Guest guest = stage.guest(stage.folder(), "--vcpus", "0-3").start();
        UpcallClient she = stage.client(guest.target(), UpcallOptions.DEFAULT, hers);
        UpcallClient he = stage.client(guest.target(), UpcallOptions.DEFAULT, his);
        she.awaitConnected(Times.START);
        he.awaitConnected(Times.START);

        int before = his.now();
        she.close();

        assertThat(he.addCpu(1).done()).isTrue();
        assertThat(his.entries().subList(before, his.now()))
                .noneMatch(entry ->
                        entry instanceof ClientDiary.Reached reached && reached.state() instanceof State.Reconnecting);
    }
}
