package dev.upcall.stub.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;

/// One line of a capture.
///
/// @param direction `H->G`, `G->H`, or nothing for what happened beside the wire
/// @param hex the bytes, trailing zeros trimmed
/// @param length how many they are
/// @param millis how long the guest took, 0 where nobody measured
record CaptureLine(
        String scenario, String label, String direction, String hex, int length, String note, double millis) {

    /// All bytes, the trimmed zeros back in place.
    byte[] bytes() {
        return Arrays.copyOf(HexFormat.of().parseHex(hex), length);
    }

    static List<CaptureLine> of(String resource) {
        try (var in = Objects.requireNonNull(CaptureLine.class.getResourceAsStream(resource), resource)) {
            ObjectMapper json = new ObjectMapper();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(line -> of(json, line))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static CaptureLine of(ObjectMapper json, String line) {
        try {
            JsonNode node = json.readTree(line);
            return new CaptureLine(
                    node.get("scenario").asText(),
                    node.get("label").asText(),
                    node.get("direction").asText(),
                    node.get("hex").asText(),
                    node.get("len").asInt(),
                    node.get("note").asText(),
                    node.path("ms").asDouble());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean fromHost() {
        return direction.equals("H->G");
    }

    boolean fromGuest() {
        return direction.equals("G->H");
    }

    /// What stands before the first dot: it names the part of the scenario, and with it the connection.
    String part() {
        return label.substring(0, Math.max(0, label.indexOf('.')));
    }
}
