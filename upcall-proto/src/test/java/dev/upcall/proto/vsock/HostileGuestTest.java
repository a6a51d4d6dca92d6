package dev.upcall.proto.vsock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.virtqueue.RingFault;
import dev.upcall.proto.vsock.driver.GuestVsock;
import java.util.EnumSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// A guest with bad intentions, in front of the whole device.
class HostileGuestTest {

    /// A few thousand in every build; `-Dupcall.vsock.packets=1000000` for the long run.
    private static final int PACKETS = Integer.getInteger("upcall.vsock.packets", 30_000);

    private static final int PACKETS_OF_A_SEED = 300;

    @Test
    void a_packet_shorter_than_its_header_breaks_the_ring() {
        Pair pair = Pair.up();
        pair.guest.fromGuest().add(pair.guest.place(1).descriptors(), 43, false).offer();

        assertThat(pair.work() & VsockDevice.BROKEN).isNotZero();
        assertThat(pair.device.fault(1))
                .get()
                .hasToString("expected a chain that holds at least a packet's header, found 43 bytes from the guest");
        assertThat(pair.work() & VsockDevice.BROKEN).isNotZero();
    }

    @Test
    void a_buffer_without_room_for_a_byte_of_data_breaks_the_ring() {
        Pair pair = new Pair(new GuestVsock(8, 44));
        pair.says(PacketOp.RW, 1, 0);

        assertThat(pair.work() & VsockDevice.BROKEN).isNotZero();
        assertThat(pair.device.fault(0).orElseThrow().kind()).isEqualTo(RingFault.Kind.CHAIN_TOO_SHORT);
    }

    @Test
    void a_len_beyond_the_chain_ends_that_stream_and_no_other() {
        Pair pair = Pair.up();
        pair.opens(1);
        pair.opens(2);
        pair.says(5, 1, 0, 5_000, 4_999);
        pair.says(5, 2, 0, 10, 10);
        pair.work();

        pair.gets(PacketOp.RST);
        pair.gets(PacketOp.RW);
        assertThat(pair.host.lastReason()).isEqualTo(CloseReason.MISBEHAVED);
        assertThat(pair.host.lastDetail()).isEqualTo("len 5000 in a chain with 4999 bytes");
    }

    @Test
    void a_header_changed_while_it_is_handled_changes_nothing() {
        Pair pair = Pair.up();
        pair.opens(1);
        pair.says(5, 1, 0, 10, 10);
        pair.device.work(0);
        // The guest's copy of the header, in its own memory, says something else now.
        pair.guest.ram().bytes().asSlice(64 * 1024).fill((byte) -1);
        pair.host.report(pair.device.streams());
        pair.device.work(0);

        assertThat(pair.device.streams().size()).isEqualTo(1);
        assertThat(pair.host.streams()).isEqualTo(1);
    }

    @Test
    void a_flood_of_requests_opens_no_more_streams_than_there_may_be() {
        Pair pair = Pair.up();
        for (int i = 0; i < 5_000; i++) {
            pair.says(PacketOp.REQUEST, i, 0);
            pair.work();
            while (pair.guest.receive()) {
                pair.forwarded = 0;
            }
            pair.guest.offerBuffers();
        }
        assertThat(pair.host.streams()).isEqualTo(1023);
        assertThat(pair.host.refused()).isEqualTo(5_000 - 1023);
    }

    @Test
    void a_guest_that_takes_nothing_costs_a_bounded_number_of_answers() {
        Pair pair = Pair.up();
        for (int i = 0; i < 5_000; i++) {
            pair.says(PacketOp.RW, i, 0);
            pair.work();
        }
        assertThat(pair.device.streams().droppedResets()).isEqualTo(5_000 - 128 - 1024);
    }

    /// Safety: nothing is thrown, every order makes sense, every stream ends once, every breach has its
    /// reason.
    @Test
    void random_guests_and_hosts_never_bring_the_device_down() {
        Set<CloseReason> ends = EnumSet.noneOf(CloseReason.class);
        Set<PacketFault> faults = EnumSet.noneOf(PacketFault.class);
        Map<RingFault.Kind, Integer> broken = new TreeMap<>();
        int seeds = Math.max(1, PACKETS / PACKETS_OF_A_SEED);
        for (int seed = 0; seed < seeds; seed++) {
            try {
                FickleHost host = play(new Random(seed * 0x9E3779B97F4A7C15L), broken);
                ends.addAll(host.ends.keySet());
                faults.addAll(host.faults.keySet());
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed + " of HostileGuestTest", e);
            }
        }
        if (PACKETS >= 30_000) {
            Set<CloseReason> never = EnumSet.complementOf(EnumSet.copyOf(ends));
            assertThat(never).isSubsetOf(EnumSet.of(CloseReason.LINGERED));
            assertThat(faults).contains(PacketFault.WRONG_CID, PacketFault.WRONG_TYPE, PacketFault.UNKNOWN_STREAM);
            assertThat(broken).hasSizeGreaterThan(3);
        }
    }

    private static FickleHost play(Random random, Map<RingFault.Kind, Integer> broken) {
        HostileGuest guest = new HostileGuest(random);
        FickleHost host = new FickleHost(random);
        VsockDevice device = new VsockDevice(VsockRules.of(Pair.CID), host);
        device.start(0, guest.vsock.memory(), guest.vsock.place(0), 0);
        device.start(1, guest.vsock.memory(), guest.vsock.place(1), 0);
        long now = 0;
        for (int i = 0; i < PACKETS_OF_A_SEED; i++) {
            guest.act();
            host.act(device.streams(), now);
            int did = device.work(now);
            now += random.nextInt(100) == 0 ? 3_000_000_000L : 10_000_000L;
            device.streams().timePassed(now);
            assertThat(host.streams()).isEqualTo(device.streams().size());
            if ((did & VsockDevice.BROKEN) != 0) {
                RingFault fault = device.fault(0).or(() -> device.fault(1)).orElseThrow();
                broken.merge(fault.kind(), 1, Integer::sum);
                device.stop(0);
                device.stop(1);
                device.streams().forgetStreams();
                break;
            }
        }
        device.streams().close();
        assertThat(host.streams()).isZero();
        return host;
    }
}
