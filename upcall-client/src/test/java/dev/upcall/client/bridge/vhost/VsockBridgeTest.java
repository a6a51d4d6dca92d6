package dev.upcall.client.bridge.vhost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upcall.client.bridge.Peer;
import dev.upcall.client.posix.PosixException;
import dev.upcall.proto.vsock.CloseReason;
import dev.upcall.proto.vsock.PacketHeader;
import dev.upcall.proto.vsock.PacketOp;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A VM comes, its guest and the host's programs talk, and it goes again.
@Timeout(120)
class VsockBridgeTest {
    @TempDir
    private Path folder;

    private Bridged bridged;

    @BeforeEach
    void a_bridge_waits_for_a_vm() throws IOException {
        bridged = new Bridged(folder);
    }

    @AfterEach
    void everything_is_closed() throws IOException {
        bridged.close();
    }

    @Test
    void both_sockets_are_there_for_their_owner_only_and_gone_afterwards() throws IOException {
        for (Path path : new Path[] {bridged.vhost, bridged.hybrid}) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                    .isEqualTo("rw-------");
        }
        bridged.close();
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void a_program_says_connect_and_hears_ok_when_the_guest_has_answered() throws IOException {
        FakeVm vm = bridged.vm();
        Peer host = bridged.dial();
        host.write("CONNECT 1234\n");
        PacketHeader request = vm.hears(PacketOp.REQUEST);
        assertThat(request.dstPort()).isEqualTo(1234);
        assertThat(request.dstCid()).isEqualTo(FakeVm.CID);
        assertThat(request.srcCid()).isEqualTo(2);
        vm.says(PacketOp.RESPONSE, 1234, request.srcPort(), 0);
        assertThat(host.read(14)).isEqualTo("OK 1073741824\n");
    }

    @Test
    void bytes_come_back_from_an_echoing_guest_and_a_frame_in_one_packet() throws IOException {
        FakeVm vm = bridged.vm();
        Peer host = bridged.dial();
        int port = bridged.opens(vm, host, 219);
        String frame = "f".repeat(1024);
        host.write(frame);
        assertThat(vm.hears(PacketOp.RW).len()).isEqualTo(1024);
        vm.saysData(219, port, vm.data());
        assertThat(host.read(1024)).isEqualTo(frame);
    }

    @Test
    void a_guest_reaches_who_listens_on_the_hosts_side() throws IOException {
        try (var listener = Peer.listen(folder.resolve("vm.sock_4000000000"))) {
            FakeVm vm = bridged.vm();
            vm.says(PacketOp.REQUEST, 77, (int) 4_000_000_000L, 0);
            vm.hears(PacketOp.RESPONSE);
            try (Peer host = Peer.accept(listener)) {
                vm.saysData(77, (int) 4_000_000_000L, "hello".getBytes(StandardCharsets.US_ASCII));
                assertThat(host.read(5)).isEqualTo("hello");
                host.write("you too");
                vm.hears(PacketOp.RW);
                assertThat(new String(vm.data(), StandardCharsets.US_ASCII)).isEqualTo("you too");
            }
        }
    }

    @Test
    void a_stopped_vm_goes_on_with_its_streams() throws IOException {
        FakeVm vm = bridged.vm();
        Peer host = bridged.dial();
        int port = bridged.opens(vm, host, 219);
        int[] bases = vm.stop();
        vm.start(bases[0], bases[1]);
        host.write("still there");
        vm.hears(PacketOp.RW);
        vm.saysData(219, port, vm.data());
        assertThat(host.read(11)).isEqualTo("still there");
    }

    @Test
    void what_the_guest_sent_before_the_rings_start_is_seen_without_a_kick() throws IOException {
        FakeVm vm = bridged.vm();
        Peer host = bridged.dial();
        int port = bridged.opens(vm, host, 219);
        int[] bases = vm.stop();
        vm.saysData(219, port, "early".getBytes(StandardCharsets.US_ASCII)); // its kick is nobody's any more
        vm.start(bases[0], bases[1]);
        assertThat(host.read(5)).isEqualTo("early");
    }

    @Test
    void a_reset_guest_has_forgotten_its_streams() throws IOException {
        FakeVm vm = bridged.vm();
        Peer host = bridged.dial();
        bridged.opens(vm, host, 219);
        vm.resetGuest();
        vm.start(0, 0);
        assertThat(host.readToEnd()).isEmpty();
        assertThat(bridged.ends.next().reason()).isEqualTo(CloseReason.GUEST_FORGOT);
    }

    @Test
    void a_vm_that_goes_ends_its_streams_and_the_next_one_is_served() throws IOException {
        FakeVm first = bridged.vm();
        Peer host = bridged.dial();
        bridged.opens(first, host, 219);
        first.close();
        assertThat(host.readToEnd()).isEmpty();
        FakeVm second = bridged.vm();
        bridged.opens(second, bridged.dial(), 219);
        assertThat(bridged.bridge.counters().of(DeviceCounters.Kind.FRONT_ENDS)).isEqualTo(2);
    }

    @Test
    void a_broken_ring_stops_the_device_and_a_restart_mends_it() throws Exception {
        FakeVm vm = bridged.vm();
        Peer host = bridged.dial();
        bridged.opens(vm, host, 219);
        vm.guest.fromGuest().announce(30_000);
        vm.kick(1);
        assertThat(bridged.broken.take()).contains("ring 1").contains("avail.idx 30000");
        assertThat(host.readToEnd()).isEmpty();
        vm.resetGuest();
        vm.start(0, 0);
        bridged.opens(vm, bridged.dial(), 219);
    }

    @Test
    void a_message_that_is_none_is_hung_up_on_and_the_next_vm_is_served() throws Exception {
        FakeVm bad = new FakeVm(bridged.vhost);
        bridged.closing(bad);
        bad.socket.send(ByteBuffer.allocate(12), java.util.List.of());
        bad.awaitHangUp();
        assertThat(bridged.gone.take()).contains("expected version 1");
        bridged.opens(bridged.vm(), bridged.dial(), 219);
    }

    @Test
    void memory_without_enough_descriptors_is_hung_up_on_and_the_next_vm_is_served() throws Exception {
        FakeVm bad = new FakeVm(bridged.vhost);
        bridged.closing(bad);
        bad.create();
        ByteBuffer two = FakeVm.buffer(72).putInt(2).putInt(0);
        two.putLong(0).putLong(4096).putLong(0).putLong(0);
        two.putLong(8192).putLong(4096).putLong(8192).putLong(4096);
        bad.say(5, two.flip(), bad.file.fd());
        bad.awaitHangUp();
        assertThat(bridged.gone.take()).contains("expected 2 descriptors, found 1");
        bridged.opens(bridged.vm(), bridged.dial(), 219);
    }

    @Test
    void memory_cannot_be_taken_away_while_it_is_mapped() throws Exception {
        FakeVm vm = bridged.vm();
        bridged.opens(vm, bridged.dial(), 219);
        assertThatThrownBy(() -> vm.file.resize(0)).hasMessageContaining("EPERM");
        bridged.opens(vm, bridged.dial(), 220);
    }

    @Test
    void a_file_that_is_shorter_than_the_memory_said_to_be_in_it_is_refused() throws Exception {
        FakeVm vm = new FakeVm(bridged.vhost);
        bridged.closing(vm);
        vm.create();
        vm.sayMemory(1 << 20);
        vm.awaitHangUp();
        assertThat(bridged.gone.take()).contains("make the file larger");
    }

    @Test
    void replaced_descriptors_are_closed() throws IOException {
        FakeVm vm = bridged.vm();
        bridged.opens(vm, bridged.dial(), 219);
        vm.ask(1);
        long before = descriptors();
        for (int i = 0; i < 20; i++) {
            int[] bases = vm.stop();
            vm.start(bases[0], bases[1]);
        }
        vm.ask(1);
        // The VM's own copies stay open until it is closed; ours must not add to them.
        assertThat(descriptors() - before).isEqualTo(20L * vm.givenPerRestart());
    }

    private static long descriptors() throws IOException {
        try (var open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }

    @Test
    void a_second_vm_waits_until_the_first_has_gone() throws PosixException {
        FakeVm first = bridged.vm();
        FakeVm second = new FakeVm(bridged.vhost);
        bridged.closing(second);
        assertThat(first.ask(1)).isEqualTo(0x140000000L);
        first.close();
        second.create();
    }
}
