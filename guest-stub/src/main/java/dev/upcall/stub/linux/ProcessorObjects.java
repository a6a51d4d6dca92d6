package dev.upcall.stub.linux;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;

/// The processors that firmware declares in AML by `Processor (NAME, uid, …)`, as QEMU 7.2 does:
/// such an object has no `_UID`, so sysfs shows none, and only the bytes of the DSDT and the SSDTs
/// tell.
///
/// ```
/// 5B 83  PkgLength  NameString  u8 ProcID  u32 PblkAddr  u8 PblkLen
/// ```
///
/// AML is not interpreted: that sequence is looked for, and what looks alike in data is kept out by the
/// form of names and lengths. A name that stands for two uids stands for none. The CPU that comes of it
/// is checked against `/proc/cpuinfo` when it is online.
///
/// Immutable. Source: ACPI 6.5, 19.6.108 and 20.2.
final class ProcessorObjects {

    /// A DSDT is a few KiB in a VM, some hundred on real boards.
    static final int TABLE_BYTES_MAX = 4 << 20;

    /// As many SSDTs as real boards have, and some.
    static final int TABLES_MAX = 64;

    private static final Pattern NAME = Pattern.compile("[A-Z_][A-Z0-9_]{3}");
    private static final int EXT_PREFIX = 0x5b;
    private static final int PROCESSOR_OP = 0x83;
    private static final int DUAL_NAME_PREFIX = 0x2e;
    private static final int MULTI_NAME_PREFIX = 0x2f;
    private static final int SEGMENT_BYTES = 4;

    /// u8 ProcID, u32 PblkAddr, u8 PblkLen.
    private static final int FIXED_BYTES = 6;

    /// The only lengths of a register block that there are.
    private static final Set<Integer> BLOCK_LENGTHS = Set.of(0, 6);

    private final Map<String, Integer> uidByName;

    private ProcessorObjects(Map<String, Integer> uidByName) {
        this.uidByName = Map.copyOf(uidByName);
    }

    static ProcessorObjects in(List<byte[]> tables) {
        Map<String, Integer> found = new HashMap<>();
        Set<String> ambiguous = new HashSet<>();
        for (byte[] table : tables) {
            for (int at = 0; at < table.length - 1; at++) {
                if (u8(table, at) == EXT_PREFIX && u8(table, at + 1) == PROCESSOR_OP) {
                    read(table, at + 2, found, ambiguous);
                }
            }
        }
        found.keySet().removeAll(ambiguous);
        return new ProcessorObjects(found);
    }

    /// @param path as in `firmware_node/path`, like `\_SB_.CPUS.C003`
    OptionalLong uid(String path) {
        String name = path.substring(path.lastIndexOf('.') + 1);
        Integer uid = uidByName.get(name);
        return uid == null ? OptionalLong.empty() : OptionalLong.of(uid);
    }

    private static void read(byte[] table, int start, Map<String, Integer> found, Set<String> ambiguous) {
        if (start >= table.length) {
            return;
        }
        int more = u8(table, start) >> 6;
        if (start + more >= table.length) {
            return;
        }
        int end = start + packageLength(table, start, more);
        int name = lastSegment(table, start + 1 + more);
        if (name < 0 || end > table.length || name + SEGMENT_BYTES + FIXED_BYTES > end) {
            return;
        }
        String segment = new String(table, name, SEGMENT_BYTES, StandardCharsets.ISO_8859_1);
        int fixed = name + SEGMENT_BYTES;
        if (!NAME.matcher(segment).matches() || !BLOCK_LENGTHS.contains(u8(table, fixed + FIXED_BYTES - 1))) {
            return;
        }
        Integer before = found.putIfAbsent(segment, u8(table, fixed));
        if (before != null && before != u8(table, fixed)) {
            ambiguous.add(segment);
        }
    }

    /// Six bits in the lead byte, or four and eight more in each of `more` bytes behind it.
    private static int packageLength(byte[] table, int start, int more) {
        if (more == 0) {
            return u8(table, start) & 0x3f;
        }
        int length = u8(table, start) & 0x0f;
        for (int i = 1; i <= more; i++) {
            length |= u8(table, start + i) << (8 * i - 4);
        }
        return length;
    }

    /// Where the last four letters of a name begin, −1 when there is no name.
    private static int lastSegment(byte[] table, int start) {
        int at = start;
        while (at < table.length && (table[at] == '\\' || table[at] == '^')) {
            at++;
        }
        if (at + 1 >= table.length) {
            return -1;
        }
        return switch (u8(table, at)) {
            case DUAL_NAME_PREFIX -> at + 1 + SEGMENT_BYTES;
            case MULTI_NAME_PREFIX -> at + 2 + SEGMENT_BYTES * Math.max(0, u8(table, at + 1) - 1);
            default -> at;
        };
    }

    private static int u8(byte[] table, int at) {
        return Byte.toUnsignedInt(table[at]);
    }
}
