package dev.upcall.client.bridge.vhost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upcall.client.bridge.Peer;
import dev.upcall.client.bridge.vhost.GuestDevice.Start;
import dev.upcall.proto.vsock.PacketHeader;
import dev.upcall.proto.vsock.PacketOp;
import dev.upcall.proto.vsock.driver.GuestVsock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A VMM in this JVM hands its guest's memory and rings to the device itself.
@Timeout(60)
class GuestDeviceTest {
    @TempDir
    private Path folder;

    private final Semaphore interrupts = new Semaphore(0);
    private final GuestVsock guest = new GuestVsock();
    private final PacketHeader packet = new PacketHeader();
    private GuestDevice device;

    @BeforeEach
    void a_device() throws IOException {
        device = GuestDevice.start(VsockOptions.of(3, folder.resolve("vm.sock")), _ -> interrupts.release());
        guest.offerBuffers();
    }

    @AfterEach
    void closed() {
        device.close();
    }

    @Test
    void its_guest_talks_with_a_program_and_goes_on_after_a_stop() throws Exception {
        device.startRings(guest.memory(), new Start(guest.place(0), 0), new Start(guest.place(1), 0));
        try (Peer host = Peer.dial(folder.resolve("vm.sock"))) {
            host.write("CONNECT 219\n");
            hears(PacketOp.REQUEST);
            int port = guest.received().srcPort();
            says(PacketOp.RESPONSE, port);
            host.readOk();
            GuestDevice.Stopped at = device.stopRings();
            device.startRings(
                    guest.memory(), new Start(guest.place(0), at.toGuest()), new Start(guest.place(1), at.fromGuest()));
            host.write("hello");
            hears(PacketOp.RW);
            assertThat(guest.received().len()).isEqualTo(5);
        }
    }

    @Test
    void rings_are_started_once_and_stopped_once() {
        Start toGuest = new Start(guest.place(0), 0);
        Start fromGuest = new Start(guest.place(1), 0);
        device.startRings(guest.memory(), toGuest, fromGuest);
        assertThatThrownBy(() -> device.startRings(guest.memory(), toGuest, fromGuest))
                .hasMessageContaining("stop them first");
        device.stopRings();
        assertThatThrownBy(() -> device.stopRings()).hasMessageContaining("start them first");
    }

    @Test
    void a_closed_device_says_so_and_its_file_is_gone() {
        device.close();
        assertThatThrownBy(() -> device.forgetStreams()).hasMessageContaining("closed");
        device.kick();
        assertThat(folder).isEmptyDirectory();
    }

    private void says(PacketOp op, int hostPort) {
        packet.from(3, 219).to(2, hostPort).says(1, op.code(), 0, 0).credits(262_144, 0);
        guest.send(packet, 0);
        device.kick();
    }

    private void hears(PacketOp op) throws InterruptedException {
        while (!guest.receive()) {
            interrupts.acquire();
        }
        assertThat(guest.received().op()).isEqualTo(op.code());
    }
}
