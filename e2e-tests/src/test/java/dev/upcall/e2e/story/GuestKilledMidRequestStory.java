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
import dev.upcall.proto.message.PciFunction;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.session.State;
import dev.upcall.proto.session.request.Outcome;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// The guest dies while it works: the caller learns at once that nobody knows what became of it, and no copy is
/// sent that could do harm.
@ParameterizedClass(name = "{0}")
@EnumSource(Lodging.class)
class GuestKilledMidRequestStory {
    private static final PciFunction CARD = PciFunction.parse("00:04.0");

    @RegisterExtension
    final Stage stage;

    private final ClientDiary diary = new ClientDiary();

    GuestKilledMidRequestStory(Lodging lodging) {
        stage = Stage.with(lodging);
    }

    @Test
    void a_cpu_request_that_was_out_is_neither_done_nor_repeated() throws IOException {
        Guest guest = stage.guest(stage.folder(), "--vcpus", "0-3", "--mood", "delay 60s add-cpu")
                .start();
        UpcallClient client = stage.client(guest.target(), UpcallOptions.DEFAULT, diary);
        Request addition = new Request.AddCpu(new ApicId(1));

        Call call = client.submit(addition);
        diary.awaitSent(addition, Times.START);
        guest.kill();

        assertThatThrownBy(call::await).isInstanceOfSatisfying(UpcallException.OutcomeUnknown.class, e -> {
            assertThat(e.reason()).isEqualTo(Outcome.UnknownCause.CONNECTION_LOST);
            assertThat(e.mayHaveTakenEffect()).isTrue();
        });

        int killed = diary.now();
        guest.start();
        diary.awaitState(killed, State.Connected.class, Times.START);
        assertThat(diary.sent()).containsExactly(addition);
    }

    @Test
    void a_pci_request_that_was_out_is_asked_again_and_the_second_answer_counts() throws IOException {
        Guest guest = stage.guest(stage.folder(), "--pci", "00:02.0," + CARD).start();
        guest.control("mood delay 60s add-pci");
        UpcallClient client = stage.client(guest.target(), UpcallOptions.DEFAULT, diary);
        Request addition = new Request.AddPci(CARD);

        Call call = client.submit(addition);
        diary.awaitSent(addition, Times.START);
        guest.restart();

        assertThat(call.await()).isEqualTo(Outcome.Done.PLAIN);
        assertThat(diary.sent()).containsExactly(addition, addition);
    }
}
