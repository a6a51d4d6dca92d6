package dev.upcall.stub.listen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.upcall.client.posix.PosixException;
import dev.upcall.client.posix.VsockSocket;
import dev.upcall.proto.guest.GuestProfile;
import dev.upcall.stub.StubGuest;
import dev.upcall.stub.StubOptions;
import dev.upcall.stub.machine.MachineConfig;
import java.io.IOException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a machine without vsock loopback can show; bytes over AF_VSOCK are a story of the virtual machines.
@Timeout(30)
class VsockListenerTest {
    /// Above the ports that need rights, and not one of a well-known service.
    private static final String TARGET = "vsock://any:40219";

    @BeforeEach
    void this_kernel_has_vsock() {
        assumeThat(hasVsock()).as("AF_VSOCK sockets").isTrue();
    }

    @Test
    void a_port_in_use_is_said_so() throws IOException {
        StubOptions options =
                StubOptions.of(MachineConfig.of(GuestProfile.KATA_6_12, 4)).withListen(TARGET);
        try (StubGuest guest = StubGuest.start(options)) {
            assertThat(guest.listening()).containsExactly(TARGET);
            assertThatIOException()
                    .isThrownBy(() -> StubGuest.start(options))
                    .withMessageContaining("cannot listen on " + TARGET)
                    .withMessageContaining("EADDRINUSE");
        }
    }

    private static boolean hasVsock() {
        try (VsockSocket socket = VsockSocket.open()) {
            return socket != null;
        } catch (PosixException _) {
            return false;
        }
    }
}
