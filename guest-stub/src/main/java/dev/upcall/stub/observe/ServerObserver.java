package dev.upcall.stub.observe;

import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.EventNotify;
import dev.upcall.proto.wire.FrameHeader;
import dev.upcall.proto.wire.ReplyFrame;

/// Told what happens, on the thread of the guest; must not block and must not call back. Times are the guest's own.
///
/// Logs and metrics are observers: nothing in the pure part writes either.
public interface ServerObserver {

    /// Nobody is told.
    ServerObserver NONE = new ServerObserver() {};

    /// A connection has come.
    default void opened(long connection) {}

    /// A connection is over. `why` is a few words for people.
    default void closed(long connection, String why) {}

    /// The guest has read a plain request and runs it.
    default void requested(long connection, FrameHeader request, long nowNanos) {}

    /// A plain request's reply is ready; moods may still delay, cut or lose it.
    default void answered(long connection, ReplyFrame reply, long nowNanos) {}

    /// The connection's kernel thread has died: it will never be answered.
    default void crashed(long connection, FrameHeader request, long nowNanos) {}

    /// The guest has booted anew.
    default void rebooted(long nowNanos) {}

    /// The guest's agent has started anew in the same boot.
    default void restarted(long nowNanos) {}

    /// A probe or an opening is answered.
    ///
    /// @param probe it is a probe's
    default void proved(long connection, boolean probe) {}

    /// An operation of EXECUTE_ONCE is begun, for the first and only time.
    default void executed(long connection, int msgType) {}

    /// … and whose it is; `requestId` is the client's.
    default void begun(Epoch client, long requestId) {}

    /// It has ended on the machine, whoever hears of it. What an agent before this one has begun is not told.
    default void ended(Epoch client, long requestId, int result) {}

    /// The recorded outcome of an EXECUTE_ONCE is told again.
    default void replayed(long connection) {}

    /// A page of the inventory is written: the machine is as the page says.
    default void shown(long connection) {}

    /// An event leaves for a client; the same one to two clients is told twice.
    default void eventSent(long connection, EventNotify event) {}

    /// So many events more were acknowledged by clients.
    default void eventsAcknowledged(long count) {}

    /// An event of a host, once and in order.
    default void heard(Epoch client, EventNotify event) {}
}
