package dev.upcall.stub.listen;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.client.transport.GuestPort;
import dev.upcall.proto.guest.GuestProfile;
import dev.upcall.stub.StubGuest;
import dev.upcall.stub.StubOptions;
import dev.upcall.stub.machine.MachineConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class InProcessPortTest {
    /// What the guest does with the stream: how many bytes it delivers, −1 for a close.
    private final BlockingQueue<Integer> seen = new LinkedBlockingQueue<>();

    private final GuestPort.HostEnd host = new GuestPort.HostEnd() {
        @Override
        public boolean deliver(ByteBuffer bytes) {
            return seen.add(bytes.remaining());
        }

        @Override
        public void close() {
            seen.add(-1);
        }
    };

    @Test
    void a_client_of_this_process_needs_no_socket() throws IOException, InterruptedException {
        try (StubGuest guest = StubGuest.start(StubOptions.of(MachineConfig.of(GuestProfile.KATA_6_12, 4)))) {
            GuestPort.GuestEnd end = guest.port().open(host);
            end.received(ByteBuffer.wrap(new byte[] {'d'}));
            assertThat(seen.take()).isEqualTo(1024);
            end.received(ByteBuffer.allocate(1024));
            assertThat(seen.take()).isEqualTo(1024);
            assertThat(guest.dump().requests()).isEqualTo(1);
            end.closed();
            assertThat(guest.dump().connections()).isEmpty();
        }
    }

    @Test
    void the_guest_closes_a_stream_of_this_process_too() throws IOException, InterruptedException {
        try (StubGuest guest = StubGuest.start(StubOptions.of(MachineConfig.of(GuestProfile.KATA_6_12, 4)))) {
            guest.port().open(host).received(ByteBuffer.wrap(new byte[] {'x'}));
            assertThat(seen.take()).isEqualTo(-1);
            guest.port().open(host);
        }
        assertThat(seen.take()).isEqualTo(-1);
    }
}
