package dev.upcall.client.cli;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// One result: a line for people, and the same as named fields for programs.
///
/// @param text one line, or several for what people read as a block
/// @param fields in the order in which they are written
record Report(String text, Map<String, Object> fields) {
    Report {
        fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }

    static Report of(String text) {
        return new Report(text, Map.of());
    }

    /// The same with one more field: a string, number, boolean, or a list or map of these.
    Report with(String name, Object value) {
        Map<String, Object> more = new LinkedHashMap<>(fields);
        more.put(name, value);
        return new Report(text, more);
    }
}
