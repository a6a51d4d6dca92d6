package dev.upcall.proto.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.extension.ExecuteOnce;
import dev.upcall.proto.extension.FromHost;
import dev.upcall.proto.extension.Handshake;
import dev.upcall.proto.extension.InventoryRequest;
import dev.upcall.proto.session.extended.Extensions;
import dev.upcall.proto.session.extended.News;
import dev.upcall.proto.session.request.Outcome;
import dev.upcall.proto.session.request.Pending;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What leaves first on a connection, and what never does (§1).
class OpeningOrderTest {

    private static List<Class<?>> kinds(List<FromHost> sent) {
        return sent.stream().<Class<?>>map(Object::getClass).toList();
    }

    @Test
    void the_handshake_leaves_first_and_once_and_requests_wait_for_its_answer_1() {
        Play play = Play.begun(Play.asking(Extensions.AUTO)).start();
        Pending early = play.submits(Play.ADD_MMIO);
        play.reach();
        Pending late = play.submits(Play.DEL_MMIO);
        assertThat(play.state()).isEqualTo("Opening");
        assertThat(play.ordered).as("nothing leaves while it is out").isEmpty();
        assertThat(play.ended).isEmpty();

        play.happens(new Event.ExtensionArrived(1, Play.stockAnswer()));
        assertThat(play.transmitted()).containsExactly(Play.ADD_MMIO);
        play.answers(0);
        assertThat(play.outcome(early)).isEqualTo(Outcome.Done.PLAIN);
        assertThat(play.transmitted()).containsExactly(Play.DEL_MMIO);
        play.answers(0);
        assertThat(play.outcome(late)).isEqualTo(Outcome.Done.PLAIN);
    }

    @Test
    void one_connection_is_opened_once_whatever_follows_1() {
        Meeting meeting = Meeting.opened();
        meeting.submits(Play.ADD_MMIO);
        meeting.passes(Duration.ofSeconds(10));

        assertThat(kinds(meeting.sent).getFirst()).isEqualTo(Handshake.Open.class);
        assertThat(meeting.sent.stream().filter(Handshake.Open.class::isInstance))
                .hasSize(1);
        assertThat(meeting.probes()).isPositive();
    }

    @Test
    void a_new_client_knows_no_guest_and_starts_from_the_inventory_1() {
        Meeting meeting = Meeting.opened();
        meeting.submits(Play.ADD_MMIO);

        assertThat(kinds(meeting.sent))
                .containsExactly(Handshake.Open.class, InventoryRequest.class, ExecuteOnce.class);
        assertThat(meeting.sent.getFirst())
                .isInstanceOfSatisfying(
                        Handshake.Open.class,
                        open -> assertThat(open.knownGuestEpoch()).isEqualTo(Optional.empty()));
    }

    @Test
    void a_stock_guest_is_never_probed_and_only_the_loss_of_its_connection_counts_1() {
        Play play = Play.begun(Play.asking(Extensions.AUTO)).start().reach();
        play.happens(new Event.ExtensionArrived(1, Play.stockAnswer()));
        assertThat(play.session.nextDeadline()).as("nothing is waited for").isEqualTo(Long.MAX_VALUE);

        play.passes(Duration.ofHours(1));
        assertThat(play.ordered).isEmpty();
        assertThat(play.state()).isEqualTo("Connected");

        play.closes();
        assertThat(play.state()).isEqualTo("Reconnecting");
        assertThat(play.ordered)
                .as("no liveness of a guest that has none")
                .noneMatch(action -> action instanceof Action.Tell(News.Judged _));
    }
}
