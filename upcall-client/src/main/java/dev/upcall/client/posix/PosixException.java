package dev.upcall.client.posix;

import java.io.IOException;

/// A C function failed. The message names it, on what, and the [Errno].
public final class PosixException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int number;

    PosixException(String call, Errno errno) {
        super(call + ": " + errno);
        this.number = errno.number();
    }

    /// What the kernel said.
    public Errno errno() {
        return new Errno(number);
    }
}
