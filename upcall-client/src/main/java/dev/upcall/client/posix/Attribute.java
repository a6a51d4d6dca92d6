package dev.upcall.client.posix;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/// An attribute of the kernel: a file of sysfs that does something when it is written.
public final class Attribute {

    private static final int WRONLY_CLOEXEC = 1 | 0x80000;

    private Attribute() {}

    /// Writes `value` in one `write`, which is what the kernel takes as a whole. Blocks until the
    /// kernel has done what it means. The file must be there.
    ///
    /// @throws PosixException with the kernel's reason why not
    public static void write(Path file, String value) throws PosixException {
        try (Arena arena = Arena.ofConfined();
                Fd fd = Fd.owning(
                        Libc.checked("open " + file, Libc.open(arena.allocateFrom(file.toString()), WRONLY_CLOEXEC)))) {
            MemorySegment text = arena.allocateFrom(value);
            Libc.checked("write to " + file, Libc.write(fd.number(), text.asSlice(0, text.byteSize() - 1)));
        }
    }
}
