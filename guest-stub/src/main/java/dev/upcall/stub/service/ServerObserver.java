package dev.upcall.stub.service;

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

    /// The guest has read a request and runs it.
    default void requested(long connection, FrameHeader request, long nowNanos) {}

    /// A request's reply is ready; moods may still delay, cut or lose it.
    default void answered(long connection, ReplyFrame reply, long nowNanos) {}

    /// The connection's kernel thread has died: it will never be answered.
    default void crashed(long connection, FrameHeader request, long nowNanos) {}

    /// The guest has booted anew.
    default void rebooted(long nowNanos) {}
}
