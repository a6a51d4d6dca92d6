package dev.upcall.proto.message;

/// An x86 CPU's local APIC id, as the protocol can carry it: 8 bits wide, 255 reserved.
///
/// @param value 0 … 254
public record ApicId(int value) implements Comparable<ApicId> {

    /// 255 is the broadcast id; a guest that is asked to add it answers −22 after 2.5 s (`upcall-wire` §4).
    public static final int MAX = 254;

    /// The boot CPU of every captured guest. No guest removes it.
    public static final ApicId BOOT = new ApicId(0);

    public ApicId {
        if (value < 0 || value > MAX) {
            throw new IllegalArgumentException("APIC id must be 0 to " + MAX + " (255 is reserved): " + value);
        }
    }

    @Override
    public int compareTo(ApicId other) {
        return Integer.compare(value, other.value);
    }

    @Override
    public String toString() {
        return Integer.toString(value);
    }
}
