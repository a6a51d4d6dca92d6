package dev.upcall.client.posix;

import java.util.concurrent.atomic.AtomicInteger;

/// A file descriptor with one owner, closed at most once. Thread-safe.
///
/// A number that was closed may belong to somebody else the next moment: hence no second `close` ever reaches the
/// kernel, and [#number] refuses afterwards.
public final class Fd implements AutoCloseable {
    private static final int GONE = -1;

    private final AtomicInteger number;

    private Fd(int number) {
        this.number = new AtomicInteger(number);
    }

    /// Takes ownership of an open descriptor.
    public static Fd owning(int number) {
        if (number < 0) {
            throw new IllegalArgumentException("a descriptor is 0 or more: " + number);
        }
        return new Fd(number);
    }

    /// The kernel's number, for a call that is made at once.
    ///
    /// @throws IllegalStateException when it was closed or released
    public int number() {
        int n = number.get();
        if (n == GONE) {
            throw new IllegalStateException("the descriptor was closed or given away");
        }
        return n;
    }

    /// Gives the descriptor away: the caller owns it now, and `close` here does nothing.
    ///
    /// @throws IllegalStateException when it was closed or released
    public int release() {
        int n = number.getAndSet(GONE);
        if (n == GONE) {
            throw new IllegalStateException("the descriptor was closed or given away");
        }
        return n;
    }

    public boolean isOpen() {
        return number.get() != GONE;
    }

    /// Idempotent. What `close(2)` answers is ignored: the number is free in any case.
    @Override
    public void close() {
        int n = number.getAndSet(GONE);
        if (n != GONE) {
            Libc.close(n);
        }
    }

    @Override
    public String toString() {
        int n = number.get();
        return n == GONE ? "fd gone" : "fd " + n;
    }
}
