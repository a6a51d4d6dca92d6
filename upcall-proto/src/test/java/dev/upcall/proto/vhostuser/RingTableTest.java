package dev.upcall.proto.vhostuser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.vhostuser.Ring.Phase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// Prints what every event does to a ring in every phase, by driving the machine, and holds it against
/// the table that stands in the package's story.
class RingTableTest {

    private static final Path STORY = Path.of("src/main/java/dev/upcall/proto/vhostuser/package-info.java");
    private static final Negotiation MACHINE = new Negotiation(Conversation.OFFER);

    /// A row: what happens to ring 0.
    private record Row(String name, Event event) {}

    @Test
    void the_table_in_the_package_story_is_the_machine() throws IOException {
        assertThat(String.join("\n", told())).isEqualTo(String.join("\n", driven()));
    }

    @Test
    void every_phase_has_its_column_and_every_ring_message_its_row() {
        assertThat(phases().keySet()).containsExactlyInAnyOrder(Phase.values());
        assertThat(rows().stream()
                        .map(Row::event)
                        .filter(Event.MessageArrived.class::isInstance)
                        .map(event ->
                                ((Event.MessageArrived) event).heard().message().getClass())
                        .filter(Message.OfRing.class::isAssignableFrom)
                        .distinct())
                .hasSameSizeAs(Message.OfRing.class.getPermittedSubclasses());
    }

    private static List<String> driven() {
        List<String> lines = new ArrayList<>();
        for (Row row : rows()) {
            List<String> cells = new ArrayList<>();
            phases().forEach((phase, backend) -> cells.add(cell(phase, backend, row.event())));
            lines.add(row.name() + " | " + String.join(" | ", cells));
        }
        return lines;
    }

    private static String cell(Phase before, Backend backend, Event event) {
        List<Action> out = new ArrayList<>();
        Backend next;
        try {
            next = MACHINE.step(backend, event, out);
        } catch (IllegalStateException e) {
            return "never";
        }
        List<String> words = new ArrayList<>();
        for (Action action : out) {
            switch (action) {
                case Action.Reply _ -> words.add("answer");
                case Action.MapMemory _ -> words.add("map");
                case Action.UnmapMemory _ -> words.add("unmap");
                case Action.SetKick _ -> words.add("use");
                case Action.SetCall _ -> words.add("use");
                case Action.SetErr _ -> words.add("use");
                case Action.StartRing _ -> words.add("start");
                case Action.MoveRing _ -> words.add("move");
                case Action.StopRing a -> words.add(a.ring() == 0 ? "stop" : "stop the other");
                case Action.SignalErr _ -> words.add("signal");
                case Action.ForgetStreams _ -> words.add("forget");
                case Action.CloseFd _ -> words.add("close");
                case Action.HangUp _ -> words.add("hang up");
            }
        }
        if (next instanceof Backend.Over) {
            return words.contains("hang up") ? "hang up" : "→ Over";
        }
        String text = String.join(", ", words.stream().distinct().toList());
        Phase after = ((Backend.Talking) next).toGuest().phase();
        text = after == before ? text : (text + " → " + after).strip();
        return text.isEmpty() ? (next.equals(backend) ? "–" : "kept") : text;
    }

    private static Map<Phase, Backend> phases() {
        Map<Phase, Backend> phases = new TreeMap<>();
        Conversation idle = Conversation.running();
        for (int ring = 0; ring < Message.RINGS; ring++) {
            idle.says(new Message.SetVringErr(ring, true), 1);
        }
        Backend running = idle.backend;
        idle.says(new Message.GetVringBase(0)).says(new Message.SetVringEnable(0, false));
        phases.put(Phase.IDLE, idle.backend);
        phases.put(Phase.READY, idle.says(new Message.SetVringKick(0, true), 1).backend);
        phases.put(Phase.RUNNING, running);
        phases.put(Phase.STOPPING, MACHINE.step(running, heard(new Message.GetVringBase(0)), new ArrayList<>()));
        phases.put(Phase.FAULTY, MACHINE.step(running, new Event.RingBroke(0, 0), new ArrayList<>()));
        phases.put(
                Phase.FAULTY, MACHINE.step(phases.get(Phase.FAULTY), new Event.RingStopped(1, 0), new ArrayList<>()));
        return phases;
    }

    private static List<Row> rows() {
        return List.of(
                new Row("SET_VRING_NUM", heard(new Message.SetVringNum(0, 256))),
                new Row("SET_VRING_ADDR", heard(Conversation.address(0, 0x7f0000004000L))),
                new Row("SET_VRING_BASE, as answered", heard(new Message.SetVringBase(0, 0))),
                new Row("SET_VRING_BASE, another", heard(new Message.SetVringBase(0, 7))),
                new Row("GET_VRING_BASE", heard(new Message.GetVringBase(0))),
                new Row("SET_VRING_KICK", heard(new Message.SetVringKick(0, true))),
                new Row("SET_VRING_KICK, none", heard(new Message.SetVringKick(0, false))),
                new Row("SET_VRING_CALL", heard(new Message.SetVringCall(0, true))),
                new Row("SET_VRING_ERR", heard(new Message.SetVringErr(0, true))),
                new Row("SET_VRING_ENABLE 1", heard(new Message.SetVringEnable(0, true))),
                new Row("SET_VRING_ENABLE 0", heard(new Message.SetVringEnable(0, false))),
                new Row("SET_MEM_TABLE", heard(Conversation.memory())),
                new Row("GET_FEATURES", heard(new Message.GetFeatures())),
                new Row("RingStopped", new Event.RingStopped(0, 9)),
                new Row("RingBroke", new Event.RingBroke(0, 9)),
                new Row("NonsenseArrived, OrderFailed", new Event.OrderFailed("no memory")),
                new Row("FrontEndClosed", new Event.FrontEndClosed()));
    }

    private static Event heard(Message message) {
        return new Event.MessageArrived(new Decoded.Understood(0, message, false), List.of(77));
    }

    private static List<String> told() throws IOException {
        return Files.readAllLines(STORY).stream()
                .dropWhile(line -> !line.startsWith("/// | event"))
                .takeWhile(line -> line.startsWith("/// |"))
                .skip(2)
                .map(line -> Arrays.stream(line.substring(5).split("\\|"))
                        .map(String::strip)
                        .reduce((a, b) -> a + " | " + b)
                        .orElse(""))
                .toList();
    }
}
