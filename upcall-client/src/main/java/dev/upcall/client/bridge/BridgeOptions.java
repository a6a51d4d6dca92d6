package dev.upcall.client.bridge;

import dev.upcall.client.transport.IoKind;
import dev.upcall.client.transport.Target;
import dev.upcall.client.transport.UnixTarget;
import java.nio.file.Path;
import java.time.Duration;

/// What a [Bridge] is told at its start. Immutable; begin with [#of] and change what differs.
///
/// @param listen where the host's programs connect, a UNIX socket
/// @param guest where the guest's ports are
/// @param connectionsMax in both directions together; each needs two descriptors, and the bridge starts
/// only where the process may have them all
/// @param connectDeadline how long a caller may take for its CONNECT line
/// @param guestDeadline how long a callee may take to answer; a client waits 10 s for OK, so stay well below
/// @param bufferBytes how much one direction of one connection holds before its writer is stopped; one read more,
/// at most 64 KiB, may come on top
/// @param io what the bridge's event loop waits with; on NIO the end of one direction is the end of both, for
/// Netty's UNIX channels know no half-close there
/// @param observer told of every connection
public record BridgeOptions(
        Path listen,
        GuestEnd guest,
        int connectionsMax,
        Duration connectDeadline,
        Duration guestDeadline,
        int bufferBytes,
        IoKind io,
        BridgeObserver observer) {
    /// As in Firecracker, Cloud Hypervisor and Dragonball.
    public static final int CONNECTIONS_MAX = 1023;

    /// The line comes in the same write as the connection, or its program has stopped.
    public static final Duration CONNECT_DEADLINE = Duration.ofSeconds(10);

    /// A guest's driver that is not up yet is waited for 2 s elsewhere.
    public static final Duration GUEST_DEADLINE = Duration.ofSeconds(5);

    /// 64 upcall frames. Times two directions and 1023 connections: 128 MiB at the very worst, and as much for
    /// reads.
    public static final int BUFFER_BYTES = 64 * 1024;

    private static final int BUFFER_BYTES_MIN = 1024;

    public BridgeOptions {
        if (connectionsMax < 1) {
            throw new IllegalArgumentException(
                    "expected at least 1 connection, found " + connectionsMax + ": raise connectionsMax");
        }
        if (!isPositive(connectDeadline) || !isPositive(guestDeadline)) {
            throw new IllegalArgumentException("expected deadlines above zero, found " + connectDeadline + " and "
                    + guestDeadline + ": raise connectDeadline and guestDeadline");
        }
        if (bufferBytes < BUFFER_BYTES_MIN) {
            throw new IllegalArgumentException("expected at least " + BUFFER_BYTES_MIN + " bytes of buffer, found "
                    + bufferBytes + ": raise bufferBytes");
        }
        listen = new UnixTarget(listen).path();
    }

    /// The usual bridge between two places.
    ///
    /// @param listen `hvsock:///path` or `unix:///path`; the port of the former is not used
    /// @throws IllegalArgumentException when `listen` is no socket file
    public static BridgeOptions of(Target listen, GuestEnd guest) {
        Path path = listen.socketFile()
                .orElseThrow(() -> new IllegalArgumentException(
                        "expected hvsock:///path to listen on, found " + listen + ": name a socket file"));
        return new BridgeOptions(
                path,
                guest,
                CONNECTIONS_MAX,
                CONNECT_DEADLINE,
                GUEST_DEADLINE,
                BUFFER_BYTES,
                IoKind.best(),
                BridgeObserver.NONE);
    }

    public BridgeOptions withConnectionsMax(int max) {
        return new BridgeOptions(listen, guest, max, connectDeadline, guestDeadline, bufferBytes, io, observer);
    }

    public BridgeOptions withConnectDeadline(Duration deadline) {
        return new BridgeOptions(listen, guest, connectionsMax, deadline, guestDeadline, bufferBytes, io, observer);
    }

    public BridgeOptions withGuestDeadline(Duration deadline) {
        return new BridgeOptions(listen, guest, connectionsMax, connectDeadline, deadline, bufferBytes, io, observer);
    }

    public BridgeOptions withBufferBytes(int bytes) {
        return new BridgeOptions(listen, guest, connectionsMax, connectDeadline, guestDeadline, bytes, io, observer);
    }

    public BridgeOptions withIo(IoKind kind) {
        return new BridgeOptions(
                listen, guest, connectionsMax, connectDeadline, guestDeadline, bufferBytes, kind, observer);
    }

    public BridgeOptions withObserver(BridgeObserver told) {
        return new BridgeOptions(listen, guest, connectionsMax, connectDeadline, guestDeadline, bufferBytes, io, told);
    }

    private static boolean isPositive(Duration duration) {
        return !duration.isNegative() && !duration.isZero();
    }
}
