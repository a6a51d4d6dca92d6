package dev.upcall.e2e.simulation;

import dev.upcall.proto.session.Action;
import dev.upcall.proto.session.Event;
import dev.upcall.proto.session.Session;
import dev.upcall.proto.session.State;
import java.util.ArrayDeque;
import java.util.List;

/// The last steps of a run, written out only when somebody must read them.
public final class Trail {

    private static final int KEPT = 14;

    private final int kept;

    private sealed interface Entry {
        record Step(long now, String who, Session before, Event event, List<Action> actions, Session after)
                implements Entry {}

        record Note(long now, String what, Object about) implements Entry {}
    }

    private final ArrayDeque<Entry> entries = new ArrayDeque<>();

    Trail() {
        this(KEPT);
    }

    /// @param kept so many entries
    public Trail(int kept) {
        this.kept = kept;
    }

    void step(long now, Session before, Event event, List<Action> actions, Session after) {
        step(now, "", before, event, actions, after);
    }

    /// @param who whose session it is, where there are several
    public void step(long now, String who, Session before, Event event, List<Action> actions, Session after) {
        add(new Entry.Step(now, who, before, event, List.copyOf(actions), after));
    }

    /// What happened outside the session.
    public void note(long now, String what, Object about) {
        add(new Entry.Note(now, what, about));
    }

    @Override
    public String toString() {
        StringBuilder out = new StringBuilder();
        for (Entry entry : entries) {
            switch (entry) {
                case Entry.Step s -> {
                    out.append("\n%,15d us  %s%s × %s"
                            .formatted(
                                    s.now() / 1000, s.who(), s.before().state().label(), text(s.event())));
                    s.actions()
                            .forEach(action ->
                                    out.append("\n                    ▸ ").append(text(action)));
                    out.append("\n                    → %s, picture %s, %d waiting"
                            .formatted(
                                    text(s.after().state()),
                                    s.after().picture(),
                                    s.after().queueLength()));
                }
                case Entry.Note n -> out.append("\n%,15d us  (%s %s)".formatted(n.now() / 1000, n.what(), n.about()));
            }
        }
        return out.toString();
    }

    private static Object text(Event event) {
        return event instanceof Event.RequestSubmitted e
                ? "RequestSubmitted " + e.pending().ticket() + " " + e.pending().request() + " "
                        + e.pending().terms()
                : event;
    }

    private static Object text(Action action) {
        return switch (action) {
            case Action.Complete a -> "Complete " + a.pending().ticket() + " " + a.outcome();
            case Action.CompleteLate a -> "CompleteLate " + a.pending().ticket() + " " + a.outcome();
            case Action.TransmitOnce _,
                    Action.Send _,
                    Action.Tell _,
                    Action.AnswerWish _,
                    Action.OpenTransport _,
                    Action.DropTransport _,
                    Action.SendConnectLine _,
                    Action.SendServiceByte _,
                    Action.Transmit _ -> action;
        };
    }

    private static Object text(State state) {
        return switch (state) {
            case State.ServiceBusy s -> "ServiceBusy " + s.pending().ticket() + " on " + s.connection();
            case State.Overdue s -> "Overdue " + s.pending().ticket() + " on " + s.connection();
            case State.Reconnecting s ->
                "Reconnecting " + s.attempt() + ", " + s.trouble().kind();
            case State.Init _,
                    State.WaitingServer _,
                    State.WaitingService _,
                    State.Opening _,
                    State.Connected _,
                    State.GivenUp _,
                    State.Closed _ -> state;
        };
    }

    private void add(Entry entry) {
        if (entries.size() == kept) {
            entries.removeFirst();
        }
        entries.addLast(entry);
    }
}
