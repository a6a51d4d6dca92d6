package dev.upcall.proto.extension.liveness;

import dev.upcall.proto.extension.Epoch;

/// What is known of a guest now (§2).
public sealed interface Verdict {

    /// It answers under this epoch. Given again and again.
    record Alive(Epoch epoch) implements Verdict {}

    /// It is gone, once for each life.
    record Lost(Epoch epoch, LossCause cause) implements Verdict {}

    /// Another life answers where the earlier one was last heard of.
    record Restarted(Epoch before, Epoch epoch) implements Verdict {}
}
