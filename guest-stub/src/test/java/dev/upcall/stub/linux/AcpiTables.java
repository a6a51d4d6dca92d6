package dev.upcall.stub.linux;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Objects;

/// ACPI tables, seen in a guest or made by hand from the specification's layouts.
final class AcpiTables {

    private AcpiTables() {}

    /// A dump in the test resources: `offset: bytes` a line, `#` begins a comment.
    static byte[] dump(String name) {
        try (InputStream in = Objects.requireNonNull(
                AcpiTables.class.getResourceAsStream("/acpi/" + name), () -> name + " is missing")) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            new String(in.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.substring(line.indexOf(':') + 1).replace(" ", ""))
                    .forEach(hex -> bytes.writeBytes(HexFormat.of().parseHex(hex)));
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Entries behind a header whose length is right.
    static byte[] madt(byte[]... entries) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes("APIC".getBytes(StandardCharsets.US_ASCII));
        all.writeBytes(new byte[40]);
        for (byte[] entry : entries) {
            all.writeBytes(entry);
        }
        byte[] table = all.toByteArray();
        ByteBuffer.wrap(table).order(ByteOrder.LITTLE_ENDIAN).putInt(4, table.length);
        return table;
    }

    static byte[] localApic(int uid, int apicId) {
        return new byte[] {0, 8, (byte) uid, (byte) apicId, 0, 0, 0, 0};
    }

    static byte[] x2Apic(int uid, int apicId) {
        return ByteBuffer.allocate(16)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) 9)
                .put((byte) 16)
                .putInt(4, apicId)
                .putInt(12, uid)
                .array();
    }

    /// `Processor (NAME, uid, 0, 0) {}`
    static byte[] processor(String name, int uid) {
        return ByteBuffer.allocate(13)
                .put((byte) 0x5b)
                .put((byte) 0x83)
                .put((byte) 11)
                .put(name.getBytes(StandardCharsets.US_ASCII))
                .put((byte) uid)
                .array();
    }
}
