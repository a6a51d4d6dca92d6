package dev.upcall.client.posix;

import java.lang.foreign.Arena;

/// A file without a name, in memory: how a VMM makes guest memory that it can share with a device.
public final class MemoryFile implements AutoCloseable {
    private static final int CLOEXEC_ALLOW_SEALING = 1 | 2;

    private final Fd fd;

    private MemoryFile(Fd fd) {
        this.fd = fd;
    }

    /// Zeroed, `size` bytes long.
    public static MemoryFile create(String name, long size) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            MemoryFile file = new MemoryFile(Fd.owning(
                    Libc.checked("memfd_create", Libc.memfdCreate(arena.allocateFrom(name), CLOEXEC_ALLOW_SEALING))));
            try {
                file.resize(size);
            } catch (PosixException e) {
                file.close();
                throw e;
            }
            return file;
        }
    }

    /// Makes it longer, or shorter while nobody has mapped it.
    ///
    /// @throws PosixException EPERM to make it shorter when a [Mapping] has sealed it
    public void resize(long size) throws PosixException {
        Libc.checked("ftruncate", Libc.ftruncate(fd.number(), size));
    }

    /// What is passed on and mapped; stays this file's.
    public Fd fd() {
        return fd;
    }

    @Override
    public void close() {
        fd.close();
    }
}
