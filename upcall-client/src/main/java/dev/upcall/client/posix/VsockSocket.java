package dev.upcall.client.posix;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;

/// An AF_VSOCK stream socket, non-blocking underneath. The waiting calls belong on a platform thread.
///
/// It opens, connects and accepts. Bytes are moved by whoever takes the descriptor ([#release]), or by a
/// thread that may block ([#read], [#write]).
public final class VsockSocket implements AutoCloseable {
    /// As many as wait for a busy guest service; the kernel caps it at `somaxconn`.
    private static final int BACKLOG = 128;

    private final Fd fd;

    private VsockSocket(Fd fd) {
        this.fd = fd;
    }

    /// An unconnected one. Does not block.
    public static VsockSocket open() throws PosixException {
        return new VsockSocket(StreamSocket.open(VsockAddress.FAMILY));
    }

    /// Connects, and waits for the guest's answer up to `wait`.
    ///
    /// @throws PosixException ETIMEDOUT when the time passes first; ECONNRESET when no one listens in the
    /// guest; ENODEV when there is no such guest
    public static VsockSocket connect(VsockAddress to, Duration wait) throws PosixException {
        VsockSocket socket = open();
        try {
            if (!startConnect(socket.fd.number(), to)) {
                StreamSocket.awaitConnected(socket.fd, wait, to.toString());
            }
            return socket;
        } catch (PosixException e) {
            socket.close();
            throw e;
        }
    }

    /// Begins to connect a non-blocking AF_VSOCK descriptor, which stays its owner's. True when connected
    /// already; false: wait until it is writable, then SO_ERROR says how it ended. Does not block.
    public static boolean startConnect(int fd, VsockAddress to) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            return StreamSocket.startConnect(fd, to.encode(arena), to.toString());
        }
    }

    /// A listening one. Does not block.
    ///
    /// @throws PosixException EADDRINUSE when the port is taken, EACCES for ports below 1024 without the
    /// right to
    public static VsockSocket listen(VsockAddress at) throws PosixException {
        VsockSocket socket = open();
        try {
            startListen(socket.fd.number(), at);
            return socket;
        } catch (PosixException e) {
            socket.close();
            throw e;
        }
    }

    /// Makes an unbound AF_VSOCK descriptor, which stays its owner's, a listening one. Does not block.
    ///
    /// @throws PosixException as [#listen]
    public static void startListen(int fd, VsockAddress at) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            StreamSocket.listen(fd, at.encode(arena), BACKLOG, at.toString());
        }
    }

    /// Who is at the other end of a connected AF_VSOCK descriptor. Does not block.
    ///
    /// @throws PosixException ENOTCONN when there is none (any more)
    /// @throws IllegalArgumentException when the descriptor is of another family
    public static VsockAddress peerOf(int fd) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(VsockAddress.BYTES, Integer.BYTES);
            StreamSocket.peer(fd, address);
            return VsockAddress.decode(address);
        }
    }

    /// The next connection, or empty when the time passes first.
    public Optional<VsockSocket> accept(Duration wait) throws PosixException {
        return StreamSocket.accept(fd, wait).map(VsockSocket::new);
    }

    /// What has arrived, at least one byte; −1 at the end of the stream. Blocks.
    ///
    /// @throws PosixException ECONNRESET when the peer has reset
    public int read(ByteBuffer into) throws PosixException {
        return StreamSocket.read(fd, into);
    }

    /// All of it. Blocks.
    ///
    /// @throws PosixException EPIPE or ECONNRESET when the peer is gone
    public void write(ByteBuffer from) throws PosixException {
        StreamSocket.write(fd, from);
    }

    /// Ends our direction: the peer reads what was written, and then the end. Reading goes on. Does not block.
    public void shutdownOutput() throws PosixException {
        StreamSocket.shutdownOutput(fd);
    }

    /// Ends both directions, from any thread: one that blocks in [#read] returns. The owner still has to [#close].
    public void shutdown() throws PosixException {
        StreamSocket.shutdown(fd);
    }

    /// Gives the descriptor away, for example to a Netty channel, which then closes it.
    public int release() {
        return fd.release();
    }

    @Override
    public void close() {
        fd.close();
    }
}
