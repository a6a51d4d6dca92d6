package dev.upcall.client.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EpollTest {
    private Epoll epoll;

    @BeforeEach
    void opened() throws PosixException {
        epoll = Epoll.open();
    }

    @AfterEach
    void closed() {
        epoll.close();
    }

    @Test
    void every_signal_of_an_eventfd_is_told_once_without_draining_it() throws PosixException {
        try (EventFd event = EventFd.create()) {
            epoll.add(event.fd(), Epoll.IN, 0x1234_5678_9abc_def0L);
            assertThat(epoll.await(0)).isZero();
            for (int i = 0; i < 3; i++) {
                event.signal();
                assertThat(epoll.await(0)).isOne();
                assertThat(epoll.key(0)).isEqualTo(0x1234_5678_9abc_def0L);
                assertThat(epoll.events(0)).isEqualTo(Epoll.IN);
                assertThat(epoll.await(0)).isZero();
            }
            assertThat(event.drain()).isEqualTo(3);
            assertThat(event.drain()).isZero();
        }
    }

    @Test
    void what_happened_before_is_told_too() throws PosixException {
        try (EventFd event = EventFd.create()) {
            event.signal();
            epoll.add(event.fd(), Epoll.IN, 1);
            assertThat(epoll.await(0)).isOne();
        }
    }

    @Test
    void a_peer_that_ends_and_one_that_closes_are_told_apart() throws PosixException {
        List<FdSocket> pair = FdSocket.pair();
        try (FdSocket here = pair.getFirst()) {
            epoll.add(here.fd(), Epoll.IN | Epoll.RDHUP, 1);
            UnixSockets.end(pair.getLast().fd());
            assertThat(epoll.await(0)).isOne();
            assertThat(epoll.events(0)).isEqualTo(Epoll.IN | Epoll.RDHUP);
            pair.getLast().close();
            assertThat(epoll.await(0)).isOne();
            assertThat(epoll.events(0) & Epoll.HUP).isEqualTo(Epoll.HUP);
        }
    }

    @Test
    void one_that_was_removed_is_told_no_more() throws PosixException {
        try (EventFd event = EventFd.create()) {
            epoll.add(event.fd(), Epoll.IN, 1);
            epoll.remove(event.fd());
            event.signal();
            assertThat(epoll.await(0)).isZero();
        }
    }

    @Test
    void a_file_cannot_be_waited_for() throws PosixException {
        try (MemoryFile file = MemoryFile.create("m", 1)) {
            assertThatThrownBy(() -> epoll.add(file.fd(), Epoll.IN, 1)).hasMessageContaining("EPERM");
        }
    }

    @Test
    void bytes_go_from_memory_to_memory_and_answers_have_a_meaning() throws PosixException {
        UnixSockets sockets = new UnixSockets();
        List<FdSocket> pair = FdSocket.pair();
        Fd here = pair.getFirst().fd();
        Fd there = pair.getLast().fd();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocateFrom("hello");
            MemorySegment into = arena.allocate(16);
            assertThat(sockets.receive(there, into, 0, 16)).isEqualTo(UnixSockets.WOULD_BLOCK);
            assertThat(sockets.send(here, bytes, 1, 5)).isEqualTo(5);
            assertThat(sockets.receive(there, into, 2, 14)).isEqualTo(5);
            assertThat(into.getString(2)).isEqualTo("ello");
            assertThatThrownBy(() -> sockets.send(here, bytes, 1, 6)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> sockets.send(here, MemorySegment.ofArray(new byte[4]), 0, 4))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            here.close();
            assertThat(sockets.receive(there, into, 0, 16)).isZero();
            assertThat(sockets.send(there, bytes, 0, 5)).isEqualTo(UnixSockets.LOST);
        } finally {
            there.close();
        }
    }
}
