package dev.upcall.client.bridge;

/// What the driver of one connection must do, in the order given, before the next event.
sealed interface RelayAction {
    record DialCallee(long port) implements RelayAction {}

    /// Write `OK <n>\n` to the caller.
    record SayOk() implements RelayAction {}

    /// Keep the event's bytes until the callee is open.
    record Keep() implements RelayAction {}

    /// Write what was kept to the callee.
    record ForwardKept() implements RelayAction {}

    /// Write the event's bytes to the other side.
    record ForwardToCallee() implements RelayAction {}

    record ForwardToCaller() implements RelayAction {}

    /// Read from the caller, or stop.
    record ReadCaller(boolean on) implements RelayAction {}

    record ReadCallee(boolean on) implements RelayAction {}

    /// Close the writing direction once everything is written.
    record EndCaller() implements RelayAction {}

    record EndCallee() implements RelayAction {}

    /// Close once everything is written.
    record FinishCaller() implements RelayAction {}

    record FinishCallee() implements RelayAction {}

    /// Close at once.
    record DropCaller() implements RelayAction {}

    /// Close at once, also when it opens only later.
    record DropCallee() implements RelayAction {}
}
