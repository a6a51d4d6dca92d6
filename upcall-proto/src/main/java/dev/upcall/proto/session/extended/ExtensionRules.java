package dev.upcall.proto.session.extended;

import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.Features;
import dev.upcall.proto.extension.liveness.LivenessRules;
import dev.upcall.proto.extension.liveness.RemovalPolicy;
import java.time.Duration;

/// How a session treats an extended guest.
///
/// @param wanted whether the guest is asked
/// @param client this client object's epoch, the same for all its connections
/// @param offered what the guest may choose from
/// @param liveness how hard to look whether it is alive
/// @param removal the policy to begin with
public record ExtensionRules(
        Extensions wanted, Epoch client, Features offered, LivenessRules liveness, RemovalPolicy removal) {

    /// How long one page of an inventory may take. A guest answers it while an operation runs.
    public static final Duration PAGE_WITHIN = Duration.ofSeconds(5);

    /// An inventory that does not settle a lost request yet is taken again after this.
    public static final Duration ASK_AGAIN_AFTER = Duration.ofMillis(100);

    /// A guest that has said that it ends waits 500 ms for the acknowledgement and closes (§3). One that has
    /// not closed so long after is given up, so that its successor can be met.
    public static final Duration LEFT_WITHIN = Duration.ofSeconds(5);

    /// So many may wait for an inventory at once; one walk answers them all.
    public static final int ASKERS_MAX = 256;

    /// Nobody is asked.
    public static final ExtensionRules OFF =
            new ExtensionRules(Extensions.OFF, new Epoch(1), Features.NONE, LivenessRules.DEFAULT, RemovalPolicy.AUTO);

    /// Everything there is, with default times.
    public static ExtensionRules of(Extensions wanted, Epoch client) {
        return new ExtensionRules(wanted, client, Features.ALL, LivenessRules.DEFAULT, RemovalPolicy.AUTO);
    }

    public ExtensionRules withLiveness(LivenessRules rules) {
        return new ExtensionRules(wanted, client, offered, rules, removal);
    }

    public ExtensionRules withRemoval(RemovalPolicy policy) {
        return new ExtensionRules(wanted, client, offered, liveness, policy);
    }

    public ExtensionRules withOffered(Features features) {
        return new ExtensionRules(wanted, client, features, liveness, removal);
    }
}
