package dev.upcall.proto.vhostuser;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Every message that went between QEMU 7.2 and another back-end, as recorded.
///
/// @param requests what QEMU sent, in order, each with the answer that the recorded back-end gave to it
record Trace(List<Request> requests) {

    /// @param bytes header and payload
    /// @param fds how many descriptors came along
    /// @param answer header and payload of the recorded answer; empty when there was none
    /// @param note what the recorder read in it
    record Request(String name, ByteBuffer bytes, int fds, ByteBuffer answer, String note) {
        Request {
            bytes = bytes.order(ByteOrder.LITTLE_ENDIAN);
            answer = answer.order(ByteOrder.LITTLE_ENDIAN);
        }

        @Override
        public String toString() {
            return name + " " + note;
        }
    }

    static Trace read(String file) {
        try (InputStream in = Trace.class.getResourceAsStream("/vhost-user/" + file)) {
            if (in == null) {
                throw new IllegalStateException("no test resource vhost-user/" + file);
            }
            List<Request> requests = new ArrayList<>();
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList()) {
                if (line.contains("\"dir\": \"F->B\"")) {
                    requests.add(new Request(
                            field(line, "name"),
                            message(line),
                            Integer.parseInt(field(line, "nfds")),
                            ByteBuffer.allocate(0),
                            field(line, "note")));
                } else if (line.contains("\"dir\": \"B->F\"")) {
                    Request asked = requests.removeLast();
                    requests.add(new Request(asked.name, asked.bytes, asked.fds, message(line), asked.note));
                }
            }
            return new Trace(List.copyOf(requests));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ByteBuffer message(String line) {
        byte[] payload = HexFormat.of().parseHex(field(line, "payload"));
        return ByteBuffer.allocate(12 + payload.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(Integer.parseInt(field(line, "id")))
                .putInt(Integer.decode(field(line, "flags")))
                .putInt(Integer.parseInt(field(line, "size")))
                .put(payload)
                .flip();
    }

    private static String field(String line, String name) {
        Matcher m = Pattern.compile("\"" + name + "\": (?:\"([^\"]*)\"|([^,}\\]]*))")
                .matcher(line);
        if (!m.find()) {
            throw new IllegalStateException("no \"" + name + "\" in " + line);
        }
        return m.group(1) == null ? m.group(2) : m.group(1);
    }
}
