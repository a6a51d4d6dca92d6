package dev.upcall.e2e.benchmark;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// Contenders that take turns, in another order each round, so that whatever else the machine does falls on all.
final class Rounds {

    private final String row;
    private final Map<String, List<Answer>> answers = new LinkedHashMap<>();

    private Rounds(String row) {
        this.row = row;
    }

    /// Warms all up, then plays. Closes the contenders.
    static Rounds play(String row, List<Contender> contenders, int rounds) throws IOException {
        Rounds played = new Rounds(row);
        try {
            for (Contender contender : contenders) {
                played.answers.put(contender.name(), new ArrayList<>());
                contender.warmUp();
            }
            Random order = new Random(rounds);
            List<Contender> shuffled = new ArrayList<>(contenders);
            for (int i = 0; i < rounds; i++) {
                Collections.shuffle(shuffled, order);
                for (Contender contender : shuffled) {
                    played.of(contender.name()).add(contender.round());
                }
            }
        } finally {
            contenders.forEach(Contender::close);
        }
        return played;
    }

    /// @param name of the number in the answers
    /// @param scale what it is divided by, to have it in `unit`
    Measure measure(String who, String name, String what, double scale, String unit) {
        List<Double> values =
                of(who).stream().map(answer -> answer.get(name) / scale).toList();
        return Measure.of(row, who, what, unit, values);
    }

    Measure micros(String who, String name) {
        return measure(who, name, name, 1000, "µs");
    }

    Measure rate(String who) {
        return measure(who, "rate", "requests", 1, "/s");
    }

    private List<Answer> of(String who) {
        List<Answer> given = answers.get(who);
        if (given == null) {
            throw new IllegalStateException("no contender " + who + " in " + row);
        }
        return given;
    }
}
