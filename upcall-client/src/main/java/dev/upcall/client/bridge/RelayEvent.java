package dev.upcall.client.bridge;

/// What has happened to one connection of the bridge.
sealed interface RelayEvent {
    /// The whole line is there, and well-formed.
    record ConnectRead(long port) implements RelayEvent {}

    /// Where the caller came in says which port it wants: it says no line, and hears no OK.
    record PortKnown(long port) implements RelayEvent {}

    /// What came is no CONNECT line.
    record LineRefused() implements RelayEvent {}

    record CalleeOpened() implements RelayEvent {}

    record CalleeRefused() implements RelayEvent {}

    /// Bytes of the stream, behind the line.
    record CallerBytes(int count) implements RelayEvent {}

    record CalleeBytes(int count) implements RelayEvent {}

    /// How full the buffer towards the caller is.
    record CallerWritable(boolean writable) implements RelayEvent {}

    record CalleeWritable(boolean writable) implements RelayEvent {}

    /// The caller has closed its writing direction.
    record CallerEnded() implements RelayEvent {}

    record CalleeEnded() implements RelayEvent {}

    /// The caller's connection is closed, by whomever.
    record CallerGone() implements RelayEvent {}

    record CalleeGone() implements RelayEvent {}

    record TimePassed() implements RelayEvent {}

    record CloseAsked() implements RelayEvent {}
}
