package dev.upcall.proto.extension.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.extension.BootId;
import dev.upcall.proto.extension.Bytes;
import dev.upcall.proto.extension.DeviceReference;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.EventAck;
import dev.upcall.proto.extension.ExtensionWriter;
import dev.upcall.proto.extension.Features;
import dev.upcall.proto.extension.FromHost;
import dev.upcall.proto.extension.Handshake;
import dev.upcall.proto.wire.ExtensionFrame;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// §3: user events wait for the slowest client. One that is away for 30 s is waited for no longer, and
/// leaves no deadline
/// behind that could never be met while another one still holds them up.
class AwayTooLongTest {
    private static final Epoch GUEST = new Epoch(0x6E);

    private final List<ServiceOrder> out = new ArrayList<>();
    private final ExtensionService service =
            new ExtensionService(new GuestIdentity(GUEST, new BootId(1, 2), "x86_64", "test", Set.of(), Features.ALL));
    private long now = 1000;

    @Test
    void s3_a_deadline_that_has_passed_is_not_set_again_while_another_client_has_no_room() {
        open(1, new Epoch(0xA));
        open(2, new Epoch(0xB));
        for (int i = 0; i < 256; i++) {
            assertThat(offer()).isTrue();
        }
        service.closed(1, now, out);
        assertThat(offer()).isFalse();

        now = service.nextDeadline();
        service.timePassed(now, out);

        assertThat(service.nextDeadline())
                .as("the client that is there holds them up")
                .isEqualTo(Long.MAX_VALUE);
        assertThat(offer()).isFalse();
        hear(2, new EventAck(GUEST, 1));
        assertThat(out).contains(new ServiceOrder.RoomForUser());
        assertThat(offer()).isTrue();
    }

    @Test
    void s3_a_client_that_came_back_and_left_again_is_waited_for_again() {
        open(1, new Epoch(0xA));
        for (int i = 0; i < 256; i++) {
            offer();
        }
        service.closed(1, now, out);
        now += EventDesk.ABSENT_MAX.toNanos();
        service.timePassed(now, out);
        hear(2, open(new Epoch(0xA), 0), true);
        for (int i = 0; i < 256; i++) {
            offer();
        }
        service.closed(2, now, out);
        assertThat(offer()).isFalse();
        assertThat(service.nextDeadline()).isEqualTo(now + EventDesk.ABSENT_MAX.toNanos());
    }

    private boolean offer() {
        return service.offerUser(DeviceReference.NONE, Bytes.EMPTY, 0, now, out);
    }

    private void open(long connection, Epoch client) {
        hear(connection, open(client, 0), true);
    }

    private static Handshake.Open open(Epoch client, long resumeAfter) {
        return new Handshake.Open(1, 1, Features.ALL, client, Optional.empty(), 0, resumeAfter);
    }

    private void hear(long connection, FromHost message) {
        hear(connection, message, false);
    }

    private void hear(long connection, FromHost message, boolean first) {
        if (first) {
            service.connected(connection);
        }
        service.received(
                connection,
                ExtensionFrame.readFromHost(ByteBuffer.wrap(ExtensionWriter.toBytes(message)), 0),
                now,
                out);
    }
}
