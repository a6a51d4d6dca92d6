package dev.upcall.stub.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Plays one scenario of a capture against a machine: what the host sent goes in, what the guest sent must come out.
///
/// Labels are read for one thing only, which connection a request is for: `B.connect` opens one, `B.…` uses it until it
/// hangs; `wrong-magic-same-conn` goes back to it. No reply is looked up anywhere.
final class CaptureReplay {
    private static final Pattern MASKS = Pattern.compile("guest possible/present/online: (\\S+) (\\S+) (\\S+)");

    /// The longest a captured guest took, and some more.
    private static final Duration PATIENCE = Duration.ofSeconds(70);

    private static final long UPCALL_PORT = 219;

    private final VirtualGuest guest;
    private final Map<String, VirtualGuest.Peer> byPart = new HashMap<>();
    private final Set<VirtualGuest.Peer> hung = new HashSet<>();
    private VirtualGuest.Peer current;
    int frames;
    int silences;
    int masks;

    CaptureReplay(VirtualGuest guest) {
        this.guest = guest;
        this.current = guest.dialHybrid(UPCALL_PORT);
        current.close();
    }

    /// @param before called before each line, to do what the capture does not say
    void play(List<CaptureLine> lines, Consumer<CaptureLine> before) {
        for (CaptureLine line : lines) {
            before.accept(line);
            if (line.fromHost() && line.label().endsWith(".service-byte")) {
                dial(line);
            } else if (line.fromHost()) {
                current = connectionOf(line);
                current.write(line.bytes());
            } else if (line.fromGuest() && line.label().endsWith(".hybrid")) {
                frames++;
            } else if (line.fromGuest()) {
                expect(line);
            } else {
                compareMasks(line);
            }
        }
    }

    private void dial(CaptureLine line) {
        current = guest.dialHybrid(UPCALL_PORT);
        byPart.put(line.part(), current);
        current.write("CONNECT 219\n".getBytes(StandardCharsets.US_ASCII));
        assertThat(new String(current.takeAll(), StandardCharsets.US_ASCII))
                .as(line.label())
                .matches("OK [0-9]+\n");
        current.write(line.bytes());
    }

    private VirtualGuest.Peer connectionOf(CaptureLine line) {
        VirtualGuest.Peer named = byPart.get(line.part());
        return named != null && !hung.contains(named) ? named : current;
    }

    private void expect(CaptureLine line) {
        if (line.length() == 0) {
            guest.pass(Duration.ofMillis((long) line.millis()));
            assertThat(current.takeAll()).as(line.label() + " is silence").isEmpty();
            assertThat(current.ended).as(line.label()).isEmpty();
            hung.add(current);
            silences++;
            return;
        }
        byte[] frame = current.takeFrame();
        long asked = guest.now();
        while (frame.length == 0 && guest.now() - asked < PATIENCE.toNanos()) {
            guest.pass(Duration.ofMillis(50));
            frame = current.takeFrame();
        }
        assertThat(frame).as(line.scenario() + " " + line.label()).isEqualTo(line.bytes());
        assertThat(current.takeAll()).as("bytes behind " + line.label()).isEmpty();
        double seconds = (guest.now() - asked) / 1e9;
        assertThat(seconds).as("seconds of " + line.label()).isLessThanOrEqualTo(line.millis() / 1000 + 0.2);
        frames++;
    }

    private void compareMasks(CaptureLine line) {
        Matcher m = MASKS.matcher(line.note());
        if (m.matches()) {
            assertThat(List.of(
                            guest.machine().possibleCpus(),
                            guest.machine().presentCpus(),
                            guest.machine().onlineCpus()))
                    .as(line.scenario() + " " + line.label())
                    .containsExactly(cpus(m.group(1)), cpus(m.group(2)), cpus(m.group(3)));
            masks++;
        }
    }

    /// `0-1,3`
    private static BitSet cpus(String list) {
        BitSet set = new BitSet();
        for (String range : list.split(",", -1)) {
            String[] ends = range.split("-", -1);
            set.set(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]) + 1);
        }
        return set;
    }
}
