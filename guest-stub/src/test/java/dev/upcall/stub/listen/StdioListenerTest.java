package dev.upcall.stub.listen;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.guest.GuestProfile;
import dev.upcall.stub.machine.GuestMachine;
import dev.upcall.stub.machine.MachineConfig;
import dev.upcall.stub.service.UpcallServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class StdioListenerTest {
    private final GuestThread guest =
            new GuestThread(new UpcallServer(new GuestMachine(MachineConfig.of(GuestProfile.KATA_6_12, 4))));
    private final CountDownLatch ended = new CountDownLatch(1);

    @Test
    void a_connection_on_standard_input_ends_with_it() throws IOException, InterruptedException {
        try (guest;
                PipedInputStream host = new PipedInputStream(8192);
                PipedOutputStream out = new PipedOutputStream(host)) {
            byte[] in = new byte[1025];
            in[0] = 'd';
            StdioListener.start(guest, new ByteArrayInputStream(in), out, ended::countDown);
            byte[] connect = host.readNBytes(1024);
            assertThat(connect[3]).isEqualTo((byte) 0x44);
            assertThat(host.readNBytes(1024)).as("the answer to a wrong magic").isEqualTo(connect);
            ended.await();
            assertThat(host.read()).isEqualTo(-1);
        }
    }
}
