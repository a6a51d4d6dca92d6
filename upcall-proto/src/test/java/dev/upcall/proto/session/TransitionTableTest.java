package dev.upcall.proto.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.guest.Cpus;
import dev.upcall.proto.session.extended.Extensions;
import dev.upcall.proto.session.extended.Wish;
import dev.upcall.proto.session.request.Outcome;
import dev.upcall.proto.session.request.Pending;
import dev.upcall.proto.session.request.SendTerms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/// Prints the machine as a table, by driving it in every state with every event, and holds it against the tables that
/// stand in the package's documentation: diagrams that cannot lie.
///
/// | word     | what was seen                                                              |
/// |----------|----------------------------------------------------------------------------|
/// | –        | nothing changed and nothing was ordered                                    |
/// | retry    | transport dropped, Reconnecting, picture kept                              |
/// | lost     | transport dropped, Reconnecting, picture stale                             |
/// | answered, unknown, refused, told late | a request ended like that                     |
/// | open, drop, send, CONNECT line, `d`   | what else was ordered                         |
/// | queued   | a request waits                                                            |
class TransitionTableTest {

    private static final Path STORY = Path.of("src/main/java/dev/upcall/proto/session/package-info.java");

    @Test
    void the_tables_in_the_package_story_are_the_machine() throws IOException {
        Map<String, String> told = told();
        Map<String, String> driven = driven();

        assertThat(String.join("\n", lines(told))).isEqualTo(String.join("\n", lines(driven)));
    }

    @Test
    void every_state_and_every_event_has_its_cell() {
        List<String> states =
                states().stream().map(state -> state.get().state()).toList();
        List<String> events = events(1).stream().map(TransitionTableTest::name).toList();

        assertThat(states).containsExactlyInAnyOrderElementsOf(leaves(State.class));
        assertThat(events).containsExactlyInAnyOrderElementsOf(leaves(Event.class));
        assertThat(driven()).hasSize(states.size() * events.size());
    }

    /// Every cell as the machine fills it: `state × event` → what happened.
    private static Map<String, String> driven() {
        Map<String, String> cells = new TreeMap<>();
        for (Supplier<Play> state : states()) {
            for (int i = 0; i < events(1).size(); i++) {
                Play play = state.get();
                Event event = events(play.epoch()).get(i);
                cells.put(play.state() + " × " + name(event), cell(play, event));
            }
        }
        return cells;
    }

    private static String cell(Play play, Event event) {
        Session before = play.session;
        if (event instanceof Event.TimePassed) {
            play.now = Math.max(play.now, before.nextDeadline() == Long.MAX_VALUE ? play.now : before.nextDeadline());
        }
        play.happens(event);
        Session after = play.session;
        List<String> words = new ArrayList<>();
        boolean dropped = false;
        for (Action action : play.ordered) {
            switch (action) {
                case Action.OpenTransport _ -> words.add("open");
                case Action.DropTransport _ -> dropped = true;
                case Action.SendConnectLine _ -> words.add("CONNECT line");
                case Action.SendServiceByte _ -> words.add("`d`");
                case Action.Transmit _, Action.TransmitOnce _ -> words.add("send");
                case Action.Send _ -> words.add("HANDSHAKE");
                case Action.Tell _ -> {} // news change nothing
                case Action.AnswerWish answer -> words.add(answer.answer().toString());
                case Action.CompleteLate _ -> words.add("told late");
                case Action.Complete c -> words.add(outcome(c.outcome()));
            }
        }
        boolean again = dropped && after.state() instanceof State.Reconnecting;
        if (again) {
            words.add(after.picture().stale() && !before.picture().stale() ? "lost" : "retry");
        } else if (dropped) {
            words.add("drop");
        }
        if (after.queueLength() > before.queueLength()) {
            words.add("queued");
        }
        if (event instanceof Event.PictureGiven && !after.picture().equals(before.picture())) {
            words.add("new picture");
        }
        String text = String.join(", ", words);
        if (!again && !after.state().label().equals(before.state().label())) {
            text = (text + " → " + after.state().label()).strip();
        }
        return text.isEmpty() ? "–" : text;
    }

    private static String outcome(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Done _ -> "answered";
            case Outcome.Unknown _ -> "unknown";
            case Outcome.NotSent _ -> "not sent";
            case Outcome.Absent _,
                    Outcome.Refused _,
                    Outcome.Unsafe _,
                    Outcome.GuestRestarted _,
                    Outcome.NotDone _,
                    Outcome.Misbehaved _ -> outcome.toString();
        };
    }

    /// A session in each state, with nothing waiting.
    private static List<Supplier<Play>> states() {
        return List.of(
                Play::begun,
                () -> Play.begun().start(),
                () -> Play.begun().start().happens(new Event.TransportOpened(1)).happens(new Event.ServerAccepted(1)),
                () -> Play.begun(Play.asking(Extensions.AUTO)).start().reach(),
                Play::connected,
                () -> busy(),
                () -> busy().passes(Duration.ofSeconds(15)),
                () -> failed(Play.begun()),
                () -> failed(Play.begun(Play.rules(ReconnectPolicy.once(), 4))),
                () -> Play.begun().happens(new Event.CloseAsked()));
    }

    private static Play busy() {
        Play play = Play.connected();
        play.submits(Play.ADD_MMIO);
        return play;
    }

    private static Play failed(Play play) {
        return play.start().happens(new Event.DialFailed(1, Trouble.of(Trouble.Kind.NO_SOCKET_FILE)));
    }

    /// One event of each kind, the right one for its moment: CONNECT announces, a frame answers what is out.
    private static List<Event> events(long epoch) {
        Pending request = new Pending("new", Play.DEL_MMIO, SendTerms.DEFAULT, Long.MAX_VALUE - 1);
        return List.of(
                new Event.TransportOpened(epoch),
                new Event.DialFailed(epoch, Trouble.of(Trouble.Kind.CONNECT_REFUSED)),
                new Event.ServerAccepted(epoch),
                new Event.ServiceAnnounced(epoch, Play.connect()),
                new Event.FrameArrived(epoch, Play.reply(Play.ADD_MMIO, 0)),
                new Event.ExtensionArrived(epoch, Play.stockAnswer()),
                new Event.PeerClosed(epoch, "end of stream"),
                new Event.PeerMisbehaved(epoch, "noise"),
                new Event.Started(),
                new Event.RequestSubmitted(request),
                new Event.RequestCancelled("ticket 1"),
                new Event.PictureGiven(Cpus.picture(0, 5)),
                new Event.Wished(new Wish.UnregisterAll()),
                new Event.PathChanged(),
                new Event.TimePassed(),
                new Event.CloseAsked());
    }

    private static String name(Event event) {
        return event.getClass().getSimpleName();
    }

    /// The names of all records below a sealed type.
    private static List<String> leaves(Class<?> type) {
        return type.isSealed()
                ? Arrays.stream(type.getPermittedSubclasses())
                        .flatMap(sub -> leaves(sub).stream())
                        .distinct()
                        .toList()
                : List.of(type.getSimpleName());
    }

    /// The cells of the tables in the documentation. A heading may name several states; a state that has no column in
    /// a table of events changes nothing on them.
    private static Map<String, String> told() throws IOException {
        Map<String, String> cells = new TreeMap<>();
        List<String> columns = List.of();
        for (String line : Files.readAllLines(STORY)) {
            if (!line.startsWith("/// |")) {
                columns = List.of();
                continue;
            }
            List<String> row = Arrays.stream(line.substring(5).split("\\|", -1))
                    .map(String::strip)
                    .toList();
            if (columns.isEmpty()) {
                columns = row;
            } else if (!row.getFirst().startsWith("--")) {
                for (String state : leaves(State.class)) {
                    cells.put(state + " × " + row.getFirst(), "–");
                }
                for (int i = 1; i < columns.size(); i++) {
                    for (String state : columns.get(i).split(", ", -1)) {
                        if (!state.isEmpty()) {
                            cells.put(state + " × " + row.getFirst(), row.get(i));
                        }
                    }
                }
            }
        }
        return cells;
    }

    private static List<String> lines(Map<String, String> cells) {
        return cells.entrySet().stream()
                .map(cell -> cell.getKey() + ": " + cell.getValue())
                .toList();
    }
}
