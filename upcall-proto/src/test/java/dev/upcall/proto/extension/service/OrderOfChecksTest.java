package dev.upcall.proto.extension.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.extension.ClientConnections;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.EventAck;
import dev.upcall.proto.extension.Feature;
import dev.upcall.proto.extension.Features;
import dev.upcall.proto.extension.FromHost;
import dev.upcall.proto.extension.Handshake;
import dev.upcall.proto.extension.InventoryRequest;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// The guest's side: §6 order of checks, §4 connections.
class OrderOfChecksTest extends ServicePlay {

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
}
