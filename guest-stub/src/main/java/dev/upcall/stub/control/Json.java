package dev.upcall.stub.control;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// Writes JSON on one line: objects of fields in order, lists, texts, numbers, truths. Reading is somebody else's.
final class Json {

    private Json() {}

    /// An object under construction.
    static final class Fields {
        private final Map<String, String> written = new LinkedHashMap<>();

        Fields with(String name, String text) {
            return put(name, Json.text(text));
        }

        Fields with(String name, long number) {
            return put(name, Long.toString(number));
        }

        Fields with(String name, boolean truth) {
            return put(name, Boolean.toString(truth));
        }

        Fields with(String name, Fields object) {
            return put(name, object.toString());
        }

        Fields withNumbers(String name, List<Integer> numbers) {
            return put(name, list(numbers, String::valueOf));
        }

        Fields withTexts(String name, List<String> texts) {
            return put(name, list(texts, Json::text));
        }

        <T> Fields withObjects(String name, List<T> items, Function<T, Fields> object) {
            return put(name, list(items, item -> object.apply(item).toString()));
        }

        /// The fields of `other` behind these.
        Fields and(Fields other) {
            written.putAll(other.written);
            return this;
        }

        private Fields put(String name, String json) {
            written.put(Json.text(name), json);
            return this;
        }

        @Override
        public String toString() {
            StringBuilder out = new StringBuilder("{");
            written.forEach((name, json) -> out.append(out.length() > 1 ? "," : "")
                    .append(name)
                    .append(':')
                    .append(json));
            return out.append('}').toString();
        }
    }

    private static <T> String list(List<T> items, Function<T, String> json) {
        return "[" + String.join(",", items.stream().map(json).toList()) + "]";
    }

    private static String text(String raw) {
        StringBuilder out = new StringBuilder("\"");
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c >= 0x20 && c < 0x7f) {
                out.append(c);
            } else {
                out.append("\\u%04x".formatted((int) c));
            }
        }
        return out.append('"').toString();
    }
}
