package dev.upcall.client.bridge.vhost;

import dev.upcall.client.posix.Epoll;
import dev.upcall.client.posix.Fd;
import dev.upcall.client.posix.PosixException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Who is told when a descriptor is ready. Confined to the device's thread.
///
/// A place is used again when its owner has gone, so its key carries the owner's number too: what was
/// ready a moment ago is not told to the next who got the place.
final class Readiness implements AutoCloseable {
    private final Epoll epoll;
    private final List<Optional<Watched>> watched = new ArrayList<>();
    private final ArrayDeque<Integer> free = new ArrayDeque<>();
    private int number;

    /// Told on the device's thread.
    interface Owner {
        /// @param events of [Epoll]; each is told once, until something new happens
        void ready(int events);
    }

    private record Watched(long key, Owner owner) {}

    Readiness() throws PosixException {
        this.epoll = Epoll.open();
    }

    /// @return what [#forget] is given
    long watch(Fd fd, int interest, Owner owner) throws PosixException {
        int place = free.isEmpty() ? watched.size() : free.pop();
        if (place == watched.size()) {
            watched.add(Optional.empty());
        }
        long key = (long) ++number << Integer.SIZE | place;
        try {
            epoll.add(fd, interest, key);
        } catch (PosixException e) {
            free.push(place);
            throw e;
        }
        watched.set(place, Optional.of(new Watched(key, owner)));
        return key;
    }

    /// Before the descriptor is closed.
    void forget(long key, Fd fd) throws PosixException {
        int place = (int) key;
        watched.set(place, Optional.empty());
        free.push(place);
        epoll.remove(fd);
    }

    /// Waits, and tells everybody. Negative: for ever.
    void await(int millis) throws PosixException {
        int count = epoll.await(millis);
        for (int i = 0; i < count; i++) {
            long key = epoll.key(i);
            Watched found = watched.get((int) key).orElse(null);
            if (found != null && found.key() == key) {
                found.owner().ready(epoll.events(i));
            }
        }
    }

    @Override
    public void close() {
        epoll.close();
    }
}
