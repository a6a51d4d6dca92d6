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

/// The C functions of this package. Each answers as the kernel does: 0 or more, or the negated `errno`.
@SuppressWarnings("restricted") // this is what the package is for
final class Libc {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout CAPTURED = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = CAPTURED.varHandle(PathElement.groupElement("errno"));

    private static final MethodHandle SOCKET = link("socket", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle CONNECT = link("connect", JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle BIND = link("bind", JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle LISTEN = link("listen", JAVA_INT, JAVA_INT);
    private static final MethodHandle ACCEPT4 = link("accept4", JAVA_INT, ADDRESS, ADDRESS, JAVA_INT);
    private static final MethodHandle GETSOCKOPT = link("getsockopt", JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
    private static final MethodHandle POLL = link("poll", ADDRESS, JAVA_LONG, JAVA_INT);
    private static final MethodHandle RECV = link("recv", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
    private static final MethodHandle SEND = link("send", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
    private static final MethodHandle SHUTDOWN = link("shutdown", JAVA_INT, JAVA_INT);
    private static final MethodHandle CLOSE = link("close", JAVA_INT);
    private static final MethodHandle GETRLIMIT = link("getrlimit", JAVA_INT, ADDRESS);
    private static final MethodHandle SETRLIMIT = link("setrlimit", JAVA_INT, ADDRESS);

    /// One call, its `errno` captured before the JVM can overwrite it.
    private interface Call {
        int with(MemorySegment captured) throws Throwable;
    }

    private Libc() {}

    static int socket(int domain, int type, int protocol) {
        return answer(errno -> (int) SOCKET.invokeExact(errno, domain, type, protocol));
    }

    static int connect(int fd, MemorySegment address) {
        return answer(errno -> (int) CONNECT.invokeExact(errno, fd, address, (int) address.byteSize()));
    }

    static int bind(int fd, MemorySegment address) {
        return answer(errno -> (int) BIND.invokeExact(errno, fd, address, (int) address.byteSize()));
    }

    static int listen(int fd, int backlog) {
        return answer(errno -> (int) LISTEN.invokeExact(errno, fd, backlog));
    }

    /// The peer's address is not asked for.
    static int accept4(int fd, int flags) {
        return answer(errno -> (int) ACCEPT4.invokeExact(errno, fd, MemorySegment.NULL, MemorySegment.NULL, flags));
    }

    static int getsockopt(int fd, int level, int option, MemorySegment value, MemorySegment size) {
        return answer(errno -> (int) GETSOCKOPT.invokeExact(errno, fd, level, option, value, size));
    }

    /// Blocks up to the time given.
    static int poll(MemorySegment fds, long count, int timeoutMillis) {
        return answer(errno -> (int) POLL.invokeExact(errno, fds, count, timeoutMillis));
    }

    /// Of the `ssize_t` only the lower half is looked at: ask for less than 2 GiB.
    static int recv(int fd, MemorySegment bytes, int flags) {
        return answer(errno -> (int) RECV.invokeExact(errno, fd, bytes, bytes.byteSize(), flags));
    }

    /// As [#recv].
    static int send(int fd, MemorySegment bytes, int flags) {
        return answer(errno -> (int) SEND.invokeExact(errno, fd, bytes, bytes.byteSize(), flags));
    }

    static int shutdown(int fd, int how) {
        return answer(errno -> (int) SHUTDOWN.invokeExact(errno, fd, how));
    }

    static int close(int fd) {
        return answer(errno -> (int) CLOSE.invokeExact(errno, fd));
    }

    static int getrlimit(int resource, MemorySegment limit) {
        return answer(errno -> (int) GETRLIMIT.invokeExact(errno, resource, limit));
    }

    static int setrlimit(int resource, MemorySegment limit) {
        return answer(errno -> (int) SETRLIMIT.invokeExact(errno, resource, limit));
    }

    /// @throws PosixException when the answer is an `errno`
    static int checked(String call, int answer) throws PosixException {
        if (answer < 0) {
            throw new PosixException(call, new Errno(-answer));
        }
        return answer;
    }

    private static int answer(Call call) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment captured = arena.allocate(CAPTURED);
            int result = call.with(captured);
            return result >= 0 ? result : -(int) ERRNO.get(captured, 0L);
        } catch (Throwable e) {
            throw new LinkageError("a C function was linked with another shape than it was called", e);
        }
    }

    private static MethodHandle link(String name, MemoryLayout... arguments) {
        MemorySegment symbol = LINKER.defaultLookup().findOrThrow(name);
        return LINKER.downcallHandle(
                symbol, FunctionDescriptor.of(JAVA_INT, arguments), Linker.Option.captureCallState("errno"));
    }
}
