package dev.upcall.client.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.client.bridge.vhost.GuestDevice;
import dev.upcall.client.bridge.vhost.GuestDevice.Start;
import dev.upcall.client.bridge.vhost.VsockOptions;
import dev.upcall.proto.vsock.PacketHeader;
import dev.upcall.proto.vsock.PacketOp;
import dev.upcall.proto.vsock.driver.GuestVsock;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class MicrometerVsockCountersTest {
    @TempDir
    private Path folder;

    @Test
    void what_the_device_refused_is_counted_when_it_is_looked_at() throws Exception {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        Semaphore interrupts = new Semaphore(0);
        GuestVsock guest = new GuestVsock();
        try (GuestDevice device =
                GuestDevice.start(VsockOptions.of(3, folder.resolve("s")), _ -> interrupts.release())) {
            MicrometerVsockCounters.bind(registry, device.counters());
            guest.offerBuffers();
            guest.send(
                    new PacketHeader()
                            .from(3, 1)
                            .to(2, 2)
                            .says(1, PacketOp.RW.code(), 0, 0)
                            .credits(0, 0),
                    0);
            device.startRings(guest.memory(), new Start(guest.place(0), 0), new Start(guest.place(1), 0));
            while (!guest.receive()) {
                interrupts.acquire();
            }
            assertThat(registry.get("upcall.vsock.refused").functionCounter().count())
                    .isEqualTo(1);
            assertThat(registry.get("upcall.vsock.bytes")
                            .tag("direction", "to_guest")
                            .functionCounter()
                            .count())
                    .isZero();
        }
    }
}
