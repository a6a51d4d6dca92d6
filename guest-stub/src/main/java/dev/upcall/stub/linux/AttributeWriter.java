package dev.upcall.stub.linux;

import dev.upcall.client.posix.Attribute;
import dev.upcall.client.posix.Errno;
import dev.upcall.client.posix.PosixException;
import java.nio.file.Path;
import java.util.function.Consumer;

/// Writes the kernel's files: the only thing here that changes the guest. Blocks until the kernel has
/// done it, up to 10 s for a CPU that does not start.
interface AttributeWriter {

    /// 0, or a negative errno.
    int write(Path file, String value);

    /// What is written has an effect.
    boolean real();

    /// The kernel's own files.
    AttributeWriter KERNEL = new AttributeWriter() {
        @Override
        public int write(Path file, String value) {
            try {
                Attribute.write(file, value);
                return 0;
            } catch (PosixException e) {
                return resultOf(e.errno());
            }
        }

        @Override
        public boolean real() {
            return true;
        }
    };

    /// Tells what would be written, and writes nothing.
    static AttributeWriter dry(Consumer<String> notes) {
        return new AttributeWriter() {
            @Override
            public int write(Path file, String value) {
                notes.accept("dry run: would write \"" + value + "\" to " + file);
                return 0;
            }

            @Override
            public boolean real() {
                return false;
            }
        };
    }

    /// A file that is gone means a device that is gone: its kernel service says ENODEV then
    /// ([Answer.Refused]).
    private static int resultOf(Errno errno) {
        return -(errno.equals(Errno.ENOENT) ? Errno.ENODEV : errno).number();
    }
}
