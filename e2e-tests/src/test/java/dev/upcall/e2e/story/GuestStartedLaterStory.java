package dev.upcall.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upcall.client.Call;
import dev.upcall.client.UpcallClient;
import dev.upcall.client.UpcallException;
import dev.upcall.client.UpcallOptions;
import dev.upcall.e2e.ClientDiary;
import dev.upcall.e2e.Guest;
import dev.upcall.e2e.Lodging;
import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.Request;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// The host's side is up first, as in a VMM that boots its guest: who asks is told why nobody is there, who waits
/// is served.
@ParameterizedClass(name = "{0}")
@EnumSource(Lodging.class)
class GuestStartedLaterStory {
    @RegisterExtension
    final Stage stage;

    private final ClientDiary diary = new ClientDiary();

    GuestStartedLaterStory(Lodging lodging) {
        stage = Stage.with(lodging);
    }

    @Test
    void who_asks_too_early_is_told_that_there_is_no_socket() {
        Guest guest = stage.guest(stage.folder());
        UpcallClient client = stage.client(guest.target(), UpcallOptions.DEFAULT, diary);

        assertThatThrownBy(() -> client.awaitConnected(Times.SHORT))
                .isInstanceOf(UpcallException.NotConnected.class)
                .hasMessageContaining("the socket file does not exist");
    }

    @Test
    void a_request_made_before_the_guest_exists_is_carried_out_once_it_does() throws IOException {
        Guest guest = stage.guest(stage.folder(), "--vcpus", "0-3");
        UpcallClient client = stage.client(guest.target(), UpcallOptions.DEFAULT, diary);
        Call early = client.submit(new Request.AddCpu(new ApicId(1)));

        guest.begin();

        assertThat(early.await().done()).isTrue();
        assertThat(diary.sent()).hasSize(1);
    }

    @Test
    void a_stale_socket_file_of_a_dead_guest_is_only_one_more_reason_to_wait() throws IOException {
        Guest guest = stage.guest(stage.folder(), "--vcpus", "0-3").start();
        guest.kill();
        assertThat(guest.socket()).exists();
        UpcallClient client = stage.client(guest.target(), UpcallOptions.DEFAULT, diary);
        assertThatThrownBy(() -> client.awaitConnected(Times.SHORT))
                .isInstanceOf(UpcallException.NotConnected.class)
                .hasMessageContaining("nobody listens on it");

        guest.start();

        assertThat(client.addCpu(1).done()).isTrue();
    }
}
