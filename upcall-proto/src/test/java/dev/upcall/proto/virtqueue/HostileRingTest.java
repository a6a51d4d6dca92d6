package dev.upcall.proto.virtqueue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.virtqueue.RingFault.Kind;
import dev.upcall.proto.virtqueue.Virtqueue.Direction;
import dev.upcall.proto.virtqueue.driver.GuestRam;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// A guest that breaks the rules of a ring: it is told which one, and nothing is thrown or touched.
class HostileRingTest {

    private static final int WRITE = RingLayout.WRITE;
    private static final int NEXT = RingLayout.NEXT;

    private final Guest g = Guest.receiving();

    @Test
    void a_loop_of_descriptors() {
        g.driver.poke(0, g.buffer, 1, WRITE | NEXT, 1);
        g.driver.poke(1, g.buffer, 1, WRITE | NEXT, 0);
        offer(0);

        assertThat(g.breaks()).isEqualTo(Kind.CHAIN_TOO_LONG);
        assertThat(reason())
                .isEqualTo("expected a chain no longer than the ring, found more than 8 descriptors from 0 on, a loop");
    }

    @Test
    void a_descriptor_that_follows_itself() {
        g.driver.poke(5, g.buffer, 0, WRITE | NEXT, 5);
        offer(5);

        assertThat(g.breaks()).isEqualTo(Kind.CHAIN_TOO_LONG);
    }

    @Test
    void a_chain_as_long_as_the_ring_is_still_good() {
        for (int i = 0; i < Guest.ENTRIES; i++) {
            g.driver.poke(i, g.buffer, 1, WRITE | (i < 7 ? NEXT : 0), i + 1);
        }
        offer(0);

        g.takesChain();

        assertThat(g.chain.length()).isEqualTo(8);
    }

    @Test
    void buffers_outside_of_memory() {
        long end = GuestRam.BASE + g.ram.size();
        for (long[] buffer : new long[][] {
            {end, 1},
            {end - 1, 2},
            {0, 16},
            {GuestRam.BASE - 1, 1},
            {GuestRam.BASE - 1, 2},
            {-1, 1},
            {-16, 32},
            {Long.MIN_VALUE, 1},
            {Long.MAX_VALUE, 1},
            {g.buffer, 0x7fffffff}
        }) {
            Guest guest = Guest.receiving();
            guest.driver.poke(0, buffer[0], (int) buffer[1], WRITE, 0);
            guest.driver.pokeEntry(0, 0);
            guest.driver.announce(1);

            assertThat(guest.breaks()).as("0x%x + %d", buffer[0], buffer[1]).isEqualTo(Kind.OUT_OF_MEMORY);
        }
    }

    @Test
    void a_length_of_four_gigabytes_is_not_a_negative_one() {
        g.driver.poke(0, g.buffer, -1, WRITE, 0);
        offer(0);

        assertThat(g.breaks()).isEqualTo(Kind.CHAIN_TOO_BIG);
        assertThat(reason()).contains("4294967295 bytes");
    }

    @Test
    void a_buffer_half_in_one_region_and_half_in_the_next() {
        MemorySegment bytes = g.ram.bytes();
        long half = bytes.byteSize() / 2;
        GuestMemory split = new GuestMemory(List.of(
                new GuestMemory.Region(GuestRam.BASE + half, bytes.asSlice(half)),
                new GuestMemory.Region(GuestRam.BASE, bytes.asSlice(0, half))));
        g.queue = new Virtqueue(split, g.driver.place(), Direction.TO_GUEST, 0);
        g.driver.poke(0, GuestRam.BASE + half - 8, 8, WRITE | NEXT, 1);
        g.driver.poke(1, GuestRam.BASE + half, 8, WRITE, 0);
        offer(0);
        g.takesChain();
        g.driver.poke(0, GuestRam.BASE + half - 8, 16, WRITE, 0);
        g.driver.pokeEntry(1, 0);
        g.driver.announce(2);

        assertThat(g.breaks()).isEqualTo(Kind.OUT_OF_MEMORY);
    }

    @Test
    void descriptors_of_the_wrong_direction() {
        g.driver.poke(0, g.buffer, 44, 0, 0);
        offer(0);
        assertThat(g.breaks()).isEqualTo(Kind.WRONG_DIRECTION);

        Guest sending = Guest.sending();
        sending.driver
                .add(sending.buffer, 44, false)
                .add(sending.buffer, 44, true)
                .offer();
        assertThat(sending.breaks()).isEqualTo(Kind.WRONG_DIRECTION);
        assertThat(sending.queue.fault().orElseThrow().detail()).contains("FROM_GUEST");
    }

    @Test
    void an_indirect_descriptor_that_was_not_offered() {
        g.driver.poke(0, g.buffer, 32, WRITE | RingLayout.INDIRECT, 0);
        offer(0);

        assertThat(g.breaks()).isEqualTo(Kind.INDIRECT);
    }

    @Test
    void descriptors_that_the_ring_does_not_have() {
        offer(8);
        assertThat(g.breaks()).isEqualTo(Kind.HEAD_OUT_OF_RING);

        Guest other = Guest.receiving();
        other.driver.poke(0, other.buffer, 1, WRITE | NEXT, 0xffff);
        other.driver.pokeEntry(0, 0);
        other.driver.announce(1);
        assertThat(other.breaks()).isEqualTo(Kind.NEXT_OUT_OF_RING);
        assertThat(other.queue.fault().orElseThrow().detail())
                .isEqualTo("descriptor 65535 of 8, named by descriptor 0");
    }

    @Test
    void an_index_that_jumps_ahead_or_back() {
        for (int index : new int[] {9, 100, 0x8000, 0xffff}) {
            Guest guest = Guest.receiving();
            guest.driver.announce(index);
            assertThat(guest.queue.waiting()).isEqualTo(8);
            assertThat(guest.breaks()).as("avail.idx %d", index).isEqualTo(Kind.INDEX_JUMPED);
            assertThat(guest.queue.waiting()).isZero();
        }
    }

    @Test
    void parts_of_the_ring_that_are_nowhere_or_crooked() {
        RingPlace good = g.driver.place();
        long end = GuestRam.BASE + g.ram.size();
        for (RingPlace bad : List.of(
                new RingPlace(8, 0, good.available(), good.used()),
                new RingPlace(8, end - 127, good.available(), good.used()),
                new RingPlace(8, good.descriptors() + 8, good.available(), good.used()),
                new RingPlace(8, good.descriptors(), good.available() + 1, good.used()),
                new RingPlace(8, good.descriptors(), end - 18, good.used()),
                new RingPlace(8, good.descriptors(), good.available(), good.used() + 2),
                new RingPlace(8, good.descriptors(), good.available(), end - 64),
                new RingPlace(32768, -16, -2, -4))) {
            g.queue = new Virtqueue(g.ram.memory(), bad, Direction.TO_GUEST, 0);
            assertThat(g.breaks()).as("%s", bad).isEqualTo(Kind.MISPLACED_RING);
            g.queue.quiet();
            assertThat(g.queue.listen()).isFalse();
            assertThat(g.queue.publish()).isFalse();
        }
    }

    @Test
    void a_descriptor_changed_after_the_check_changes_nothing() {
        int head = g.driver.add(g.buffer, 8, true).offer();
        g.takesChain();

        g.driver.poke(head, 0, -1, 0xffff, 0xffff);
        g.driver.pokeEntry(0, 0xffff);
        g.chain.write(0, new byte[] {1, 2, 3, 4, 5, 6, 7, 8}, 0, 8);
        g.queue.giveBack(g.chain, 8);
        g.queue.publish();

        assertThat(g.chain.length()).isEqualTo(8);
        assertThat(g.driver.takeUsed()).isEqualTo(head);
    }

    @Test
    void what_was_given_back_before_the_breach_is_still_shown() {
        int head = g.driver.add(g.buffer, 8, true).offer();
        g.takesChain();
        g.queue.giveBack(g.chain, 8);
        g.driver.announce(100);
        assertThat(g.breaks()).isEqualTo(Kind.INDEX_JUMPED);

        g.queue.publish();

        assertThat(g.driver.takeUsed()).isEqualTo(head);
    }

    /// Rings full of noise: each ends with a chain, nothing, or a reason; and the bytes around the guest
    /// stay.
    @Test
    void random_rings_never_throw_and_never_reach_outside() {
        Map<Kind, Integer> faults = new EnumMap<>(Kind.class);
        int chains = 0;
        MemorySegment host = Arena.ofAuto().allocate(3 * 64 * 1024, 4096).fill((byte) 0x5a);
        for (int seed = 0; seed < 4_000; seed++) {
            Random random = new Random(seed * 0x9E3779B97F4A7C15L);
            Noise noise = new Noise(host.asSlice(64 * 1024, 64 * 1024), random);
            for (int i = 0; i < 20 && noise.queue.fault().isEmpty(); i++) {
                chains += noise.round() ? 1 : 0;
            }
            noise.queue.fault().ifPresent(fault -> {
                faults.merge(fault.kind(), 1, Integer::sum);
                assertThat(fault.toString()).startsWith("expected ");
            });
        }
        assertThat(host.asSlice(0, 64 * 1024).toArray(ValueLayout.JAVA_BYTE)).containsOnly(0x5a);
        assertThat(host.asSlice(128 * 1024).toArray(ValueLayout.JAVA_BYTE)).containsOnly(0x5a);
        assertThat(chains).isGreaterThan(1_000);
        assertThat(faults)
                .containsKeys(
                        Kind.INDEX_JUMPED,
                        Kind.HEAD_OUT_OF_RING,
                        Kind.NEXT_OUT_OF_RING,
                        Kind.CHAIN_TOO_LONG,
                        Kind.CHAIN_TOO_BIG,
                        Kind.INDIRECT,
                        Kind.WRONG_DIRECTION,
                        Kind.OUT_OF_MEMORY);
    }

    private void offer(int head) {
        g.driver.pokeEntry(0, head);
        g.driver.announce(1);
    }

    private String reason() {
        return g.queue.fault().orElseThrow().toString();
    }
}
