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
import org.jspecify.annotations.Nullable;

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
    private static final MethodHandle GETPEERNAME = link("getpeername", JAVA_INT, ADDRESS, ADDRESS);
    private static final MethodHandle GETSOCKOPT = link("getsockopt", JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
    private static final MethodHandle POLL = link("poll", ADDRESS, JAVA_LONG, JAVA_INT);
    private static final MethodHandle RECV = link("recv", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
    private static final MethodHandle SEND = link("send", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
    private static final MethodHandle SHUTDOWN = link("shutdown", JAVA_INT, JAVA_INT);
    private static final MethodHandle OPEN =
            link(JAVA_INT, "open", Linker.Option.firstVariadicArg(2), ADDRESS, JAVA_INT);
    private static final MethodHandle WRITE = link("write", JAVA_INT, ADDRESS, JAVA_LONG);
    private static final MethodHandle CLOSE = link("close", JAVA_INT);
    private static final MethodHandle EVENTFD = link("eventfd", JAVA_INT, JAVA_INT);
    private static final MethodHandle MEMFD_CREATE = link("memfd_create", ADDRESS, JAVA_INT);
    private static final MethodHandle FTRUNCATE = link("ftruncate", JAVA_INT, JAVA_LONG);
    private static final MethodHandle EPOLL_CREATE1 = link("epoll_create1", JAVA_INT);
    private static final MethodHandle EPOLL_CTL = link("epoll_ctl", JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);
    private static final MethodHandle SENDMSG = link("sendmsg", JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle RECVMSG = link("recvmsg", JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle MUNMAP = link("munmap", JAVA_LONG, JAVA_LONG);
    private static final MethodHandle SOCKETPAIR = link("socketpair", JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);
    private static final MethodHandle FCNTL =
            link(JAVA_INT, "fcntl", Linker.Option.firstVariadicArg(2), JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle MMAP =
            link(JAVA_LONG, "mmap", null, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final MethodHandle LSEEK = link(JAVA_LONG, "lseek", null, JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle GETRLIMIT = link("getrlimit", JAVA_INT, ADDRESS);
    private static final MethodHandle SETRLIMIT = link("setrlimit", JAVA_INT, ADDRESS);

    /// One call, its `errno` captured before the JVM can overwrite it.
    private interface Call {
        int with(MemorySegment captured) throws Throwable;
    }

    /// As [Call], where the answer is an address or the size of a file.
    private interface WideCall {
        long with(MemorySegment captured) throws Throwable;
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

    /// @param size in: the room there is; out: how long the address is
    static int getpeername(int fd, MemorySegment address, MemorySegment size) {
        return answer(errno -> (int) GETPEERNAME.invokeExact(errno, fd, address, size));
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

    /// Of a file that exists: no mode is passed.
    static int open(MemorySegment path, int flags) {
        return answer(errno -> (int) OPEN.invokeExact(errno, path, flags));
    }

    /// As [#recv].
    static int write(int fd, MemorySegment bytes) {
        return answer(errno -> (int) WRITE.invokeExact(errno, fd, bytes, bytes.byteSize()));
    }

    static int close(int fd) {
        return answer(errno -> (int) CLOSE.invokeExact(errno, fd));
    }

    static int eventfd(int start, int flags) {
        return answer(errno -> (int) EVENTFD.invokeExact(errno, start, flags));
    }

    static int memfdCreate(MemorySegment name, int flags) {
        return answer(errno -> (int) MEMFD_CREATE.invokeExact(errno, name, flags));
    }

    static int ftruncate(int fd, long size) {
        return answer(errno -> (int) FTRUNCATE.invokeExact(errno, fd, size));
    }

    static int epollCreate(int flags) {
        return answer(errno -> (int) EPOLL_CREATE1.invokeExact(errno, flags));
    }

    static int epollControl(int epoll, int operation, int fd, MemorySegment event) {
        return answer(errno -> (int) EPOLL_CTL.invokeExact(errno, epoll, operation, fd, event));
    }

    static int sendmsg(int fd, MemorySegment message, int flags) {
        return answer(errno -> (int) SENDMSG.invokeExact(errno, fd, message, flags));
    }

    static int recvmsg(int fd, MemorySegment message, int flags) {
        return answer(errno -> (int) RECVMSG.invokeExact(errno, fd, message, flags));
    }

    static int socketpair(int domain, int type, MemorySegment pair) {
        return answer(errno -> (int) SOCKETPAIR.invokeExact(errno, domain, type, 0, pair));
    }

    static int fcntl(int fd, int command, int argument) {
        return answer(errno -> (int) FCNTL.invokeExact(errno, fd, command, argument));
    }

    /// The address, or the negated `errno`: no mapping lies in the last page.
    static long mmap(long size, int protection, int flags, int fd) {
        return wideAnswer(errno -> (long) MMAP.invokeExact(errno, 0L, size, protection, flags, fd, 0L));
    }

    static int munmap(long address, long size) {
        return answer(errno -> (int) MUNMAP.invokeExact(errno, address, size));
    }

    static long lseek(int fd, long offset, int whence) {
        return wideAnswer(errno -> (long) LSEEK.invokeExact(errno, fd, offset, whence));
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

    private static long wideAnswer(WideCall call) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment captured = arena.allocate(CAPTURED);
            long result = call.with(captured);
            return result != -1 ? result : -(int) ERRNO.get(captured, 0L);
        } catch (Throwable e) {
            throw new LinkageError("a C function was linked with another shape than it was called", e);
        }
    }

    private static MethodHandle link(String name, MemoryLayout... arguments) {
        return link(JAVA_INT, name, null, arguments);
    }

    private static MethodHandle link(
            MemoryLayout result, String name, Linker.@Nullable Option option, MemoryLayout... arguments) {
        MemorySegment symbol = LINKER.defaultLookup().findOrThrow(name);
        Linker.Option errno = Linker.Option.captureCallState("errno");
        Linker.Option[] options = option == null ? new Linker.Option[] {errno} : new Linker.Option[] {errno, option};
        return LINKER.downcallHandle(symbol, FunctionDescriptor.of(result, arguments), options);
    }
}
