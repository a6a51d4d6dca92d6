package dev.upcall.stub.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/// The firmware's table of interrupt controllers, ACPI's `APIC`: which APIC ids there are, and which
/// processor uid each belongs to. Disabled entries count: they are the CPUs that may come.
///
/// | offset | size | table                  |   | type 0, 8 bytes       |   | type 9, 16 bytes         |
/// |-------:|-----:|------------------------|---|-----------------------|---|--------------------------|
/// |      0 |    4 | `APIC`                 |   | 0 u8 type 0           |   | 0 u8 type 9              |
/// |      4 |    4 | length of all          |   | 1 u8 length           |   | 1 u8 length              |
/// |     36 |    4 | local APIC address     |   | 2 u8 processor uid    |   | 4 u32 x2APIC id          |
/// |     40 |    4 | flags                  |   | 3 u8 APIC id          |   | 8 u32 flags              |
/// |     44 |    … | entries                |   | 4 u32 flags           |   | 12 u32 processor uid     |
///
/// Immutable. Source: ACPI 6.5, 5.2.12.
final class Madt {

    /// Room for 65,536 CPUs; the kernel's own limit is 8,192.
    static final int BYTES_MAX = 1 << 20;

    /// A kernel without ACPI, or a table that nobody may read: nothing is listed.
    static final Madt NONE = new Madt(Map.of(), Set.of());

    private static final String SIGNATURE = "APIC";
    private static final int LENGTH_OFFSET = 4;
    private static final int ENTRIES_OFFSET = 44;
    private static final int ENTRY_HEADER_BYTES = 2;
    private static final int LOCAL_APIC = 0;
    private static final int LOCAL_APIC_BYTES = 8;
    private static final int X2APIC = 9;
    private static final int X2APIC_BYTES = 16;

    /// What firmware writes into the entry of a CPU that cannot come.
    private static final int BROADCAST_ID = 0xff;

    private final Map<Long, Long> idByUid;
    private final Set<Long> ids;

    private Madt(Map<Long, Long> idByUid, Set<Long> ids) {
        this.idByUid = Map.copyOf(idByUid);
        this.ids = Set.copyOf(ids);
    }

    /// @throws IllegalArgumentException in one sentence: what was expected where, and what was found
    static Madt parse(byte[] bytes) {
        if (bytes.length < ENTRIES_OFFSET
                || !new String(bytes, 0, LENGTH_OFFSET, StandardCharsets.ISO_8859_1).equals(SIGNATURE)) {
            throw new IllegalArgumentException("the table must begin with \"APIC\" and have at least " + ENTRIES_OFFSET
                    + " bytes, found " + bytes.length + " bytes of something else");
        }
        ByteBuffer table = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        long length = Integer.toUnsignedLong(table.getInt(LENGTH_OFFSET));
        if (length < ENTRIES_OFFSET || length > bytes.length) {
            throw new IllegalArgumentException("the table's length must be " + ENTRIES_OFFSET + " to " + bytes.length
                    + ", as many as there are, found " + length);
        }
        Entries entries = new Entries();
        for (int at = ENTRIES_OFFSET; at < length; ) {
            int size = sizeOf(table, at, (int) length);
            switch (Byte.toUnsignedInt(table.get(at))) {
                case LOCAL_APIC -> {
                    require(size >= LOCAL_APIC_BYTES, at, LOCAL_APIC_BYTES, size);
                    int id = Byte.toUnsignedInt(table.get(at + 3));
                    if (id != BROADCAST_ID) {
                        entries.add(Byte.toUnsignedLong(table.get(at + 2)), id);
                    }
                }
                case X2APIC -> {
                    require(size >= X2APIC_BYTES, at, X2APIC_BYTES, size);
                    entries.add(
                            Integer.toUnsignedLong(table.getInt(at + 12)),
                            Integer.toUnsignedLong(table.getInt(at + 4)));
                }
                default -> {} // I/O APICs, overrides, NMI lines: no CPUs
            }
            at += size;
        }
        return entries.toMadt();
    }

    /// The APIC id of a processor uid; empty when it is not listed, or listed with two ids.
    OptionalLong apicId(long uid) {
        Long id = idByUid.get(uid);
        return id == null ? OptionalLong.empty() : OptionalLong.of(id);
    }

    /// A CPU with this id may be there, now or later.
    boolean lists(long apicId) {
        return ids.contains(apicId);
    }

    private static int sizeOf(ByteBuffer table, int at, int end) {
        require(end - at >= ENTRY_HEADER_BYTES, at, ENTRY_HEADER_BYTES, end - at);
        int size = Byte.toUnsignedInt(table.get(at + 1));
        if (size < ENTRY_HEADER_BYTES || size > end - at) {
            throw new IllegalArgumentException("the entry at " + at + " must have " + ENTRY_HEADER_BYTES + " to "
                    + (end - at) + " bytes, found " + size);
        }
        return size;
    }

    private static void require(boolean fits, int at, int wanted, int found) {
        if (!fits) {
            throw new IllegalArgumentException(
                    "the entry at " + at + " must have at least " + wanted + " bytes, found " + found);
        }
    }

    /// What has been read so far.
    private static final class Entries {
        private final Map<Long, Long> idByUid = new LinkedHashMap<>();
        private final Set<Long> ambiguous = new HashSet<>();
        private final Set<Long> ids = new LinkedHashSet<>();

        void add(long uid, long id) {
            ids.add(id);
            Long before = idByUid.putIfAbsent(uid, id);
            if (before != null && before != id) {
                ambiguous.add(uid);
            }
        }

        Madt toMadt() {
            idByUid.keySet().removeAll(ambiguous);
            return new Madt(idByUid, ids);
        }
    }
}
