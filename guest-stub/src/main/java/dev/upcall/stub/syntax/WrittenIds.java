package dev.upcall.stub.syntax;

import dev.upcall.proto.hybrid.Escaped;
import dev.upcall.proto.message.ApicId;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// CPU ids as people write them: `0`, `0,2`, `0-3`, `0-1,4`. Order is kept: it is the order of the firmware's table.
public final class WrittenIds {

    private static final Pattern ITEM = Pattern.compile("([0-9]{1,3})(?:-([0-9]{1,3}))?");

    private WrittenIds() {}

    /// @throws IllegalArgumentException in one sentence that quotes what was found
    public static List<Integer> parse(String text) {
        List<Integer> ids = new ArrayList<>();
        for (String item : text.split(",", -1)) {
            Matcher m = ITEM.matcher(item);
            if (!m.matches()) {
                throw malformed(text);
            }
            int first = Integer.parseInt(m.group(1));
            int last = m.group(2) == null ? first : Integer.parseInt(m.group(2));
            if (last < first || last > ApicId.MAX) {
                throw malformed(text);
            }
            for (int id = first; id <= last; id++) {
                if (ids.contains(id)) {
                    throw new IllegalArgumentException(
                            "an id may stand only once in a list, found " + id + " twice in \"" + text + "\"");
                }
                ids.add(id);
            }
        }
        return List.copyOf(ids);
    }

    private static IllegalArgumentException malformed(String text) {
        return new IllegalArgumentException("ids are numbers of 0 to " + ApicId.MAX
                + " and ranges with commas between, like 0,2-3, found \"" + Escaped.text(text) + "\"");
    }
}
