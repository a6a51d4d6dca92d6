package dev.upcall.client.posix;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Memory of a file that other processes see too, readable and writable here. Lives on when the
/// descriptor is closed.
///
/// A file that is made shorter afterwards would take the memory away, and with it the process: SIGBUS
/// is an `InternalError` in Java at best, and JDK 25 was seen to crash. So the file is sealed against
/// that, where it is a memfd that allows it; [#isSealed] tells. Any thread may use the memory; whoever
/// closes has made sure that none does.
@SuppressWarnings("restricted") // this is what the package is for
public final class Mapping implements AutoCloseable {
    private static final int READ_WRITE = 1 | 2;
    private static final int SHARED = 1;
    private static final int SEEK_END = 2;
    private static final int F_ADD_SEALS = 1033;
    private static final int F_GET_SEALS = 1034;
    private static final int F_SEAL_SHRINK = 2;

    private final Arena arena;
    private final MemorySegment bytes;
    private final boolean sealed;

    private Mapping(Arena arena, MemorySegment bytes, boolean sealed) {
        this.arena = arena;
        this.bytes = bytes;
        this.sealed = sealed;
    }

    /// Maps `offset + size` bytes from the file's beginning, because only multiples of a page can be
    /// skipped, and shows the last `size` of them.
    ///
    /// @param fd stays its owner's
    /// @throws PosixException EINVAL when the file is shorter than that, else what mmap says
    public static Mapping of(Fd fd, long offset, long size) throws PosixException {
        long end = Math.addExact(offset, size);
        boolean sealed = seal(fd); // first: what is measured then stays
        long length = Libc.lseek(fd.number(), 0, SEEK_END);
        if (length >= 0 && length < end) {
            throw new PosixException(
                    "mmap " + end + " bytes of a file with " + length + " bytes: make the file larger", Errno.EINVAL);
        }
        long address = Libc.mmap(end, READ_WRITE, SHARED, fd.number());
        if (address < 0) {
            throw new PosixException("mmap " + end + " bytes", new Errno((int) -address));
        }
        Arena arena = Arena.ofShared();
        MemorySegment all =
                MemorySegment.ofAddress(address).reinterpret(end, arena, gone -> Libc.munmap(gone.address(), end));
        return new Mapping(arena, all.asSlice(offset), sealed);
    }

    public MemorySegment bytes() {
        return bytes;
    }

    /// Nobody can make the file shorter.
    public boolean isSealed() {
        return sealed;
    }

    /// Idempotent. Nobody can touch the memory afterwards: Java refuses it.
    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }

    /// QEMU has sealed its memfd already, and another seal cannot be added then.
    private static boolean seal(Fd fd) {
        Libc.fcntl(fd.number(), F_ADD_SEALS, F_SEAL_SHRINK);
        int seals = Libc.fcntl(fd.number(), F_GET_SEALS, 0);
        return seals > 0 && (seals & F_SEAL_SHRINK) != 0;
    }
}
