package dev.upcall.proto.vsock;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

/// Many streams between a good guest and good host programs, from a seed: whatever the pace of either
/// side, every byte arrives, in order, and every stream comes to its end. Now and then the virtual
/// machine is stopped and goes on.
class StreamsSimulationTest {

    private static final int STEPS_MAX = 100_000;

    @Test
    void every_byte_arrives_and_every_stream_ends_whatever_the_pace() {
        for (int seed = 0; seed < 25; seed++) {
            try {
                play(new Random(seed * 0x9E3779B97F4A7C15L));
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed + " of StreamsSimulationTest", e);
            }
        }
    }

    private static void play(Random random) {
        ModelGuest guest = new ModelGuest(random);
        ModelHost host = new ModelHost(random);
        VsockDevice device = new VsockDevice(VsockRules.of(Pair.CID), host);
        start(device, guest, 0, 0);
        int streams = 1 + random.nextInt(20);
        long now = 0;
        for (int step = 0; step < streams || !host.isDone(); step++) {
            assertThat(step)
                    .as("steps until all have ended; %s", device.streams().size())
                    .isLessThan(STEPS_MAX);
            boolean told = step < streams;
            if (told) {
                host.connect(device.streams(), now);
            }
            now += 1_000_000;
            told |= now >= device.streams().nextDeadline();
            device.streams().timePassed(now);
            assertThat(device.streams().nextDeadline()).isGreaterThan(now);
            told |= guest.act();
            told |= host.act(device.streams(), now);
            if (random.nextInt(200) == 0) {
                start(device, guest, device.stop(0), device.stop(1));
                told = true;
            }
            if (told) {
                assertThat(device.work(now) & (VsockDevice.MORE | VsockDevice.BROKEN))
                        .isZero();
            }
            host.tidy();
        }
        assertThat(host.receivedInAll).hasSize(streams);
        host.receivedInAll.forEach((port, count) -> assertThat(count).isEqualTo(ModelGuest.plan(port)));
        assertThat(guest.readInAll).isEqualTo(host.writtenInAll);
        assertThat(device.streams().size()).isZero();
    }

    private static void start(VsockDevice device, ModelGuest guest, int base0, int base1) {
        device.start(0, guest.vsock.memory(), guest.vsock.place(0), base0);
        device.start(1, guest.vsock.memory(), guest.vsock.place(1), base1);
    }
}
