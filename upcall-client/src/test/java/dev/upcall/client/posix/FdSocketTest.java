package dev.upcall.client.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FdSocketTest {
    private static final int F_GETFD = 1;
    private static final int FD_CLOEXEC = 1;

    private FdSocket here;
    private FdSocket there;
    private final List<Fd> received = new ArrayList<>();

    @BeforeEach
    void two_sockets() throws PosixException {
        List<FdSocket> pair = FdSocket.pair();
        here = pair.getFirst();
        there = pair.getLast();
    }

    @AfterEach
    void closed() {
        received.forEach(Fd::close);
        here.close();
        there.close();
    }

    @Test
    void nothing_has_arrived_yet() throws PosixException {
        assertThat(there.receive(ByteBuffer.allocate(8), received)).isZero();
    }

    @Test
    void the_end_of_the_stream_is_told() throws PosixException {
        here.close();
        assertThat(there.receive(ByteBuffer.allocate(8), received)).isEqualTo(-1);
    }

    @Test
    void eight_descriptors_ride_with_one_message_and_are_copies_of_our_own() throws PosixException {
        EventFd event = EventFd.create();
        here.send(ByteBuffer.wrap(new byte[12]), Collections.nCopies(8, event.fd()));
        assertThat(there.receive(ByteBuffer.allocate(12), received)).isEqualTo(12);
        assertThat(received)
                .hasSize(8)
                .extracting(Fd::number)
                .doesNotContain(event.fd().number());
        for (Fd fd : received) {
            assertThat(Libc.fcntl(fd.number(), F_GETFD, 0) & FD_CLOEXEC).isEqualTo(FD_CLOEXEC);
        }
        EventFd copy = EventFd.owning(received.getFirst());
        event.signal();
        event.close();
        assertThat(copy.drain()).isOne();
    }

    @Test
    void descriptors_come_with_the_first_byte_of_their_message() throws PosixException {
        try (EventFd event = EventFd.create()) {
            here.send(ByteBuffer.wrap(new byte[5]), List.of());
            here.send(ByteBuffer.wrap(new byte[5]), List.of(event.fd()));
        }
        there.receive(ByteBuffer.allocate(5), received);
        assertThat(received).isEmpty();
        there.receive(ByteBuffer.allocate(1), received);
        assertThat(received).hasSize(1);
    }

    @Test
    void a_ninth_descriptor_is_seen_and_a_seventeenth_refused() throws PosixException {
        try (EventFd event = EventFd.create()) {
            here.send(ByteBuffer.wrap(new byte[1]), Collections.nCopies(9, event.fd()));
            there.receive(ByteBuffer.allocate(1), received);
            assertThat(received).hasSize(9);
            here.send(ByteBuffer.wrap(new byte[1]), Collections.nCopies(17, event.fd()));
        }
        assertThatThrownBy(() -> there.receive(ByteBuffer.allocate(1), received))
                .isInstanceOf(PosixException.class)
                .hasMessageContaining("EMSGSIZE");
        assertThat(received).as("what did come is ours to close").hasSize(9 + 16);
    }
}
