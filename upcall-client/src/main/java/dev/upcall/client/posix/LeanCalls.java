package dev.upcall.client.posix;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/// The C functions of a data path: nothing is allocated per call, so addresses are plain numbers and
/// `errno` has a place of its caller's own. Each answers as the kernel does: 0 or more, or the negated
/// `errno`.
///
/// Confined to one thread.
@SuppressWarnings("restricted") // this is what the package is for
final class LeanCalls {
    private static final StructLayout CAPTURED = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = CAPTURED.varHandle(PathElement.groupElement("errno"));
    private static final int MSG_NOSIGNAL = 0x4000;

    private static final MethodHandle RECV = link("recv", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
    private static final MethodHandle SEND = link("send", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
    private static final MethodHandle WRITE = link("write", JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle READ = link("read", JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle EPOLL_WAIT = link("epoll_wait", JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);

    private final MemorySegment captured = Arena.ofAuto().allocate(CAPTURED);

    int recv(int fd, long address, int count) {
        try {
            return answer((int) RECV.invokeExact(captured, fd, address, (long) count, 0));
        } catch (Throwable e) {
            throw misfit(e);
        }
    }

    int send(int fd, long address, int count) {
        try {
            return answer((int) SEND.invokeExact(captured, fd, address, (long) count, MSG_NOSIGNAL));
        } catch (Throwable e) {
            throw misfit(e);
        }
    }

    int write(int fd, long address, int count) {
        try {
            return answer((int) WRITE.invokeExact(captured, fd, address, (long) count));
        } catch (Throwable e) {
            throw misfit(e);
        }
    }

    int read(int fd, long address, int count) {
        try {
            return answer((int) READ.invokeExact(captured, fd, address, (long) count));
        } catch (Throwable e) {
            throw misfit(e);
        }
    }

    /// Blocks up to the time given, for ever when it is negative.
    int epollWait(int epoll, MemorySegment events, int max, int millis) {
        try {
            return answer((int) EPOLL_WAIT.invokeExact(captured, epoll, events, max, millis));
        } catch (Throwable e) {
            throw misfit(e);
        }
    }

    private int answer(int result) {
        return result >= 0 ? result : -(int) ERRNO.get(captured, 0L);
    }

    private static LinkageError misfit(Throwable e) {
        return new LinkageError("a C function was linked with another shape than it was called", e);
    }

    private static MethodHandle link(String name, MemoryLayout... arguments) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow(name),
                FunctionDescriptor.of(JAVA_INT, arguments),
                Linker.Option.captureCallState("errno"));
    }
}
