package dev.upcall.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upcall.client.Call;
import dev.upcall.client.RequestOptions;
import dev.upcall.client.UpcallClient;
import dev.upcall.client.UpcallException;
import dev.upcall.client.UpcallOptions;
import dev.upcall.e2e.ClientDiary;
import dev.upcall.e2e.Guest;
import dev.upcall.e2e.Lodging;
import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.session.State;
import dev.upcall.proto.session.request.Outcome;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// The guest is off the processor for longer than a request may take: the caller is told that the outcome is
/// unknown, nothing else is sent, and the reply that comes in the end is the truth.
@ParameterizedClass(name = "{0}")
@EnumSource(Lodging.class)
class GuestPausedPastItsDeadlineStory {
    private static final Request FIRST = new Request.AddCpu(new ApicId(1));
    private static final Request SECOND = new Request.AddCpu(new ApicId(2));
    private static final RequestOptions HASTY = RequestOptions.DEFAULT.withReplyTimeout(Times.SHORT);

    @RegisterExtension
    final Stage stage;

    private final ClientDiary diary = new ClientDiary();

    GuestPausedPastItsDeadlineStory(Lodging lodging) {
        stage = Stage.with(lodging);
    }

    private Guest guest() {
        return stage.guest(stage.folder(), "--vcpus", "0-3").start();
    }

    private UpcallClient connected(Guest guest) throws IOException {
        UpcallClient client = stage.client(guest.target(), UpcallOptions.DEFAULT, diary);
        client.awaitConnected(Times.START);
        return client;
    }

    @Test
    void the_caller_is_told_at_the_deadline_and_the_late_reply_is_the_truth() throws Exception {
        Guest guest = guest();
        UpcallClient client = connected(guest);
        guest.pause();

        CompletionStage<Outcome> late = unknown(client.submit(FIRST, HASTY));
        assertThat(client.status().state()).isInstanceOf(State.Overdue.class);
        guest.unpause();

        Outcome truth = late.toCompletableFuture().get(Times.SOON.toSeconds(), TimeUnit.SECONDS);
        assertThat(truth).isInstanceOf(Outcome.Done.class);
        assertThat(client.status().picture().presentInSlotOrder()).contains(new ApicId(1));
        assertThat(client.delCpu(1).done()).isTrue();
    }

    @Test
    void nothing_else_is_sent_while_the_reply_is_overdue() throws Exception {
        Guest guest = guest();
        UpcallClient client = connected(guest);
        guest.pause();

        CompletionStage<Outcome> late = unknown(client.submit(FIRST, HASTY));
        Call second = client.submit(SECOND);
        assertThatThrownBy(() -> client.submit(SECOND, HASTY.withQueueTimeout(Times.SHORT))
                        .await())
                .isInstanceOf(UpcallException.NotSent.class);
        assertThat(diary.sent()).containsExactly(FIRST);
        guest.unpause();

        assertThat(second.await()).isInstanceOf(Outcome.Done.class);
        assertThat(late.toCompletableFuture()).isCompleted();
        assertThat(diary.sent()).isEqualTo(List.of(FIRST, SECOND));
    }

    private static CompletionStage<Outcome> unknown(Call call) throws IOException {
        try {
            throw new AssertionError("a paused guest answered: " + call.await());
        } catch (UpcallException.OutcomeUnknown e) {
            assertThat(e.reason()).isEqualTo(Outcome.UnknownCause.REPLY_DEADLINE);
            return e.lateOutcome();
        }
    }
}
