package dev.upcall.proto.extension;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import dev.upcall.proto.extension.v1.EventNotify;
import dev.upcall.proto.extension.v1.ExecuteOnce;
import dev.upcall.proto.extension.v1.HandshakeRequest;
import dev.upcall.proto.extension.v1.InventoryRequest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// Field numbers and types of a released message never change: the schema against its record in
/// `schema/upcall.v1.txt`. A new field is added to the record by hand; a line of the record is never edited.
class SchemaTest {

    private static final List<FileDescriptor> FILES = List.of(
            HandshakeRequest.getDescriptor().getFile(),
            EventNotify.getDescriptor().getFile(),
            InventoryRequest.getDescriptor().getFile(),
            ExecuteOnce.getDescriptor().getFile());

    @Test
    void the_schema_is_what_was_recorded() throws IOException {
        assertThat(String.join("\n", current())).isEqualTo(String.join("\n", recorded()));
    }

    @Test
    void every_enum_begins_with_unspecified() {
        assertThat(FILES.stream().flatMap(file -> file.getEnumTypes().stream()))
                .isNotEmpty()
                .allSatisfy(type -> assertThat(type.getValues().getFirst().getName())
                        .endsWith("_UNSPECIFIED")
                        .satisfies(_ -> assertThat(type.getValues().getFirst().getNumber())
                                .isZero()));
    }

    private static List<String> current() {
        List<String> lines = new ArrayList<>();
        for (FileDescriptor file : FILES) {
            file.getMessageTypes().forEach(message -> lines.addAll(fields(message)));
            file.getEnumTypes().forEach(type -> lines.addAll(values(type)));
        }
        return lines.stream().sorted().toList();
    }

    private static List<String> fields(Descriptor message) {
        return message.getFields().stream()
                .map(f -> "%s %d %s%s%s %s"
                        .formatted(
                                message.getFullName(),
                                f.getNumber(),
                                f.isRepeated() ? "repeated " : "",
                                f.isPacked() ? "packed " : "",
                                typeOf(f),
                                f.getName()))
                .toList();
    }

    private static String typeOf(FieldDescriptor field) {
        return switch (field.getType()) {
            case MESSAGE -> field.getMessageType().getFullName();
            case ENUM -> field.getEnumType().getFullName();
            default -> field.getType().name().toLowerCase(java.util.Locale.ROOT);
        };
    }

    private static List<String> values(EnumDescriptor type) {
        return type.getValues().stream()
                .map(v -> type.getFullName() + " = " + v.getNumber() + " " + v.getName())
                .toList();
    }

    private static List<String> recorded() throws IOException {
        try (InputStream in = Objects.requireNonNull(SchemaTest.class.getResourceAsStream("/schema/upcall.v1.txt"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .sorted()
                    .toList();
        }
    }
}
