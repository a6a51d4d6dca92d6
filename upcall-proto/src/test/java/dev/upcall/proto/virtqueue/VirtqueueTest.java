package dev.upcall.proto.virtqueue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upcall.proto.virtqueue.Virtqueue.Direction;
import dev.upcall.proto.virtqueue.Virtqueue.Taken;
import dev.upcall.proto.virtqueue.driver.GuestDriver;
import dev.upcall.proto.virtqueue.driver.GuestRam;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class VirtqueueTest {

    @Test
    void a_descriptor_is_16_bytes_and_the_rings_are_as_long_as_virtio_says() {
        assertThat(RingLayout.DESCRIPTOR_BYTES).isEqualTo(16);
        assertThat(RingLayout.FLAGS_OFFSET).isEqualTo(12);
        assertThat(RingLayout.USED_ENTRY_BYTES).isEqualTo(8);
        RingPlace place = new RingPlace(128, 0, 0, 0);
        assertThat(place.descriptorBytes()).isEqualTo(2048);
        assertThat(place.availableBytes()).isEqualTo(4 + 256);
        assertThat(place.usedBytes()).isEqualTo(4 + 1024);
        assertThatThrownBy(() -> new RingPlace(24, 0, 0, 0)).hasMessageContaining("a power of two: 24");
    }

    @Test
    void what_the_driver_sends_is_read_wherever_its_borders_fall() {
        for (int border = 0; border <= 100; border++) {
            Guest g = Guest.sending().fill(0x110000, 100);
            g.driver.add(0x110000, border, false).add(0x110000 + border, 100 - border, false);
            g.driver.offer();

            g.takesChain();

            assertThat(g.chain.length()).isEqualTo(100);
            assertThat(g.read(0, 100)).startsWith(0, 1, 2).endsWith(97, 98, 99);
            assertThat(g.read(44, 10)).startsWith(44).endsWith(53);
            assertThat(g.read(100, 0)).isEmpty();
        }
    }

    @Test
    void what_the_device_writes_is_found_in_the_buffers_and_nowhere_else() {
        Guest g = Guest.receiving();
        g.driver.add(g.buffer, 10, true).add(g.buffer + 20, 10, true);
        int head = g.driver.offer();
        g.takesChain();

        g.chain.write(5, new byte[] {9, 1, 2, 3, 4, 5, 6, 7, 8, 9}, 1, 9);
        g.chain.write(19, MemorySegment.ofArray(new byte[] {7, 77}), 1, 1);
        g.queue.giveBack(g.chain, 20);

        assertThat(g.driver.takeUsed()).isEqualTo(GuestDriver.NONE);
        assertThat(g.queue.publish()).isTrue();
        assertThat(g.driver.takeUsed()).isEqualTo(head);
        assertThat(g.driver.usedLength()).isEqualTo(20);
        assertThat(bytes(g, 31))
                .containsExactly(
                        0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6, 7, 8, 9, 0, 0, 0, 0, 0, 77, 0);
    }

    @Test
    void the_pieces_are_those_the_driver_said() {
        Guest g = Guest.sending();
        g.driver.add(g.buffer, 44, false).add(g.buffer + 1000, 4000, false);
        g.driver.offer();
        g.takesChain();

        assertThat(g.chain.pieces()).isEqualTo(2);
        assertThat(g.chain.length(1)).isEqualTo(4000);
        assertThat(g.chain.offset(1)).isEqualTo(GuestRam.offset(g.buffer) + 1000);
        assertThat(g.chain.segment(1).byteSize()).isEqualTo(g.ram.size());
        assertThatThrownBy(() -> g.chain.length(2)).hasMessage("piece 2 of 2");
        assertThatThrownBy(() -> g.read(4043, 2)).hasMessage("2 bytes at 4043 of 4044");
    }

    @Test
    void chains_come_and_go_for_longer_than_an_index_counts() {
        Guest g = Guest.sending();
        for (int i = 0; i < 200_000; i++) {
            int head = g.driver
                    .add(g.buffer, 4, false)
                    .add(g.buffer + 4, i & 0xff, false)
                    .offer();
            g.takesChain();
            assertThat(g.chain.length()).isEqualTo(4 + (i & 0xff));
            g.queue.giveBack(g.chain, 0);
            g.queue.publish();
            assertThat(g.driver.takeUsed()).isEqualTo(head);
        }
        assertThat(g.driver.freeDescriptors()).isEqualTo(Guest.ENTRIES);
        assertThat(g.queue.next()).isEqualTo(200_000 & 0xffff);
    }

    @Test
    void a_ring_goes_on_in_the_middle_where_another_one_stood() {
        Guest g = Guest.sending();
        g.driver.startAt(0xfffe);
        g.queue = new Virtqueue(g.ram.memory(), g.driver.place(), Direction.FROM_GUEST, 0xfffe);
        for (int i = 0; i < 5; i++) {
            g.driver.add(g.buffer, i, false).offer();
        }
        for (int i = 0; i < 5; i++) {
            g.takesChain();
            assertThat(g.chain.length()).isEqualTo(i);
            g.queue.giveBack(g.chain, 0);
        }
        g.queue.publish();

        assertThat(g.queue.next()).isEqualTo(3);
        assertThat(g.driver.usedIndex()).isEqualTo(3);
    }

    @Test
    void several_chains_become_visible_at_once() {
        Guest g = Guest.sending();
        for (int i = 0; i < 3; i++) {
            g.driver.add(g.buffer, 1, false).offer();
        }
        assertThat(g.queue.waiting()).isEqualTo(3);
        for (int i = 0; i < 3; i++) {
            g.takesChain();
            g.queue.giveBack(g.chain, 0);
            assertThat(g.driver.usedIndex()).isZero();
        }
        assertThat(g.queue.take(g.chain)).isEqualTo(Taken.EMPTY);

        g.queue.publish();

        assertThat(g.driver.usedIndex()).isEqualTo(3);
        assertThat(g.queue.publish()).isFalse();
    }

    @Test
    void a_chain_that_was_put_back_is_taken_again() {
        Guest g = Guest.receiving();
        g.driver.add(g.buffer, 7, true).offer();
        g.takesChain();
        g.queue.putBack();
        assertThat(g.queue.next()).isZero();

        g.takesChain();

        assertThat(g.chain.length()).isEqualTo(7);
        g.queue.giveBack(g.chain, 0);
        assertThatThrownBy(g.queue::putBack).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> g.queue.giveBack(g.chain, 0)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void a_driver_that_wants_no_interrupt_gets_none() {
        Guest g = Guest.sending();
        for (boolean wanted : new boolean[] {false, true}) {
            g.driver.wantInterrupts(wanted);
            g.driver.add(g.buffer, 1, false).offer();
            g.takesChain();
            g.queue.giveBack(g.chain, 0);
            assertThat(g.queue.publish()).isEqualTo(wanted);
        }
    }

    @Test
    void a_quiet_ring_wants_no_kick_and_looks_once_more_when_it_listens_again() {
        Guest g = Guest.sending();
        assertThat(g.driver.wantsKick()).isTrue();
        g.queue.quiet();
        assertThat(g.driver.wantsKick()).isFalse();
        g.driver.add(g.buffer, 1, false).offer();
        assertThat(g.queue.listen()).isTrue();
        assertThat(g.driver.wantsKick()).isTrue();
        g.takesChain();
        assertThat(g.queue.listen()).isFalse();
    }

    @Test
    void a_ring_that_moves_goes_on_at_its_index_in_the_new_memory() {
        Guest g = Guest.sending();
        g.driver.add(g.buffer, 1, false).offer();
        g.takesChain();
        g.queue.giveBack(g.chain, 0);
        g.queue.publish();
        GuestRam copy = new GuestRam(g.ram.size());
        GuestDriver elsewhere = new GuestDriver(copy, Guest.ENTRIES);
        elsewhere.startAt(1);

        g.queue.move(copy.memory(), elsewhere.place());
        elsewhere.add(g.buffer, 2, false).offer();

        g.takesChain();
        assertThat(g.chain.length()).isEqualTo(2);
    }

    /// A back-end that stored the index byte by byte once showed 0x0000 between 0x00ff and 0x0100, and
    /// the guest's queue was dead.
    @Test
    void another_thread_never_sees_a_used_index_that_was_not_published() throws InterruptedException {
        Guest g = Guest.sending();
        int rounds = 256 * 1024;
        AtomicInteger published = new AtomicInteger();
        int[] wrongAndLooks = new int[2];
        Thread reader = Thread.ofPlatform().start(() -> {
            int before = 0;
            while (before < rounds) {
                int index = g.driver.usedIndex();
                // The index lies between what was published before the look and what is being published after it.
                int after = published.get() + 1;
                if (after - before < 0x1_0000) {
                    wrongAndLooks[0] += (index - before & 0xffff) > after - before ? 1 : 0;
                    wrongAndLooks[1]++;
                }
                before = published.get();
            }
        });
        for (int i = 0; i < rounds; i++) {
            g.driver.add(g.buffer, 1, false).offer();
            g.queue.take(g.chain);
            g.queue.giveBack(g.chain, 0);
            g.queue.publish();
            published.incrementAndGet();
            g.driver.takeUsed();
        }
        reader.join();

        assertThat(wrongAndLooks[0])
                .as("times the index was one never published")
                .isZero();
        assertThat(wrongAndLooks[1]).as("looks").isGreaterThan(1000);
    }

    /// Random good chains against a model: what went in comes out, in order, whatever the pieces.
    @Test
    void random_chains_arrive_as_they_were_sent() {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            Guest g = Guest.sending().fill(0x110000, 4096);
            for (int round = 0; round < 20; round++) {
                int pieces = 1 + random.nextInt(Guest.ENTRIES);
                byte[] expected = new byte[0];
                for (int i = 0; i < pieces; i++) {
                    int length = random.nextInt(60);
                    int at = random.nextInt(4000);
                    g.driver.add(0x110000 + at, length, false);
                    expected = joined(expected, at, length);
                }
                g.driver.offer();
                g.takesChain();
                assertThat(g.read(0, g.chain.length())).as("seed %d", seed).isEqualTo(expected);
                g.queue.giveBack(g.chain, 0);
                g.queue.publish();
                g.driver.takeUsed();
            }
        }
    }

    private static byte[] joined(byte[] before, int at, int length) {
        byte[] all = Arrays.copyOf(before, before.length + length);
        for (int i = 0; i < length; i++) {
            all[before.length + i] = (byte) (at + i);
        }
        return all;
    }

    private static byte[] bytes(Guest g, int count) {
        return g.ram.bytes().asSlice(GuestRam.offset(g.buffer), count).toArray(ValueLayout.JAVA_BYTE);
    }
}
