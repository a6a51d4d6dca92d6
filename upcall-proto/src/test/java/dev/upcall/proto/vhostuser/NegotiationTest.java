package dev.upcall.proto.vhostuser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NegotiationTest {

    private static final Offer WITH_ACK =
            new Offer(Offer.PROTOCOL_FEATURES | Offer.VERSION_1, Offer.CONFIG | Offer.REPLY_ACK, 7);

    @Test
    void exactly_what_is_implemented_is_offered() {
        assertThat(Offer.vsock(3)).isEqualTo(new Offer(0x140000000L, 0x200, 3));
    }

    @Test
    void a_barrier_is_answered_at_any_moment_also_between_ring_messages() {
        Conversation c = Conversation.begun();
        Answer features = new Answer.Value(1, 0x140000000L);
        assertThat(barrier(c)).containsExactly(features);
        c.configured(0, 0);
        assertThat(barrier(c)).containsExactly(features);
        c.says(new Message.SetVringEnable(0, true));
        assertThat(barrier(c)).containsExactly(features);
        c.says(new Message.SetVringEnable(1, true));
        assertThat(barrier(c)).containsExactly(features);
        assertThat(c.running).containsExactly(true, true);
        c.breaks(0);
        assertThat(barrier(c)).containsExactly(features);
    }

    @Test
    void the_same_bases_again_keep_the_streams() {
        Conversation c = stoppedAt(3, 5);
        int forgotten = c.forgotten;

        c.configured(3, 5);

        assertThat(c.forgotten).isEqualTo(forgotten);
    }

    @Test
    void a_guest_that_begins_at_0_has_forgotten_every_stream() {
        Conversation c = stoppedAt(3, 5);
        int forgotten = c.forgotten;

        c.configured(0, 0);

        assertThat(c.forgotten).isGreaterThan(forgotten);
    }

    @Test
    void one_base_that_differs_is_enough_to_forget() {
        for (int[] bases : List.of(new int[] {3, 0}, new int[] {0, 5})) {
            Conversation c = stoppedAt(3, 5);
            int forgotten = c.forgotten;

            c.configured(bases[0], bases[1]);

            assertThat(c.forgotten).isGreaterThan(forgotten);
        }
    }

    @Test
    void a_ring_goes_on_where_it_stood_when_no_base_is_told() {
        Conversation c = stoppedAt(3, 5);

        c.says(new Message.SetVringKick(1, true), 1).says(new Message.SetVringEnable(1, true));

        assertThat(c.of(Action.StartRing.class))
                .extracting(Action.StartRing::base)
                .containsExactly(5);
    }

    @Test
    void without_protocol_features_the_kick_alone_starts_a_ring() {
        Conversation c = Conversation.begun().configured(0, 0);
        assertThat(c.running).containsExactly(false, false);

        Conversation old = Conversation.begun();
        old.configured(0, 0).happens(new Event.FrontEndClosed());
        old.backend = Backend.begin();
        old.says(new Message.SetFeatures(Offer.VERSION_1));
        old.says(Conversation.memory(), 1);
        old.says(new Message.SetVringNum(1, 128)).says(Conversation.address(1, 0x7f0000001000L));
        old.says(new Message.SetVringKick(1, true), 1);
        assertThat(old.running).containsExactly(false, true);
    }

    @Test
    void memory_that_is_replaced_under_running_rings_moves_them() {
        Conversation c = Conversation.running();

        c.says(new Message.SetMemTable(List.of(new MemoryRegion(0x20000, 0x100000, 0x7f0000000000L, 0))), 1);

        assertThat(c.of(Action.MoveRing.class))
                .extracting(move -> move.parts().descriptors())
                .containsExactly(0x21000L, 0x21000L);
        assertThat(c.running).containsExactly(true, true);
    }

    @Test
    void rings_that_are_not_in_the_new_memory_end_the_connection() {
        Conversation c = Conversation.running();

        c.says(new Message.SetMemTable(List.of(new MemoryRegion(0, 0x1000, 0x1000, 0))), 1);

        assertThat(reason(c)).contains("ring 0 in mapped memory").contains("128 entries");
        assertThat(c.openFds).isEmpty();
    }

    @Test
    void a_broken_ring_stops_the_device_signals_the_front_end_and_forgets_the_streams() {
        Conversation c = Conversation.running();
        c.says(new Message.SetVringErr(1, true), 1);

        c.breaks(1);

        assertThat(c.of(Action.SignalErr.class)).containsExactly(new Action.SignalErr(1));
        assertThat(c.of(Action.ForgetStreams.class)).hasSize(1);
        assertThat(c.running).containsExactly(false, false);
        assertThat(c.of(Action.HangUp.class)).isEmpty();
    }

    @Test
    void a_broken_device_runs_again_after_the_guest_was_reset() {
        Conversation c = Conversation.running().breaks(0);
        c.says(new Message.SetVringEnable(0, true)).says(new Message.SetVringEnable(1, true));
        assertThat(c.running).containsExactly(false, false);

        for (int ring = 0; ring < 2; ring++) {
            c.says(new Message.SetVringEnable(ring, false)).says(new Message.GetVringBase(ring));
        }
        c.configured(0, 0).says(new Message.SetVringEnable(0, true)).says(new Message.SetVringEnable(1, true));

        assertThat(c.running).containsExactly(true, true);
    }

    @Test
    void the_configuration_is_the_guests_cid_in_any_part() {
        Conversation c = new Conversation(Offer.vsock(0x01020304L));
        c.says(new Message.GetConfig(0, 8, 0));
        assertThat(payload(c)).containsExactly(0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 4, 3, 2, 1, 0, 0, 0, 0);
        c.says(new Message.GetConfig(1, 2, 0));
        assertThat(payload(c)).containsExactly(1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 3, 2);
        for (Message.GetConfig outside : List.of(
                new Message.GetConfig(0, 9, 0), new Message.GetConfig(8, 1, 0), new Message.GetConfig(-1, 2, 0))) {
            c.says(outside);
            assertThat(payload(c)).as("%s", outside).isEmpty();
        }
    }

    @Test
    void need_reply_is_honoured_on_every_request_once_it_was_negotiated() {
        Conversation c = new Conversation(WITH_ACK);
        c.asksAndWaits(16, new Message.SetProtocolFeatures(Offer.CONFIG | Offer.REPLY_ACK), 0);
        assertThat(c.answers()).containsExactly(new Answer.Value(16, 0));
        c.configured(0, 0);
        c.asksAndWaits(18, new Message.SetVringEnable(0, true), 0);
        assertThat(c.answers()).containsExactly(new Answer.Value(18, 0));
        c.asksAndWaits(13, new Message.SetVringCall(0, true), 1);
        assertThat(c.answers()).containsExactly(new Answer.Value(13, 0));
        c.asksAndWaits(18, new Message.SetVringEnable(0, false), 0);
        assertThat(c.answers()).containsExactly(new Answer.Value(18, 0));
        c.asksAndWaits(1, new Message.GetFeatures(), 0);
        assertThat(c.answers()).containsExactly(new Answer.Value(1, WITH_ACK.features()));
        c.asksAndWaits(34, new Message.Unknown(34), 2);
        assertThat(c.answers()).containsExactly(new Answer.Value(34, 1));
        c.asksAndWaits(25, new Message.SetConfig(), 0);
        assertThat(c.answers()).containsExactly(new Answer.Value(25, 1));
        c.asksAndWaits(2, new Message.SetFeatures(1L << 29), 0);
        assertThat(c.answers()).containsExactly(new Answer.Value(2, 1));
        assertThat(reason(c)).contains("0x20000000");
    }

    @Test
    void need_reply_counts_for_nothing_before_it_was_negotiated() {
        Conversation c = Conversation.begun();

        c.asksAndWaits(3, new Message.SetOwner(), 0);

        assertThat(c.ordered).isEmpty();
    }

    @Test
    void a_request_nobody_offered_is_refused_by_its_name() {
        assertThat(reason(Conversation.begun().says(new Message.Unknown(34), 1)))
                .contains("RESET_DEVICE");
        assertThat(reason(Conversation.begun().says(new Message.Unknown(99), 0)))
                .contains("request 99");
    }

    @Test
    void a_ring_that_is_enabled_before_it_was_told_ends_the_connection_with_the_reason() {
        Conversation c = Conversation.begun();
        c.says(new Message.SetVringKick(1, true), 1);

        assertThat(reason(c)).contains("ring 1").contains("no size").contains("no addresses");
    }

    @Test
    void a_kick_without_a_descriptor_is_refused() {
        assertThat(reason(Conversation.begun().says(new Message.SetVringKick(0, false))))
                .contains("rings are not polled");
    }

    @Test
    void after_the_end_descriptors_are_still_closed() {
        Conversation c = Conversation.begun();
        c.happens(new Event.NonsenseArrived("noise", List.of()));
        assertThat(reason(c)).isEqualTo("noise");

        c.says(new Message.SetVringCall(0, true), 1);

        assertThat(c.openFds).isEmpty();
        assertThat(c.backend).isEqualTo(new Backend.Over("noise"));
    }

    @Test
    void a_driver_that_forgets_to_report_a_stopped_ring_is_told_so() {
        Negotiation negotiation = new Negotiation(Conversation.OFFER);
        Conversation c = Conversation.running();
        Backend stopping = negotiation.step(
                c.backend,
                new Event.MessageArrived(new Decoded.Understood(11, new Message.GetVringBase(0), false), List.of()),
                new ArrayList<>());

        assertThatThrownBy(() -> negotiation.step(
                        stopping,
                        new Event.MessageArrived(
                                new Decoded.Understood(1, new Message.GetFeatures(), false), List.of()),
                        new ArrayList<>()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("expected RingStopped");
    }

    /// Whatever a front-end says in whatever order: the paper driver finds every order to make sense, and
    /// each descriptor is closed once.
    @Test
    void random_talk_leaves_nothing_open_and_orders_nothing_impossible() {
        int runs = 0;
        for (int seed = 0; seed < 3_000; seed++) {
            Random random = new Random(seed);
            Conversation c = seed % 2 == 0 ? Conversation.begun() : Conversation.running();
            for (int i = 0; i < 40; i++) {
                int ring = random.nextInt(2);
                if (c.running[ring] && random.nextInt(10) == 0) {
                    c.breaks(ring);
                } else {
                    Message message = anyMessage(random, ring);
                    boolean ends = message instanceof Message.SetVringNum || message instanceof Message.SetVringBase;
                    if (c.running[ring] && ends && random.nextInt(20) > 0) {
                        message = new Message.GetFeatures();
                    }
                    c.says(message, descriptors(message));
                }
                runs += c.running[ring] ? 1 : 0;
            }
            c.happens(new Event.FrontEndClosed());

            assertThat(c.openFds).as("seed %d", seed).isEmpty();
            assertThat(c.running).as("seed %d", seed).containsExactly(false, false);
        }
        assertThat(runs).isGreaterThan(10_000);
    }

    private static Message anyMessage(Random random, int ring) {
        return switch (random.nextInt(16)) {
            case 0 -> new Message.SetVringNum(ring, 128);
            case 1 -> new Message.SetVringBase(ring, random.nextInt(3));
            case 2 -> new Message.GetVringBase(ring);
            case 3 -> new Message.SetVringKick(ring, random.nextInt(50) > 0);
            case 4 -> new Message.SetVringCall(ring, random.nextBoolean());
            case 5 -> new Message.SetVringErr(ring, random.nextBoolean());
            case 6, 7, 8 -> new Message.SetVringEnable(ring, true);
            case 9 -> new Message.SetVringEnable(ring, false);
            case 10 -> Conversation.memory();
            case 11 -> Conversation.address(ring, random.nextInt(20) == 0 ? 1 : 0x7f0000002000L);
            case 12 -> random.nextInt(20) == 0 ? new Message.Unknown(99) : new Message.GetQueueNum();
            case 13 -> new Message.SetFeatures(Conversation.OFFER.features());
            case 14 -> new Message.GetConfig(0, 8, 0);
            default -> new Message.GetFeatures();
        };
    }

    private static int descriptors(Message message) {
        return switch (message) {
            case Message.SetVringKick m -> m.descriptor() ? 1 : 0;
            case Message.SetVringCall m -> m.descriptor() ? 1 : 0;
            case Message.SetVringErr m -> m.descriptor() ? 1 : 0;
            case Message.SetMemTable m -> m.regions().size();
            case Message.Unknown _ -> 3;
            default -> 0;
        };
    }

    private static Conversation stoppedAt(int base0, int base1) {
        Conversation c = Conversation.running();
        c.next[0] = base0;
        c.next[1] = base1;
        c.says(new Message.SetVringEnable(0, false)).says(new Message.SetVringEnable(1, false));
        c.says(new Message.GetVringBase(0));
        assertThat(c.answers()).containsExactly(new Answer.RingBase(0, base0));
        c.says(new Message.GetVringBase(1));
        assertThat(c.answers()).containsExactly(new Answer.RingBase(1, base1));
        return c;
    }

    private static List<Answer> barrier(Conversation c) {
        return c.hears(new Message.GetFeatures(), 1).answers();
    }

    private static byte[] payload(Conversation c) {
        byte[] all = c.answers().getFirst().encode().array();
        return Arrays.copyOfRange(all, 12, all.length);
    }

    private static String reason(Conversation c) {
        return c.of(Action.HangUp.class).getLast().reason();
    }
}
