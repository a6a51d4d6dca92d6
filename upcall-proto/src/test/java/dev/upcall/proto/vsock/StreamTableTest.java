package dev.upcall.proto.vsock;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/// Prints what every event does to a stream in every state, by driving the machine, and holds it against
/// the table that stands in the package's story.
class StreamTableTest {

    private static final Path STORY = Path.of("src/main/java/dev/upcall/proto/vsock/package-info.java");

    @Test
    void the_table_in_the_package_story_is_the_machine() throws IOException {
        assertThat(String.join("\n", told())).isEqualTo(String.join("\n", driven()));
    }

    @Test
    void every_state_but_the_last_has_its_column() {
        assertThat(states().keySet())
                .containsExactly(Arrays.copyOf(StreamState.values(), StreamState.values().length - 1));
    }

    private static List<String> driven() {
        List<String> lines = new ArrayList<>();
        events().forEach((name, event) -> {
            List<String> cells = new ArrayList<>();
            states().forEach((state, make) -> {
                Stage stage = Stage.set();
                Connection c = make.apply(stage);
                event.accept(stage, c);
                List<String> words = new ArrayList<>(stage.ordered());
                stage.packets().forEach(packet -> words.add("`" + packet + "`"));
                words.addAll(stage.ordered());
                String text = String.join(", ", words);
                if (c.state() != state && c.state() != StreamState.CLOSED) {
                    text = (text + " → " + c.state()).strip();
                }
                cells.add(text.isEmpty() ? "–" : text);
            });
            lines.add(name + " | " + String.join(" | ", cells));
        });
        return lines;
    }

    private static Map<StreamState, Function<Stage, Connection>> states() {
        Map<StreamState, Function<Stage, Connection>> states = new LinkedHashMap<>();
        states.put(StreamState.CONNECTING, Stage::connecting);
        states.put(StreamState.DIALLING, Stage::dialling);
        states.put(StreamState.OPEN, Stage::open);
        states.put(StreamState.HOST_ENDED, Stage::hostEnded);
        states.put(StreamState.GUEST_ENDED, Stage::guestEnded);
        states.put(StreamState.CLOSING, Stage::closing);
        return states;
    }

    private static Map<String, BiConsumer<Stage, Connection>> events() {
        Map<String, BiConsumer<Stage, Connection>> events = new LinkedHashMap<>();
        events.put("REQUEST", (stage, c) -> stage.says(c, PacketOp.REQUEST));
        events.put("RESPONSE", (stage, c) -> stage.says(c, PacketOp.RESPONSE));
        events.put("RST", (stage, c) -> stage.says(c, PacketOp.RST));
        events.put("SHUTDOWN, receives no more", (stage, c) -> stage.shutsDown(c, 1));
        events.put("SHUTDOWN, sends no more", (stage, c) -> stage.shutsDown(c, 2));
        events.put("SHUTDOWN, both", (stage, c) -> stage.shutsDown(c, 3));
        events.put("RW", (stage, c) -> {
            if (stage.sends(c, 1024) > 0) {
                stage.orders.add("take");
            }
        });
        events.put("CREDIT_UPDATE", (stage, c) -> stage.says(c, PacketOp.CREDIT_UPDATE));
        events.put("CREDIT_REQUEST", (stage, c) -> stage.says(c, PacketOp.CREDIT_REQUEST));
        events.put("another operation", (stage, c) -> stage.says(c, 9, 0, 0, 0));
        events.put("dialled", (stage, c) -> stage.mux.dialled(c));
        events.put("dialRefused", (stage, c) -> stage.mux.dialRefused(c));
        events.put("hostBytes", (stage, c) -> stage.hostWrites(c, 1024));
        events.put("hostEnded", (stage, c) -> stage.mux.hostEnded(c, stage.now));
        events.put("hostGone", (stage, c) -> stage.mux.hostGone(c, stage.now));
        events.put("the deadline", (stage, c) -> stage.passes(Duration.ofSeconds(5)));
        return events;
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
