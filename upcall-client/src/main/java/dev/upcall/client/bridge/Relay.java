package dev.upcall.client.bridge;

import dev.upcall.client.bridge.RelayAction.DialCallee;
import dev.upcall.client.bridge.RelayAction.DropCallee;
import dev.upcall.client.bridge.RelayAction.DropCaller;
import dev.upcall.client.bridge.RelayAction.EndCallee;
import dev.upcall.client.bridge.RelayAction.EndCaller;
import dev.upcall.client.bridge.RelayAction.FinishCallee;
import dev.upcall.client.bridge.RelayAction.FinishCaller;
import dev.upcall.client.bridge.RelayAction.ForwardKept;
import dev.upcall.client.bridge.RelayAction.ForwardToCallee;
import dev.upcall.client.bridge.RelayAction.ForwardToCaller;
import dev.upcall.client.bridge.RelayAction.Keep;
import dev.upcall.client.bridge.RelayAction.ReadCallee;
import dev.upcall.client.bridge.RelayAction.ReadCaller;
import dev.upcall.client.bridge.RelayAction.SayOk;
import dev.upcall.client.bridge.RelayEvent.CalleeBytes;
import dev.upcall.client.bridge.RelayEvent.CalleeEnded;
import dev.upcall.client.bridge.RelayEvent.CalleeGone;
import dev.upcall.client.bridge.RelayEvent.CalleeOpened;
import dev.upcall.client.bridge.RelayEvent.CalleeRefused;
import dev.upcall.client.bridge.RelayEvent.CalleeWritable;
import dev.upcall.client.bridge.RelayEvent.CallerBytes;
import dev.upcall.client.bridge.RelayEvent.CallerEnded;
import dev.upcall.client.bridge.RelayEvent.CallerGone;
import dev.upcall.client.bridge.RelayEvent.CallerWritable;
import dev.upcall.client.bridge.RelayEvent.CloseAsked;
import dev.upcall.client.bridge.RelayEvent.ConnectRead;
import dev.upcall.client.bridge.RelayEvent.LineRefused;
import dev.upcall.client.bridge.RelayEvent.PortKnown;
import dev.upcall.client.bridge.RelayEvent.TimePassed;
import dev.upcall.client.bridge.RelayState.Closed;
import dev.upcall.client.bridge.RelayState.DialingCallee;
import dev.upcall.client.bridge.RelayState.Draining;
import dev.upcall.client.bridge.RelayState.Moved;
import dev.upcall.client.bridge.RelayState.Open;
import dev.upcall.client.bridge.RelayState.ReadingConnect;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/// One connection of the bridge as a pure function: state × event × now → state and actions.
///
/// The table stands in the package's story. No socket, clock or thread: [RelayDriver] has these. Thread-safe.
///
/// @param lineNanos how long the caller may take for its line
/// @param dialNanos how long the callee may take to answer
record Relay(long lineNanos, long dialNanos) {
    /// The kernel may hand over what a caller wrote before it closed, although nobody reads: a socket's
    /// buffer, which is 208 KiB by default. A caller who sends more than this without waiting for OK is none.
    static final long EARLY_BYTES_MAX = 1024 * 1024;

    /// Both have finished; the one who still has bytes to read gets this long. A guest may be paused for a
    /// snapshot.
    static final long DRAIN_NANOS = 60_000_000_000L;

    /// What to do now, and what is true afterwards.
    record Step(RelayState next, List<RelayAction> actions) {}

    /// The caller is there.
    RelayState begin(long now) {
        return new ReadingConnect(now + lineNanos);
    }

    Step step(RelayState state, RelayEvent event, long now) {
        return switch (state) {
            case ReadingConnect s -> reading(s, event, now);
            case DialingCallee s -> dialing(s, event, now);
            case Open s -> open(s, event, now);
            case Draining s -> draining(s, event, now);
            case Closed s -> to(s);
        };
    }

    /// When [TimePassed] is due, or empty when nothing is waited for.
    static OptionalLong deadline(RelayState state) {
        return switch (state) {
            case ReadingConnect s -> OptionalLong.of(s.deadline());
            case DialingCallee s -> OptionalLong.of(s.deadline());
            case Draining s -> OptionalLong.of(s.deadline());
            case Open _, Closed _ -> OptionalLong.empty();
        };
    }

    private Step reading(ReadingConnect s, RelayEvent event, long now) {
        return switch (event) {
            case ConnectRead e -> dial(e.port(), true, now);
            case PortKnown e -> dial(e.port(), false, now);
            case LineRefused _ -> closed(CloseReason.BAD_LINE, new DropCaller());
            case CallerEnded _ -> closed(CloseReason.NO_LINE, new DropCaller());
            case CallerGone _ -> closed(CloseReason.NO_LINE);
            case TimePassed _ when now - s.deadline() < 0 -> to(s);
            case TimePassed _ -> closed(CloseReason.LINE_LATE, new DropCaller());
            case CloseAsked _ -> closed(CloseReason.BRIDGE_CLOSED, new DropCaller());
            case CallerBytes _, CallerWritable _ -> to(s);
            case CalleeOpened _, CalleeRefused _, CalleeBytes _, CalleeWritable _, CalleeEnded _, CalleeGone _ -> to(s);
        };
    }

    private Step dial(long port, boolean line, long now) {
        return to(
                new DialingCallee(port, line, now + dialNanos, 0, false), new ReadCaller(false), new DialCallee(port));
    }

    private Step dialing(DialingCallee s, RelayEvent event, long now) {
        return switch (event) {
            case CalleeOpened _ -> opened(s);
            case CalleeRefused _, CalleeGone _ -> closed(CloseReason.CALLEE_REFUSED, new DropCaller());
            case CallerBytes e when s.early() + e.count() <= EARLY_BYTES_MAX -> to(s.plusEarly(e.count()), new Keep());
            case CallerBytes _ -> closed(CloseReason.CALLER_HASTY, new DropCaller(), new DropCallee());
            case CallerEnded _ -> to(s.afterCallerEnded());
            case CallerGone _ -> closed(CloseReason.CALLER_HASTY, new DropCallee());
            case TimePassed _ when now - s.deadline() < 0 -> to(s);
            case TimePassed _ -> closed(CloseReason.CALLEE_LATE, new DropCaller(), new DropCallee());
            case CloseAsked _ -> closed(CloseReason.BRIDGE_CLOSED, new DropCaller(), new DropCallee());
            case ConnectRead _, PortKnown _, LineRefused _, CallerWritable _ -> to(s);
            case CalleeBytes _, CalleeWritable _, CalleeEnded _ -> to(s);
        };
    }

    private static Step opened(DialingCallee s) {
        Open open = new Open(s.callerEnded(), false, Moved.NOTHING.plusToCallee(s.early()));
        List<RelayAction> actions = new ArrayList<>();
        if (s.line()) {
            actions.add(new SayOk());
        }
        actions.add(new ForwardKept());
        actions.add(s.callerEnded() ? new EndCallee() : new ReadCaller(true));
        actions.add(new ReadCallee(true));
        return new Step(open, List.copyOf(actions));
    }

    private static Step open(Open s, RelayEvent event, long now) {
        Moved moved = s.moved();
        return switch (event) {
            case CallerBytes e ->
                to(new Open(s.callerEnded(), s.calleeEnded(), moved.plusToCallee(e.count())), new ForwardToCallee());
            case CalleeBytes e ->
                to(new Open(s.callerEnded(), s.calleeEnded(), moved.plusToCaller(e.count())), new ForwardToCaller());
            case CallerWritable e -> to(s, new ReadCallee(e.writable()));
            case CalleeWritable e -> to(s, new ReadCaller(e.writable()));
            case CallerEnded _ when s.callerEnded() -> to(s);
            case CallerEnded _ when s.calleeEnded() -> finished(s, now);
            case CallerEnded _ -> to(new Open(true, false, moved), new EndCallee());
            case CalleeEnded _ when s.calleeEnded() -> to(s);
            case CalleeEnded _ when s.callerEnded() -> finished(s, now);
            case CalleeEnded _ -> to(new Open(false, true, moved), new EndCaller());
            case CallerGone _ ->
                to(new Draining(CloseReason.CALLER_LOST, now + DRAIN_NANOS, true, false, moved), new FinishCallee());
            case CalleeGone _ ->
                to(new Draining(CloseReason.CALLEE_LOST, now + DRAIN_NANOS, false, true, moved), new FinishCaller());
            case CloseAsked _ -> to(new Closed(CloseReason.BRIDGE_CLOSED, moved), new DropCaller(), new DropCallee());
            case ConnectRead _, PortKnown _, LineRefused _, CalleeOpened _, CalleeRefused _, TimePassed _ -> to(s);
        };
    }

    private static Step finished(Open s, long now) {
        return to(
                new Draining(CloseReason.FINISHED, now + DRAIN_NANOS, false, false, s.moved()),
                new FinishCaller(),
                new FinishCallee());
    }

    private static Step draining(Draining s, RelayEvent event, long now) {
        return switch (event) {
            case CallerGone _ when s.calleeGone() -> to(new Closed(s.reason(), s.moved()));
            case CallerGone _ -> to(new Draining(s.reason(), s.deadline(), true, false, s.moved()));
            case CalleeGone _ when s.callerGone() -> to(new Closed(s.reason(), s.moved()));
            case CalleeGone _ -> to(new Draining(s.reason(), s.deadline(), false, true, s.moved()));
            case TimePassed _ when now - s.deadline() < 0 -> to(s);
            case TimePassed _ -> to(new Closed(CloseReason.DRAIN_LATE, s.moved()), new DropCaller(), new DropCallee());
            case CloseAsked _ ->
                to(new Closed(CloseReason.BRIDGE_CLOSED, s.moved()), new DropCaller(), new DropCallee());
            case ConnectRead _, PortKnown _, LineRefused _, CalleeOpened _, CalleeRefused _ -> to(s);
            case CallerBytes _, CalleeBytes _, CallerWritable _, CalleeWritable _, CallerEnded _, CalleeEnded _ ->
                to(s);
        };
    }

    private static Step closed(CloseReason reason, RelayAction... actions) {
        return to(new Closed(reason, Moved.NOTHING), actions);
    }

    private static Step to(RelayState next, RelayAction... actions) {
        return new Step(next, List.of(actions));
    }
}
