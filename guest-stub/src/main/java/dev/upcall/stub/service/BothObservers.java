package dev.upcall.stub.service;

import dev.upcall.proto.wire.FrameHeader;
import dev.upcall.proto.wire.ReplyFrame;

/// Tells two observers, one after the other.
public record BothObservers(ServerObserver first, ServerObserver second) implements ServerObserver {

    @Override
    public void opened(long connection) {
        first.opened(connection);
        second.opened(connection);
    }

    @Override
    public void closed(long connection, String why) {
        first.closed(connection, why);
        second.closed(connection, why);
    }

    @Override
    public void requested(long connection, FrameHeader request, long nowNanos) {
        first.requested(connection, request, nowNanos);
        second.requested(connection, request, nowNanos);
    }

    @Override
    public void answered(long connection, ReplyFrame reply, long nowNanos) {
        first.answered(connection, reply, nowNanos);
        second.answered(connection, reply, nowNanos);
    }

    @Override
    public void crashed(long connection, FrameHeader request, long nowNanos) {
        first.crashed(connection, request, nowNanos);
        second.crashed(connection, request, nowNanos);
    }

    @Override
    public void rebooted(long nowNanos) {
        first.rebooted(nowNanos);
        second.rebooted(nowNanos);
    }
}
