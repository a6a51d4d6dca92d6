package dev.upcall.stub.syntax;

import dev.upcall.proto.hybrid.Escaped;
import dev.upcall.proto.message.PciFunction;
import java.util.ArrayList;
import java.util.List;

/// PCI functions as people write them: `00:00.0,00:02.0`. Nothing at all is an empty list.
public final class WrittenPci {

    private WrittenPci() {}

    /// @throws IllegalArgumentException in one sentence that quotes what was found
    public static List<PciFunction> parse(String text) {
        List<PciFunction> functions = new ArrayList<>();
        if (text.isEmpty()) {
            return functions;
        }
        for (String item : text.split(",", -1)) {
            functions.add(parseOne(item));
        }
        return functions;
    }

    /// @throws IllegalArgumentException in one sentence that quotes what was found
    public static PciFunction parseOne(String text) {
        try {
            return PciFunction.parse(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(e.getMessage() + ", found \"" + Escaped.text(text) + "\"", e);
        }
    }
}
