package dev.upcall.stub.agent;

import dev.upcall.proto.extension.Features;
import java.security.SecureRandom;
import java.util.function.LongSupplier;

/// What makes a guest an extended one ("Extended guests"), over whichever kernel its machine is.
///
/// @param product what it says it is, at most 128 bytes
/// @param features what it accepts
/// @param random where epochs and boot ids come from: 64 bits at a time, another value each time
public record Extensions(String product, Features features, LongSupplier random) {

    /// All features, and epochs that nobody can guess.
    public static Extensions of(String product) {
        SecureRandom random = new SecureRandom();
        return new Extensions(product, Features.ALL, random::nextLong);
    }

    public Extensions withFeatures(Features some) {
        return new Extensions(product, some, random);
    }

    public Extensions withRandom(LongSupplier source) {
        return new Extensions(product, features, source);
    }
}
