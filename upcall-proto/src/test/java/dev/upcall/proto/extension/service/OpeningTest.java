package dev.upcall.proto.extension.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.extension.BootId;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.Features;
import dev.upcall.proto.extension.Handshake;
import dev.upcall.proto.extension.HandshakeReply;
import dev.upcall.proto.extension.InventoryRequest;
import dev.upcall.proto.extension.OnceReply;
import dev.upcall.proto.message.Operation;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// The guest's side: §1 opening, §2 prover, §5 epochs.
class OpeningTest extends ServicePlay {

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
}
