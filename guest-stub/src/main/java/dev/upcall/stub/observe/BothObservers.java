package dev.upcall.stub.observe;

import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.EventNotify;
import dev.upcall.proto.wire.FrameHeader;
import dev.upcall.proto.wire.ReplyFrame;
import java.util.function.Consumer;

/// Tells two observers, one after the other.
public record BothObservers(ServerObserver first, ServerObserver second) implements ServerObserver {

    @Override
    public void opened(long connection) {
        both(o -> o.opened(connection));
    }

    @Override
    public void closed(long connection, String why) {
        both(o -> o.closed(connection, why));
    }

    @Override
    public void requested(long connection, FrameHeader request, long nowNanos) {
        both(o -> o.requested(connection, request, nowNanos));
    }

    @Override
    public void answered(long connection, ReplyFrame reply, long nowNanos) {
        both(o -> o.answered(connection, reply, nowNanos));
    }

    @Override
    public void crashed(long connection, FrameHeader request, long nowNanos) {
        both(o -> o.crashed(connection, request, nowNanos));
    }

    @Override
    public void rebooted(long nowNanos) {
        both(o -> o.rebooted(nowNanos));
    }

    @Override
    public void restarted(long nowNanos) {
        both(o -> o.restarted(nowNanos));
    }

    @Override
    public void proved(long connection, boolean probe) {
        both(o -> o.proved(connection, probe));
    }

    @Override
    public void executed(long connection, int msgType) {
        both(o -> o.executed(connection, msgType));
    }

    @Override
    public void begun(Epoch client, long requestId) {
        both(o -> o.begun(client, requestId));
    }

    @Override
    public void ended(Epoch client, long requestId, int result) {
        both(o -> o.ended(client, requestId, result));
    }

    @Override
    public void replayed(long connection) {
        both(o -> o.replayed(connection));
    }

    @Override
    public void shown(long connection) {
        both(o -> o.shown(connection));
    }

    @Override
    public void eventSent(long connection, EventNotify event) {
        both(o -> o.eventSent(connection, event));
    }

    @Override
    public void eventsAcknowledged(long count) {
        both(o -> o.eventsAcknowledged(count));
    }

    @Override
    public void heard(Epoch client, EventNotify event) {
        both(o -> o.heard(client, event));
    }

    private void both(Consumer<ServerObserver> tell) {
        tell.accept(first);
        tell.accept(second);
    }
}
