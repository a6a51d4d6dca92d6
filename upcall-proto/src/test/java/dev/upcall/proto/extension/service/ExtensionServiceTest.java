package dev.upcall.proto.extension.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.extension.BootId;
import dev.upcall.proto.extension.Bytes;
import dev.upcall.proto.extension.ClientConnections;
import dev.upcall.proto.extension.DeviceReference;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.EventAck;
import dev.upcall.proto.extension.EventKind;
import dev.upcall.proto.extension.EventNotify;
import dev.upcall.proto.extension.ExecuteOnce;
import dev.upcall.proto.extension.ExtensionWriter;
import dev.upcall.proto.extension.Feature;
import dev.upcall.proto.extension.Features;
import dev.upcall.proto.extension.FromGuest;
import dev.upcall.proto.extension.FromHost;
import dev.upcall.proto.extension.Handshake;
import dev.upcall.proto.extension.HandshakeReply;
import dev.upcall.proto.extension.InventoryRequest;
import dev.upcall.proto.extension.OnceReply;
import dev.upcall.proto.message.Operation;
import dev.upcall.proto.message.PciFunction;
import dev.upcall.proto.message.Reply;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.wire.ExtensionFrame;
import dev.upcall.proto.wire.FrameLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// The guest's side, frame by frame: §1 opening, §2 prover, §3 events, §5 epochs, §6 order of checks.
class ExtensionServiceTest {

    private static final Epoch GUEST = new Epoch(0x6E);
    private static final Epoch CLIENT = new Epoch(0xC1);
    private static final Reply.Answer DONE = new Reply.Answer(0, OptionalInt.empty());
    private static final Features WITHOUT = Features.NONE;

    private final List<ServiceOrder> out = new ArrayList<>();
    private ExtensionService service = new ExtensionService(identity(Features.ALL));
    private long now = 1000;

    // ------------------------------------------------------------------ §1

    @Test
    void s1_open_is_answered_with_what_was_agreed() {
        service.connected(1);
        hear(1, new Handshake.Open(1, 9, new Features(0xFF), CLIENT, Optional.empty(), 0, 0));

        assertThat(opened(1))
                .isEqualTo(new HandshakeReply.Open(
                        1,
                        Features.ALL,
                        GUEST,
                        new BootId(1, 2),
                        2000,
                        1,
                        0,
                        false,
                        "x86_64",
                        "test",
                        Set.of(Operation.ADD_CPU)));
        assertThat(service.isOpened(1)).isTrue();
    }

    @Test
    void s1_the_wished_interval_is_held_to_100_ms_to_60_s() {
        assertThat(interval(99)).isEqualTo(100);
        assertThat(interval(100)).isEqualTo(100);
        assertThat(interval(60_000)).isEqualTo(60_000);
        assertThat(interval(60_001)).isEqualTo(60_000);
    }

    @Test
    void s1_no_common_version_is_answered_and_closed() {
        service.connected(1);
        hear(1, new Handshake.Open(2, 9, Features.ALL, CLIENT, Optional.empty(), 0, 0));

        assertThat(out.getFirst()).isEqualTo(new ServiceOrder.Refuse(1, 0x100, -93));
        assertThat(closeReason()).isEqualTo(CloseReason.NO_COMMON_VERSION);
        assertThat(service.closed(CloseReason.NO_COMMON_VERSION)).isEqualTo(1);
        assertThat(service.connections()).isEmpty();
    }

    @Test
    void s1_a_second_open_is_out_of_order_and_the_connection_stays() {
        open(1, CLIENT);
        hear(1, Handshake.Open.first(Features.ALL, CLIENT));

        assertThat(refusal()).isEqualTo(-71);
        assertThat(service.isOpened(1)).isTrue();
    }

    @Test
    void s1_a_connection_whose_first_request_is_plain_is_a_stock_kernels() {
        service.connected(1);
        assertThat(service.plainRequest(1)).isTrue();

        hear(1, InventoryRequest.FIRST);
        assertThat(out).containsExactly(new ServiceOrder.AsStock(1));
        out.clear();
        hear(1, Handshake.Open.first(Features.ALL, CLIENT));
        assertThat(refusal()).isEqualTo(-71);
    }

    @Test
    void s1_a_connection_whose_first_request_is_another_extension_is_a_stock_kernels_too() {
        service.connected(1);
        hear(1, InventoryRequest.FIRST);
        hear(1, Handshake.Open.first(Features.ALL, CLIENT));

        assertThat(out).containsExactly(new ServiceOrder.AsStock(1), new ServiceOrder.Refuse(1, 0x100, -71));
    }

    @Test
    void s1_a_probe_before_open_is_out_of_order() {
        service.connected(1);
        hear(1, new Handshake.Probe(2));

        assertThat(refusal()).isEqualTo(-71);
    }

    @Test
    void s1_a_plain_request_after_open_changes_nothing() {
        open(1, CLIENT);
        service.plainRequest(1);
        hear(1, new Handshake.Probe(2));

        assertThat(sent(1)).containsExactly(new HandshakeReply.Probe(0x0A69, GUEST, 2));
    }

    // ------------------------------------------------------------------ §2

    @Test
    void s2_the_prover_writes_mask_epoch_and_the_probes_sequence() {
        open(1, CLIENT);
        hear(1, new Handshake.Probe(2));
        hear(1, new Handshake.Probe(77));

        assertThat(sent(1))
                .containsExactly(
                        new HandshakeReply.Probe(Handshake.MASK, GUEST, 2),
                        new HandshakeReply.Probe(Handshake.MASK, GUEST, 77));
    }

    // ------------------------------------------------------------------ §3

    @Test
    void s3_every_client_gets_the_same_events_under_one_sequence() {
        open(1, CLIENT);
        raise(EventKind.CPU_ONLINE);
        open(2, new Epoch(0xC2));
        assertThat(service.nextDeadline()).isEqualTo(Long.MAX_VALUE);
        raise(EventKind.CPU_OFFLINE);

        assertThat(sequences(1)).containsExactly(2L);
        assertThat(sequences(2)).containsExactly(2L);
    }

    @Test
    void s3_a_client_that_knows_the_epoch_goes_on_after_what_it_has_seen() {
        open(1, CLIENT);
        raise(EventKind.CPU_ONLINE);
        raise(EventKind.CPU_ONLINE);
        raise(EventKind.CPU_ONLINE);
        close(1);

        reopen(2, CLIENT, 1);

        assertThat(opened(2).nextEvent()).isEqualTo(2);
        assertThat(sequences(2)).containsExactly(2L, 3L);
        assertThat(out.getFirst())
                .isInstanceOfSatisfying(
                        ServiceOrder.Send.class, s -> assertThat(s.message()).isInstanceOf(HandshakeReply.Open.class));
    }

    @Test
    void s3_a_client_that_does_not_know_the_epoch_starts_with_the_next_event() {
        open(1, CLIENT);
        raise(EventKind.CPU_ONLINE);
        close(1);

        open(2, CLIENT);
        assertThat(service.nextDeadline()).isEqualTo(Long.MAX_VALUE);
        raise(EventKind.CPU_ONLINE);

        assertThat(sequences(2)).containsExactly(2L);
    }

    @Test
    void s3_a_user_event_waits_while_256_are_not_acknowledged() {
        open(1, CLIENT);
        for (int i = 0; i < 256; i++) {
            assertThat(offerUser()).isTrue();
        }
        assertThat(offerUser()).isFalse();
        out.clear();

        hear(1, new EventAck(GUEST, 1));

        assertThat(out).containsExactly(new ServiceOrder.RoomForUser());
        assertThat(offerUser()).isTrue();
        assertThat(offerUser()).isFalse();
    }

    @Test
    void s3_a_client_that_is_away_for_30_s_holds_user_events_up_no_longer() {
        open(1, CLIENT);
        for (int i = 0; i < 256; i++) {
            offerUser();
        }
        close(1);
        assertThat(offerUser()).isFalse();
        assertThat(service.nextDeadline()).isEqualTo(now + TimeUnit.SECONDS.toNanos(30));

        now += TimeUnit.SECONDS.toNanos(30);
        service.timePassed(now, out);

        assertThat(out).contains(new ServiceOrder.RoomForUser());
        assertThat(offerUser()).isTrue();
        reopen(2, CLIENT, 0);
        assertThat(opened(2).nextEvent()).isEqualTo(2);
    }

    @Test
    void s3_events_of_the_host_are_delivered_once_and_acknowledged_within_100_ms() {
        open(1, CLIENT);
        hear(1, hostEvent(1, EventKind.USER));
        hear(1, hostEvent(1, EventKind.USER));
        hear(1, hostEvent(4, EventKind.CONFIG_CHANGED));

        assertThat(out)
                .containsExactly(
                        new ServiceOrder.Deliver(CLIENT, hostEvent(1, EventKind.USER)),
                        new ServiceOrder.Gap(CLIENT, 2, 3),
                        new ServiceOrder.Deliver(CLIENT, hostEvent(4, EventKind.CONFIG_CHANGED)));
        assertThat(service.duplicateEvents()).isEqualTo(1);
        out.clear();
        now = service.nextDeadline();
        assertThat(now).isEqualTo(1000 + TimeUnit.MILLISECONDS.toNanos(100));
        service.timePassed(now, out);
        assertThat(sent(1)).containsExactly(new EventAck(CLIENT, 4));
    }

    @Test
    void s3_the_next_opening_says_which_of_the_hosts_events_were_seen() {
        open(1, CLIENT);
        hear(1, hostEvent(5, EventKind.USER));
        close(1);

        reopen(2, CLIENT, 0);

        assertThat(opened(2).resumeAfterEvent()).isEqualTo(5);
    }

    @Test
    void s3_an_event_or_acknowledgement_of_another_epoch_is_dropped_and_counted() {
        open(1, CLIENT);
        raise(EventKind.CPU_ONLINE);
        out.clear();
        hear(1, new EventNotify(GUEST, 1, EventKind.USER, DeviceReference.NONE, Bytes.EMPTY, 0, 0));
        hear(1, new EventAck(CLIENT, 1));

        assertThat(out).isEmpty();
        assertThat(service.foreignEvents()).isEqualTo(2);
    }

    @Test
    void s3_a_host_sends_user_and_config_changed_and_nothing_else() {
        open(1, CLIENT);
        hear(1, hostEvent(1, EventKind.CPU_ONLINE));

        assertThat(closeReason()).isEqualTo(CloseReason.UNDECODABLE);
    }

    @Test
    void s3_a_terminal_event_closes_when_it_is_acknowledged() {
        open(1, CLIENT);
        service.leave(EventKind.VM_SHUTDOWN, 0, now, out);
        assertThat(out).hasSize(1);
        assertThat(service.plainRequest(1)).isFalse();

        hear(1, new EventAck(GUEST, 1));

        assertThat(closeReason()).isEqualTo(CloseReason.LEFT);
    }

    @Test
    void s3_a_terminal_event_closes_after_500_ms_without_acknowledgement() {
        open(1, CLIENT);
        service.leave(EventKind.APP_EXIT, 0, now, out);
        now += TimeUnit.MILLISECONDS.toNanos(500) - 1;
        service.timePassed(now, out);
        assertThat(out).hasSize(1);
        assertThat(service.nextDeadline()).isEqualTo(now + 1);

        service.timePassed(now + 1, out);

        assertThat(closeReason()).isEqualTo(CloseReason.LEFT);
        assertThat(service.nextDeadline()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void s3_after_a_terminal_event_nothing_is_executed_and_what_runs_may_finish() {
        open(1, CLIENT);
        hear(1, once(CLIENT, 1));
        service.leave(EventKind.APP_EXIT, 0, now, out);
        out.clear();
        hear(1, once(CLIENT, 2));
        assertThat(out).isEmpty();

        service.executed(CLIENT, 1, DONE, out);

        assertThat(sent(1)).containsExactly(new OnceReply(1, false, DONE));
    }

    // ------------------------------------------------------------------ §5

    @Test
    void s5_execute_once_is_accepted_only_with_this_connections_epoch() {
        open(1, CLIENT);
        hear(1, once(new Epoch(0xC2), 1));

        assertThat(refusal()).isEqualTo(-71);
    }

    @Test
    void s5_a_repeat_on_the_next_connection_waits_and_both_are_told() {
        open(1, CLIENT);
        hear(1, once(CLIENT, 1));
        assertThat(out).hasOnlyElementsOfType(ServiceOrder.Execute.class);
        assertThat(service.running()).isEqualTo(1);
        reopen(2, CLIENT, 0);
        out.clear();
        hear(2, once(CLIENT, 1));
        assertThat(out).isEmpty();

        service.executed(CLIENT, 1, DONE, out);

        assertThat(sent(1)).containsExactly(new OnceReply(1, false, DONE));
        assertThat(sent(2)).containsExactly(new OnceReply(1, true, DONE));
        assertThat(service.running()).isZero();
    }

    @Test
    void s5_64_client_epochs_fit_and_the_65th_evicts_the_least_recently_used() {
        for (int i = 1; i <= 64; i++) {
            open(i, new Epoch(i));
            close(i);
        }
        reopen(100, new Epoch(1), 0);
        assertThat(opened(100).onceLost()).isFalse();
        close(100);

        open(101, new Epoch(65));
        close(101);

        assertThat(onceLost(102, new Epoch(1))).isFalse();
        assertThat(onceLost(103, new Epoch(2))).isTrue();
    }

    @Test
    void s5_an_epoch_with_an_open_connection_is_never_evicted_and_when_all_are_open_is_eagain() {
        for (int i = 1; i <= 64; i++) {
            open(i, new Epoch(i));
        }
        service.connected(65);
        hear(65, Handshake.Open.first(Features.ALL, new Epoch(65)));

        assertThat(out.getFirst()).isEqualTo(new ServiceOrder.Refuse(65, 0x100, -11));
        assertThat(closeReason()).isEqualTo(CloseReason.EPOCHS_IN_USE);
        close(7);
        open(66, new Epoch(65));
        assertThat(service.isOpened(66)).isTrue();
        reopen(67, new Epoch(64), 0);
        assertThat(opened(67).onceLost()).isFalse();
    }

    @Test
    void s5_once_lost_is_told_again_until_the_client_has_surely_read_it() {
        open(1, CLIENT);
        hear(1, once(CLIENT, 1));
        close(1);
        for (int i = 2; i <= 65; i++) {
            open(i, new Epoch(i + 1000));
            close(i);
        }
        assertThat(onceLost(100, CLIENT)).isTrue();
        assertThat(onceLost(101, CLIENT)).isTrue();

        hear(101, new Handshake.Probe(2));

        assertThat(onceLost(102, CLIENT)).isFalse();
    }

    @Test
    void s5_an_unknown_epoch_that_claims_to_know_this_guest_has_been_evicted() {
        assertThat(onceLost(1, CLIENT)).isTrue();
        open(2, new Epoch(0xC2));
        assertThat(opened(2).onceLost()).isFalse();
    }

    // ------------------------------------------------------------------ §6

    @Test
    void s6_a_feature_that_was_not_negotiated_is_eopnotsupp() {
        open(1, CLIENT, WITHOUT);
        for (FromHost request : List.of(new Handshake.Probe(2), InventoryRequest.FIRST, once(CLIENT, 1))) {
            hear(1, request);
            assertThat(refusal()).isEqualTo(-95);
        }
    }

    @Test
    void s6_the_feature_is_checked_before_the_epoch_and_the_epoch_before_the_content() {
        open(1, CLIENT, Features.of(Feature.EVENTS));
        hear(1, onceWithIdZero(new Epoch(0xC2)));
        assertThat(refusal()).isEqualTo(-95);

        open(2, CLIENT, Features.of(Feature.EXACTLY_ONCE));
        hear(2, onceWithIdZero(new Epoch(0xC2)));
        assertThat(refusal()).isEqualTo(-71);
        hear(2, onceWithIdZero(CLIENT));
        assertThat(refusal()).isEqualTo(-22);
    }

    @Test
    void s6_an_undecodable_or_oversized_request_is_einval_and_the_connection_stays() {
        service.connected(1);
        hear(1, garbage(0x100, 0, 2));
        assertThat(refusal()).isEqualTo(-22);
        open(1, CLIENT);
        hear(1, garbage(0x104, 0, 2));
        assertThat(refusal()).isEqualTo(-22);
        hear(1, garbage(0x103, 0, 1009));
        assertThat(refusal()).isEqualTo(-22);

        assertThat(service.isOpened(1)).isTrue();
    }

    @Test
    void s6_an_undecodable_or_oversized_notification_closes_the_connection() {
        open(1, CLIENT);
        hear(1, garbage(0x101, 1, 2));
        assertThat(closeReason()).isEqualTo(CloseReason.UNDECODABLE);
        open(2, CLIENT);
        hear(2, garbage(0x102, 1, 1009));
        assertThat(closeReason()).isEqualTo(CloseReason.UNDECODABLE);
        assertThat(service.closed(CloseReason.UNDECODABLE)).isEqualTo(2);
        assertThat(service.connections()).isEmpty();
    }

    @Test
    void s6_a_notification_before_the_handshake_closes_the_connection() {
        service.connected(1);
        hear(1, new EventAck(GUEST, 1));

        assertThat(closeReason()).isEqualTo(CloseReason.BEFORE_HANDSHAKE);
    }

    @Test
    void s6_a_notification_of_a_feature_not_negotiated_closes_the_connection() {
        open(1, CLIENT, WITHOUT);
        hear(1, new EventAck(GUEST, 1));

        assertThat(closeReason()).isEqualTo(CloseReason.NOT_NEGOTIATED);
    }

    @Test
    void s6_unknown_types_are_eperm_and_reserved_ones_eopnotsupp() {
        open(1, CLIENT);
        for (int[] typeAndResult : new int[][] {
            {0x105, -1}, {0x10F, -1}, {0x110, -95}, {0x114, -95}, {0x115, -1}, {0x120, -95}, {0x127, -95}, {0x128, -1}
        }) {
            hear(1, garbage(typeAndResult[0], 0, 0));
            assertThat(refusal()).isEqualTo(typeAndResult[1]);
        }
    }

    @Test
    void s4_connections_are_told_by_client_epoch_and_plain_ones_together() {
        service.connected(1);
        service.connected(2);
        service.plainRequest(2);
        open(3, new Epoch(-1));
        open(4, CLIENT);
        open(5, CLIENT);
        long changes = service.changes();
        close(5);

        assertThat(service.connections())
                .containsExactly(
                        new ClientConnections(Optional.empty(), 2),
                        new ClientConnections(Optional.of(CLIENT), 1),
                        new ClientConnections(Optional.of(new Epoch(-1)), 1));
        assertThat(service.changes()).isGreaterThan(changes);
    }

    // ------------------------------------------------------------------ how to speak to it

    private void open(long connection, Epoch client) {
        open(connection, client, Features.ALL);
    }

    private void open(long connection, Epoch client, Features features) {
        service.connected(connection);
        hear(connection, Handshake.Open.first(features, client));
        if (client.equals(CLIENT)) {
            out.removeIf(o -> o instanceof ServiceOrder.Send s && !(s.message() instanceof HandshakeReply.Open));
        }
        opening.clear();
        opening.addAll(out);
        out.clear();
    }

    private final List<ServiceOrder> opening = new ArrayList<>();

    private void reopen(long connection, Epoch client, long resumeAfter) {
        out.clear();
        opening.clear();
        service.connected(connection);
        hear(connection, new Handshake.Open(1, 1, Features.ALL, client, Optional.of(GUEST), 0, resumeAfter));
        opening.addAll(out);
    }

    private boolean onceLost(long connection, Epoch client) {
        reopen(connection, client, 0);
        boolean lost = opened(connection).onceLost();
        service.closed(connection == 101 ? -1 : connection, now, out);
        return lost;
    }

    private int interval(int wished) {
        service = new ExtensionService(identity(Features.ALL));
        out.clear();
        service.connected(1);
        hear(1, new Handshake.Open(1, 1, Features.ALL, CLIENT, Optional.empty(), wished, 0));
        return opened(1).intervalMs();
    }

    private void close(long connection) {
        service.closed(connection, now, out);
    }

    private void raise(EventKind kind) {
        service.raise(kind, DeviceReference.NONE, Bytes.EMPTY, 0, out);
    }

    private boolean offerUser() {
        return service.offerUser(DeviceReference.NONE, Bytes.utf8("x"), 0, now, out);
    }

    private void hear(long connection, FromHost message) {
        hear(connection, ExtensionWriter.toBytes(message));
    }

    private void hear(long connection, byte[] frame) {
        service.received(connection, ExtensionFrame.readFromHost(ByteBuffer.wrap(frame), 0), now, out);
    }

    private HandshakeReply.Open opened(long connection) {
        return java.util.stream.Stream.concat(out.stream(), opening.stream())
                .filter(ServiceOrder.Send.class::isInstance)
                .map(ServiceOrder.Send.class::cast)
                .filter(s -> s.connection() == connection)
                .map(ServiceOrder.Send::message)
                .filter(HandshakeReply.Open.class::isInstance)
                .map(HandshakeReply.Open.class::cast)
                .findFirst()
                .orElseThrow();
    }

    private List<FromGuest> sent(long connection) {
        return out.stream()
                .filter(ServiceOrder.Send.class::isInstance)
                .map(ServiceOrder.Send.class::cast)
                .filter(s -> s.connection() == connection)
                .map(ServiceOrder.Send::message)
                .toList();
    }

    private List<Long> sequences(long connection) {
        return sent(connection).stream()
                .filter(EventNotify.class::isInstance)
                .map(m -> ((EventNotify) m).sequence())
                .toList();
    }

    /// The result of the only order, which is taken away.
    private int refusal() {
        assertThat(out).hasSize(1);
        return ((ServiceOrder.Refuse) out.removeFirst()).result();
    }

    private CloseReason closeReason() {
        return ((ServiceOrder.Close) out.removeLast()).reason();
    }

    private static EventNotify hostEvent(long sequence, EventKind kind) {
        return new EventNotify(CLIENT, sequence, kind, DeviceReference.NONE, Bytes.EMPTY, 0, 0);
    }

    private static ExecuteOnce once(Epoch client, long id) {
        return ExecuteOnce.of(client, id, 0, new Request.AddPci(new PciFunction(0, 1, 0)));
    }

    private static byte[] onceWithIdZero(Epoch client) {
        byte[] load = dev.upcall.proto.extension.v1.ExecuteOnce.newBuilder()
                .setClientEpoch(client.value())
                .build()
                .toByteArray();
        byte[] frame = garbage(0x104, 0, load.length);
        System.arraycopy(load, 0, frame, 16, load.length);
        return frame;
    }

    /// A frame whose load is no Protobuf message.
    private static byte[] garbage(int type, int flags, int size) {
        byte[] frame = new byte[1024];
        FrameLayout.writeHeader(ByteBuffer.wrap(frame), 0, type, size, flags);
        frame[16] = 0x0a;
        frame[17] = 0x7f;
        return frame;
    }

    private static GuestIdentity identity(Features features) {
        return new GuestIdentity(GUEST, new BootId(1, 2), "x86_64", "test", Set.of(Operation.ADD_CPU), features);
    }
}
