package dev.upcall.client.bridge;

/// What is true of one connection of the bridge. Times are nanoseconds of the driver's clock.
sealed interface RelayState {
    /// The caller has connected; its line is being read.
    record ReadingConnect(long deadline) implements RelayState {}

    /// The port is known; the caller is not read from until the callee answers.
    ///
    /// @param line whether there was a line: then OK answers it
    /// @param early bytes that came behind the line all the same
    /// @param callerEnded the caller will not write any more
    record DialingCallee(long port, boolean line, long deadline, long early, boolean callerEnded)
            implements RelayState {
        DialingCallee plusEarly(long count) {
            return new DialingCallee(port, line, deadline, early + count, callerEnded);
        }

        DialingCallee afterCallerEnded() {
            return new DialingCallee(port, line, deadline, early, true);
        }
    }

    /// The callee is there, and OK was said if there was a line; bytes flow.
    ///
    /// @param callerEnded the caller will not write any more; at most one of the two is true
    /// @param calleeEnded the callee will not write any more
    record Open(boolean callerEnded, boolean calleeEnded, Moved moved) implements RelayState {}

    /// Nothing more is read; what is left is written, then both are closed.
    record Draining(CloseReason reason, long deadline, boolean callerGone, boolean calleeGone, Moved moved)
            implements RelayState {}

    /// The end.
    record Closed(CloseReason reason, Moved moved) implements RelayState {}

    /// Bytes carried so far.
    record Moved(long toCallee, long toCaller) {
        static final Moved NOTHING = new Moved(0, 0);

        Moved plusToCallee(long count) {
            return new Moved(toCallee + count, toCaller);
        }

        Moved plusToCaller(long count) {
            return new Moved(toCallee, toCaller + count);
        }
    }
}
