package dev.upcall.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upcall.client.UpcallClient;
import dev.upcall.client.UpcallException;
import dev.upcall.client.UpcallOptions;
import dev.upcall.e2e.ClientDiary;
import dev.upcall.e2e.Guest;
import dev.upcall.e2e.Lodging;
import dev.upcall.proto.guest.CpuPicture;
import dev.upcall.proto.guest.Hazard;
import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.session.State;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// The guest reboots behind the client's back: the client comes back by itself, and does not pretend that the
/// guest is still the one it was.
@ParameterizedClass(name = "{0}")
@EnumSource(Lodging.class)
class GuestRestartedStory {
    @RegisterExtension
    final Stage stage;

    private final ClientDiary diary = new ClientDiary();

    GuestRestartedStory(Lodging lodging) {
        stage = Stage.with(lodging);
    }

    @Test
    void removals_are_refused_until_somebody_says_which_cpus_there_are() throws IOException {
        Guest guest = stage.guest(stage.folder(), "--vcpus", "0-3").start();
        UpcallClient client = stage.client(guest.target(), UpcallOptions.DEFAULT, diary);
        assertThat(client.addCpu(1).done()).isTrue();

        int before = diary.now();
        guest.restart();
        diary.awaitState(before, State.Connected.class, Times.START);

        // CPU 1 is gone with the guest that had it; this one would crash.
        assertThatThrownBy(() -> client.delCpu(1))
                .isInstanceOfSatisfying(
                        UpcallException.UnsafeForGuest.class,
                        e -> assertThat(e.hazard()).isEqualTo(Hazard.PICTURE_STALE));
        assertThat(diary.sent()).containsExactly(new Request.AddCpu(new ApicId(1)));

        client.presentCpus(CpuPicture.BOOT_CPU_ONLY);
        assertThat(client.addCpu(1).done()).isTrue();
        assertThat(client.delCpu(1).done()).isTrue();
    }

    @Test
    void an_idle_client_is_back_before_anybody_asks() throws IOException {
        Guest guest = stage.guest(stage.folder(), "--vcpus", "0-3").start();
        UpcallClient client = stage.client(guest.target(), UpcallOptions.DEFAULT, diary);
        client.awaitConnected(Times.START);

        for (int time = 0; time < 3; time++) {
            int before = diary.now();
            guest.kill();
            diary.awaitState(before, State.Reconnecting.class, Times.SOON);
            guest.start();
            diary.awaitState(before, State.Connected.class, Times.START);
        }
        assertThat(client.addCpu(1).done()).isTrue();
        assertThat(diary.sent()).hasSize(1);
    }
}
