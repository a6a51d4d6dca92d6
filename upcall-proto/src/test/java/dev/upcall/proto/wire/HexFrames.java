package dev.upcall.proto.wire;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/// Reads the annotated frames of `src/test/resources/frames`: hex, `zeros <n>`, and after `#` what people say of it.
///
/// None of these bytes came out of our own encoder: they were captured, or written from the C structures.
public final class HexFrames {

    /// One captured frame of a guest, and what the capturing program read in it.
    ///
    /// @param fields `size`, `type`, `flags`, `ret`, `word5`
    public record Captured(String label, ByteBuffer frame, Map<String, Integer> fields) {
        @Override
        public String toString() {
            return label;
        }
    }

    private HexFrames() {}

    /// The single frame of a file, all 1024 bytes of it.
    public static byte[] frame(String file) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (String line : lines(file)) {
            String text = line.replaceFirst("#.*", "").strip();
            bytes.writeBytes(text.startsWith("zeros ") ? new byte[Integer.parseInt(text.substring(6))] : hex(text));
        }
        if (bytes.size() != 1024) {
            throw new IllegalStateException(file + " holds " + bytes.size() + " bytes");
        }
        return bytes.toByteArray();
    }

    /// Every frame that was captured from the two kernels.
    public static List<Captured> replies() {
        List<Captured> all = new ArrayList<>();
        for (String file : List.of("replies-6.1.hex", "replies-6.12.hex")) {
            for (String line : lines(file)) {
                String[] halves = line.split("#", 2);
                String[] labelAndHex = halves[0].strip().split(" ", 2);
                Map<String, Integer> fields = new HashMap<>();
                for (String field : halves[1].strip().split(" ", -1)) {
                    String[] pair = field.split("=", 2);
                    fields.put(pair[0], Integer.valueOf(pair[1]));
                }
                ByteBuffer frame = ByteBuffer.wrap(Arrays.copyOf(hex(labelAndHex[1]), 1024));
                all.add(new Captured(labelAndHex[0], frame.asReadOnlyBuffer(), fields));
            }
        }
        return all;
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text.replace(" ", ""));
    }

    private static List<String> lines(String file) {
        try (InputStream in = HexFrames.class.getResourceAsStream("/frames/" + file)) {
            if (in == null) {
                throw new IllegalStateException("no test resource frames/" + file);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
