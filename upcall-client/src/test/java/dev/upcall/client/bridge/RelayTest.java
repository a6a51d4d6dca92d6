package dev.upcall.client.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.client.bridge.Relay.Step;
import dev.upcall.client.bridge.RelayState.Closed;
import dev.upcall.client.bridge.RelayState.DialingCallee;
import dev.upcall.client.bridge.RelayState.Draining;
import dev.upcall.client.bridge.RelayState.Moved;
import dev.upcall.client.bridge.RelayState.Open;
import dev.upcall.client.bridge.RelayState.ReadingConnect;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class RelayTest {
    private static final long NOW = 1_000;
    private static final Relay RELAY = new Relay(100, 200);

    private static final Map<String, RelayState> STATES = new LinkedHashMap<>();
    private static final List<RelayEvent> EVENTS = List.of(
            new RelayEvent.ConnectRead(219),
            new RelayEvent.PortKnown(52),
            new RelayEvent.LineRefused(),
            new RelayEvent.CalleeOpened(),
            new RelayEvent.CalleeRefused(),
            new RelayEvent.CallerBytes(7),
            new RelayEvent.CalleeBytes(5),
            new RelayEvent.CallerWritable(false),
            new RelayEvent.CalleeWritable(false),
            new RelayEvent.CallerEnded(),
            new RelayEvent.CalleeEnded(),
            new RelayEvent.CallerGone(),
            new RelayEvent.CalleeGone(),
            new RelayEvent.TimePassed(),
            new RelayEvent.CloseAsked());

    static {
        STATES.put("Reading", new ReadingConnect(NOW));
        STATES.put("Dialing", new DialingCallee(219, true, NOW, 3, false));
        STATES.put("DialingEnded", new DialingCallee(219, true, NOW, 3, true));
        STATES.put("DialingUnasked", new DialingCallee(52, false, NOW, 0, false));
        STATES.put("Open", new Open(false, false, Moved.NOTHING));
        STATES.put("OpenCallerEnded", new Open(true, false, Moved.NOTHING));
        STATES.put("OpenCalleeEnded", new Open(false, true, Moved.NOTHING));
        STATES.put("Draining", new Draining(CloseReason.FINISHED, NOW, false, false, Moved.NOTHING));
        STATES.put("DrainingCallerGone", new Draining(CloseReason.FINISHED, NOW, true, false, Moved.NOTHING));
        STATES.put("DrainingCalleeGone", new Draining(CloseReason.FINISHED, NOW, false, true, Moved.NOTHING));
        STATES.put("Closed", new Closed(CloseReason.FINISHED, Moved.NOTHING));
    }

    /// Cells that are not written change nothing and do nothing.
    private static final String TABLE = """
            Reading ConnectRead: ReadCaller off, DialCallee 219 → Dialing early=0
            Reading PortKnown: ReadCaller off, DialCallee 52 → Dialing early=0 unasked
            Reading LineRefused: DropCaller → Closed BAD_LINE
            Reading CallerEnded: DropCaller → Closed NO_LINE
            Reading CallerGone: → Closed NO_LINE
            Reading TimePassed: DropCaller → Closed LINE_LATE
            Reading CloseAsked: DropCaller → Closed BRIDGE_CLOSED
            Dialing CalleeOpened: SayOk, ForwardKept, ReadCaller on, ReadCallee on → Open 3/0
            Dialing CalleeRefused: DropCaller → Closed CALLEE_REFUSED
            Dialing CallerBytes: Keep → Dialing early=10
            Dialing CallerEnded: → Dialing early=3 callerEnded
            Dialing CallerGone: DropCallee → Closed CALLER_HASTY
            Dialing CalleeGone: DropCaller → Closed CALLEE_REFUSED
            Dialing TimePassed: DropCaller, DropCallee → Closed CALLEE_LATE
            Dialing CloseAsked: DropCaller, DropCallee → Closed BRIDGE_CLOSED
            DialingEnded CalleeOpened: SayOk, ForwardKept, EndCallee, ReadCallee on → Open 3/0 callerEnded
            DialingEnded CalleeRefused: DropCaller → Closed CALLEE_REFUSED
            DialingEnded CallerBytes: Keep → Dialing early=10 callerEnded
            DialingEnded CallerGone: DropCallee → Closed CALLER_HASTY
            DialingEnded CalleeGone: DropCaller → Closed CALLEE_REFUSED
            DialingEnded TimePassed: DropCaller, DropCallee → Closed CALLEE_LATE
            DialingEnded CloseAsked: DropCaller, DropCallee → Closed BRIDGE_CLOSED
            DialingUnasked CalleeOpened: ForwardKept, ReadCaller on, ReadCallee on → Open 0/0
            DialingUnasked CalleeRefused: DropCaller → Closed CALLEE_REFUSED
            DialingUnasked CallerBytes: Keep → Dialing early=7 unasked
            DialingUnasked CallerEnded: → Dialing early=0 unasked callerEnded
            DialingUnasked CallerGone: DropCallee → Closed CALLER_HASTY
            DialingUnasked CalleeGone: DropCaller → Closed CALLEE_REFUSED
            DialingUnasked TimePassed: DropCaller, DropCallee → Closed CALLEE_LATE
            DialingUnasked CloseAsked: DropCaller, DropCallee → Closed BRIDGE_CLOSED
            Open CallerBytes: ForwardToCallee → Open 7/0
            Open CalleeBytes: ForwardToCaller → Open 0/5
            Open CallerWritable: ReadCallee off → Open 0/0
            Open CalleeWritable: ReadCaller off → Open 0/0
            Open CallerEnded: EndCallee → Open 0/0 callerEnded
            Open CalleeEnded: EndCaller → Open 0/0 calleeEnded
            Open CallerGone: FinishCallee → Draining CALLER_LOST callerGone
            Open CalleeGone: FinishCaller → Draining CALLEE_LOST calleeGone
            Open CloseAsked: DropCaller, DropCallee → Closed BRIDGE_CLOSED
            OpenCallerEnded CallerBytes: ForwardToCallee → Open 7/0 callerEnded
            OpenCallerEnded CalleeBytes: ForwardToCaller → Open 0/5 callerEnded
            OpenCallerEnded CallerWritable: ReadCallee off → Open 0/0 callerEnded
            OpenCallerEnded CalleeWritable: ReadCaller off → Open 0/0 callerEnded
            OpenCallerEnded CalleeEnded: FinishCaller, FinishCallee → Draining FINISHED
            OpenCallerEnded CallerGone: FinishCallee → Draining CALLER_LOST callerGone
            OpenCallerEnded CalleeGone: FinishCaller → Draining CALLEE_LOST calleeGone
            OpenCallerEnded CloseAsked: DropCaller, DropCallee → Closed BRIDGE_CLOSED
            OpenCalleeEnded CallerBytes: ForwardToCallee → Open 7/0 calleeEnded
            OpenCalleeEnded CalleeBytes: ForwardToCaller → Open 0/5 calleeEnded
            OpenCalleeEnded CallerWritable: ReadCallee off → Open 0/0 calleeEnded
            OpenCalleeEnded CalleeWritable: ReadCaller off → Open 0/0 calleeEnded
            OpenCalleeEnded CallerEnded: FinishCaller, FinishCallee → Draining FINISHED
            OpenCalleeEnded CallerGone: FinishCallee → Draining CALLER_LOST callerGone
            OpenCalleeEnded CalleeGone: FinishCaller → Draining CALLEE_LOST calleeGone
            OpenCalleeEnded CloseAsked: DropCaller, DropCallee → Closed BRIDGE_CLOSED
            Draining CallerGone: → Draining FINISHED callerGone
            Draining CalleeGone: → Draining FINISHED calleeGone
            Draining TimePassed: DropCaller, DropCallee → Closed DRAIN_LATE
            Draining CloseAsked: DropCaller, DropCallee → Closed BRIDGE_CLOSED
            DrainingCallerGone CalleeGone: → Closed FINISHED
            DrainingCallerGone TimePassed: DropCaller, DropCallee → Closed DRAIN_LATE
            DrainingCallerGone CloseAsked: DropCaller, DropCallee → Closed BRIDGE_CLOSED
            DrainingCalleeGone CallerGone: → Closed FINISHED
            DrainingCalleeGone TimePassed: DropCaller, DropCallee → Closed DRAIN_LATE
            DrainingCalleeGone CloseAsked: DropCaller, DropCallee → Closed BRIDGE_CLOSED
            """;

    @Test
    void every_event_in_every_state() {
        List<String> cells = new ArrayList<>();
        STATES.forEach((name, state) -> EVENTS.forEach(event -> {
            Step step = RELAY.step(state, event, NOW);
            if (!step.next().equals(state) || !step.actions().isEmpty()) {
                cells.add(name + " " + event.getClass().getSimpleName() + ": " + written(step));
            }
        }));
        assertThat(String.join("\n", cells) + "\n").isEqualTo(TABLE);
    }

    @Test
    void a_caller_has_its_time_for_the_line() {
        RelayState state = RELAY.begin(NOW);
        assertThat(Relay.deadline(state)).hasValue(NOW + 100);
        assertThat(RELAY.step(state, new RelayEvent.TimePassed(), NOW + 99).next())
                .isEqualTo(state);
        assertThat(RELAY.step(state, new RelayEvent.TimePassed(), NOW + 100).next())
                .isEqualTo(new Closed(CloseReason.LINE_LATE, Moved.NOTHING));
    }

    @Test
    void a_callee_has_its_time_to_answer() {
        RelayState state = RELAY.step(RELAY.begin(NOW), new RelayEvent.ConnectRead(219), NOW + 50)
                .next();
        assertThat(Relay.deadline(state)).hasValue(NOW + 250);
        assertThat(RELAY.step(state, new RelayEvent.TimePassed(), NOW + 249).next())
                .isEqualTo(state);
    }

    @Test
    void deadlines_survive_a_clock_that_overflows() {
        long late = Long.MAX_VALUE - 50;
        RelayState state = RELAY.begin(late);
        assertThat(RELAY.step(state, new RelayEvent.TimePassed(), late + 99).next())
                .isEqualTo(state);
        assertThat(RELAY.step(state, new RelayEvent.TimePassed(), late + 100).next())
                .isInstanceOf(Closed.class);
    }

    @Test
    void what_comes_before_ok_is_kept_up_to_a_limit() {
        RelayState state = new DialingCallee(219, true, NOW, 0, false);
        int piece = 64 * 1024;
        for (int i = 0; i < Relay.EARLY_BYTES_MAX / piece; i++) {
            Step step = RELAY.step(state, new RelayEvent.CallerBytes(piece), NOW);
            assertThat(step.actions()).containsExactly(new RelayAction.Keep());
            state = step.next();
        }
        assertThat(RELAY.step(state, new RelayEvent.CallerBytes(1), NOW).next())
                .isEqualTo(new Closed(CloseReason.CALLER_HASTY, Moved.NOTHING));
    }

    @Test
    void every_byte_is_counted_also_those_that_came_early() {
        RelayState state = new DialingCallee(219, true, NOW, 3, false);
        for (RelayEvent event : List.of(
                new RelayEvent.CalleeOpened(),
                new RelayEvent.CallerBytes(10),
                new RelayEvent.CalleeBytes(100),
                new RelayEvent.CallerEnded(),
                new RelayEvent.CalleeBytes(1000),
                new RelayEvent.CalleeGone(),
                new RelayEvent.CallerGone())) {
            state = RELAY.step(state, event, NOW).next();
        }
        assertThat(state).isEqualTo(new Closed(CloseReason.CALLEE_LOST, new Moved(13, 1100)));
    }

    /// Events in any order, also impossible ones: OK is said at most once and only after the callee opened, no
    /// byte is forwarded before it, nothing happens after the end, and the two goodbyes always lead there.
    @Test
    void whatever_happens_the_promises_hold() {
        for (long seed = 0; seed < 20_000; seed++) {
            Random random = new Random(seed);
            RelayState state = RELAY.begin(0);
            int oks = 0;
            boolean opened = false;
            for (int i = 0; i < 40; i++) {
                RelayEvent event = EVENTS.get(random.nextInt(EVENTS.size()));
                opened |= event instanceof RelayEvent.CalleeOpened && state instanceof DialingCallee;
                Step step = RELAY.step(state, event, i * 10L);
                oks += (int) step.actions().stream()
                        .filter(action -> action instanceof RelayAction.SayOk)
                        .count();
                boolean spoke = step.actions().stream()
                        .anyMatch(action -> action instanceof RelayAction.ForwardToCallee
                                || action instanceof RelayAction.ForwardToCaller
                                || action instanceof RelayAction.SayOk);
                assertThat(oks).as("seed %d step %d", seed, i).isLessThanOrEqualTo(1);
                assertThat(spoke && !opened).as("seed %d step %d", seed, i).isFalse();
                if (state instanceof Closed) {
                    assertThat(step).as("seed %d step %d", seed, i).isEqualTo(new Step(state, List.of()));
                }
                state = step.next();
            }
            state = RELAY.step(state, new RelayEvent.CloseAsked(), 400).next();
            assertThat(state).as("seed %d", seed).isInstanceOf(Closed.class);
        }
    }

    private static String written(Step step) {
        String actions = step.actions().stream().map(RelayTest::written).collect(Collectors.joining(", "));
        return (actions + " → " + written(step.next())).strip();
    }

    private static String written(RelayAction action) {
        return switch (action) {
            case RelayAction.ReadCaller read -> "ReadCaller " + (read.on() ? "on" : "off");
            case RelayAction.ReadCallee read -> "ReadCallee " + (read.on() ? "on" : "off");
            case RelayAction.DialCallee dial -> "DialCallee " + dial.port();
            default -> action.getClass().getSimpleName();
        };
    }

    private static String written(RelayState state) {
        return switch (state) {
            case ReadingConnect _ -> "Reading";
            case DialingCallee s ->
                "Dialing early=" + s.early() + (s.line() ? "" : " unasked") + (s.callerEnded() ? " callerEnded" : "");
            case Open s ->
                "Open " + s.moved().toCallee() + "/" + s.moved().toCaller()
                        + (s.callerEnded() ? " callerEnded" : "")
                        + (s.calleeEnded() ? " calleeEnded" : "");
            case Draining s ->
                "Draining " + s.reason() + (s.callerGone() ? " callerGone" : "")
                        + (s.calleeGone() ? " calleeGone" : "");
            case Closed s -> "Closed " + s.reason();
        };
    }
}
