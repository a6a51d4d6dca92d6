package dev.upcall.proto.extension;

import java.util.Arrays;
import java.util.stream.Collectors;

/// A set of [Feature]s as it travels. Bits that nobody here knows are carried along and mean nothing.
///
/// @param bits bit n stands for the feature of that bit
public record Features(long bits) {

    public static final Features NONE = new Features(0);

    /// Everything that this version of the protocol describes.
    public static final Features ALL = of(Feature.LIVENESS, Feature.EVENTS, Feature.INVENTORY, Feature.EXACTLY_ONCE);

    public static Features of(Feature... features) {
        long bits = 0;
        for (Feature feature : features) {
            bits |= bit(feature);
        }
        return new Features(bits);
    }

    public boolean has(Feature feature) {
        return (bits & bit(feature)) != 0;
    }

    /// What both sets have.
    public Features and(Features other) {
        return new Features(bits & other.bits);
    }

    public boolean isSubsetOf(Features other) {
        return (bits & ~other.bits) == 0;
    }

    /// The names of the known ones, and what is left as a number.
    @Override
    public String toString() {
        String known = Arrays.stream(Feature.values())
                .filter(this::has)
                .map(Feature::name)
                .collect(Collectors.joining(" "));
        long rest = bits >>> Feature.values().length << Feature.values().length;
        return rest == 0 ? known : (known + " 0x" + Long.toHexString(rest)).strip();
    }

    private static long bit(Feature feature) {
        return 1L << feature.bit();
    }
}
