package dev.upcall.e2e.benchmark;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/// What a contender said after a round: numbers under names, in one line of text such as
/// `p50 3652 p99 5308 rate 242575`. C programs and Java peers speak it alike.
record Answer(Map<String, Double> numbers) {

    static Answer parse(String line) throws IOException {
        String[] words = line.trim().split(" +", -1);
        if (words.length % 2 != 0) {
            throw new IOException("expected pairs of name and number, found \"" + line + "\"");
        }
        Map<String, Double> numbers = new LinkedHashMap<>();
        for (int i = 0; i < words.length; i += 2) {
            try {
                numbers.put(words[i], Double.valueOf(words[i + 1]));
            } catch (NumberFormatException e) {
                throw new IOException("expected pairs of name and number, found \"" + line + "\"", e);
            }
        }
        return new Answer(numbers);
    }

    boolean has(String name) {
        return numbers.containsKey(name);
    }

    double get(String name) {
        Double number = numbers.get(name);
        if (number == null) {
            throw new IllegalStateException("expected " + name + " in the answer, found " + numbers.keySet());
        }
        return number;
    }
}
