package dev.upcall.proto.vhostuser;

/// Where the parts of a ring are, in guest addresses.
///
/// @param entries how many there are, a power of two
public record RingParts(int entries, long descriptors, long available, long used) {}
