package dev.upcall.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upcall.client.ExtensionOptions;
import dev.upcall.client.UpcallClient;
import dev.upcall.client.UpcallException;
import dev.upcall.client.UpcallOptions;
import dev.upcall.e2e.ClientDiary;
import dev.upcall.e2e.Guest;
import dev.upcall.e2e.Lodging;
import dev.upcall.proto.extension.Bytes;
import dev.upcall.proto.extension.EventKind;
import dev.upcall.proto.extension.liveness.BindingOrder;
import dev.upcall.proto.extension.liveness.LossCause;
import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.session.State;
import dev.upcall.proto.session.extended.Extensions;
import dev.upcall.proto.session.extended.News;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// A guest that says more than a stock kernel can: whether it lives, what happens in it, and whether the request whose
/// answer got lost was carried out.
@ParameterizedClass(name = "{0}")
@EnumSource(Lodging.class)
class ExtendedGuestStory {
    private static final Duration INTERVAL = Duration.ofMillis(200);

    private static final UpcallOptions WATCHFUL = UpcallOptions.DEFAULT.withExtensions(
            ExtensionOptions.DEFAULT.withWanted(Extensions.REQUIRED).withProbeInterval(INTERVAL));

    @RegisterExtension
    final Stage stage;

    private final ClientDiary diary = new ClientDiary();

    ExtendedGuestStory(Lodging lodging) {
        stage = Stage.with(lodging);
    }

    private Guest extended() {
        return stage.guest(stage.folder(), "--kernel", "extended", "--vcpus", "0-3")
                .start();
    }

    @Test
    void a_connection_cut_between_execution_and_reply_plugs_exactly_once() throws IOException {
        Guest guest = extended();
        UpcallClient client = stage.client(guest.target(), WATCHFUL, diary);
        client.awaitConnected(Times.START);

        guest.control("mood cut 0");
        assertThat(client.addCpu(1).done()).isTrue();

        assertThat(guest.onlineCpus()).containsExactly(0, 1);
        assertThat(executions(guest)).isEqualTo("[{\"operation\":\"ADD_CPU\",\"plain\":0,\"once\":1,\"succeeded\":1}]");
        assertThat(diary.heard(News.Replayed.class))
                .containsExactly(new News.Replayed(new Request.AddCpu(new ApicId(1))));
    }

    @Test
    void a_guest_that_reboots_between_execution_and_reply_is_reported_as_that_and_never_as_success()
            throws IOException {
        Guest guest = extended();
        UpcallClient client = stage.client(guest.target(), WATCHFUL, diary);
        client.awaitConnected(Times.START);

        guest.control("mood crash reboot");

        assertThatThrownBy(() -> client.addCpu(1)).isInstanceOf(UpcallException.GuestRestarted.class);
        assertThat(guest.onlineCpus()).containsExactly(0);
    }

    @Test
    void a_guest_that_is_paused_is_lost_and_resumed() throws IOException {
        Guest guest = extended();
        UpcallClient client = stage.client(guest.target(), WATCHFUL, diary);
        client.awaitConnected(Times.START);

        guest.control("pause");
        diary.awaitNews(0, "UNBIND by a probe", unbound(LossCause.PROBE), Times.SOON);
        int lost = diary.now();
        guest.control("resume");

        diary.awaitNews(lost, "BIND(RESUMED)", bound(BindingOrder.BindCause.RESUMED), Times.START);
        assertThat(client.addCpu(1).done()).isTrue();
        assertThatBindingsAlternate();
    }

    @Test
    void an_agent_that_restarts_is_bound_anew() throws IOException {
        Guest guest = extended();
        UpcallClient client = stage.client(guest.target(), WATCHFUL, diary);
        client.awaitConnected(Times.START);

        guest.control("restart");

        diary.awaitNews(0, "BIND(RESTARTED)", bound(BindingOrder.BindCause.RESTARTED), Times.START);
        assertThat(client.addCpu(1).done()).isTrue();
        assertThatBindingsAlternate();
    }

    @Test
    void a_guest_that_ends_in_order_unbinds_once_and_its_end_of_stream_adds_nothing() throws IOException {
        Guest guest = extended();
        UpcallClient client = stage.client(guest.target(), WATCHFUL, diary);
        client.awaitConnected(Times.START);

        guest.control("exit");

        diary.awaitState(0, State.Reconnecting.class, Times.SOON);
        assertThat(diary.heard(News.Happened.class).getLast().event().kind()).isEqualTo(EventKind.APP_EXIT);
        assertThat(diary.heard(News.Binding.class).stream()
                        .map(News.Binding::order)
                        .filter(BindingOrder.Unbind.class::isInstance))
                .singleElement()
                .extracting(order -> ((BindingOrder.Unbind) order).cause())
                .isEqualTo(LossCause.ORDERLY_EXIT);
    }

    @Test
    void two_clients_hear_the_same_events_once_each() throws IOException {
        Guest guest = extended();
        ClientDiary his = new ClientDiary();
        UpcallClient she = stage.client(guest.target(), WATCHFUL, diary);
        UpcallClient he = stage.client(guest.target(), WATCHFUL, his);
        she.awaitConnected(Times.START);
        he.awaitConnected(Times.START);

        assertThat(she.addCpu(1).done()).isTrue();
        guest.control("event good day");

        for (ClientDiary each : List.of(diary, his)) {
            each.awaitNews(
                    0,
                    "the event",
                    news -> news instanceof News.Happened h
                            && h.event().detail().equals(Bytes.utf8("good day")),
                    Times.SOON);
            assertThat(each.heard(News.Happened.class))
                    .extracting(happened -> happened.event().kind())
                    .containsExactly(EventKind.CPU_ONLINE, EventKind.USER);
        }
    }

    private void assertThatBindingsAlternate() {
        List<String> orders = diary.heard(News.Binding.class).stream()
                .map(News.Binding::order)
                .filter(order -> order instanceof BindingOrder.Bind || order instanceof BindingOrder.Unbind)
                .map(order -> order.getClass().getSimpleName())
                .toList();
        assertThat(orders).containsExactly("Bind", "Unbind", "Bind");
    }

    private static String executions(Guest guest) {
        return guest.control("dump").path("executions").toString();
    }

    private static Predicate<News> unbound(LossCause cause) {
        return news -> news instanceof News.Binding(BindingOrder.Unbind order) && order.cause() == cause;
    }

    private static Predicate<News> bound(BindingOrder.BindCause cause) {
        return news -> news instanceof News.Binding(BindingOrder.Bind order) && order.cause() == cause;
    }
}
