package dev.upcall.client;

import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.Features;
import dev.upcall.proto.extension.liveness.LivenessRules;
import dev.upcall.proto.extension.liveness.RemovalPolicy;
import dev.upcall.proto.session.extended.ExtensionRules;
import dev.upcall.proto.session.extended.Extensions;
import java.time.Duration;

/// How a client treats an extended guest. Immutable; start from [#DEFAULT].
///
/// @param wanted whether the guest is asked; AUTO falls back silently to a stock guest
/// @param features what the guest may choose from
/// @param liveness how hard to look whether it is alive
/// @param removal what becomes of plugged devices when it is lost, to begin with
public record ExtensionOptions(Extensions wanted, Features features, LivenessRules liveness, RemovalPolicy removal) {

    public static final ExtensionOptions DEFAULT =
            new ExtensionOptions(Extensions.AUTO, Features.ALL, LivenessRules.DEFAULT, RemovalPolicy.AUTO);

    public ExtensionOptions withWanted(Extensions mode) {
        return new ExtensionOptions(mode, features, liveness, removal);
    }

    public ExtensionOptions withFeatures(Features offered) {
        return new ExtensionOptions(wanted, offered, liveness, removal);
    }

    /// Wished time from the end of one probe to the next, 100 ms … 60 s; the guest's answer decides.
    public ExtensionOptions withProbeInterval(Duration interval) {
        return withLiveness(new LivenessRules(
                interval, liveness.replyDeadline(), liveness.missThreshold(), liveness.reconnectGrace()));
    }

    /// So many unanswered probes in a row are LOST, 1 or more.
    public ExtensionOptions withMissThreshold(int misses) {
        return withLiveness(
                new LivenessRules(liveness.interval(), liveness.replyDeadline(), misses, liveness.reconnectGrace()));
    }

    /// A connection lost and back with the same epoch within this time has not happened.
    public ExtensionOptions withReconnectGrace(Duration grace) {
        return withLiveness(
                new LivenessRules(liveness.interval(), liveness.replyDeadline(), liveness.missThreshold(), grace));
    }

    public ExtensionOptions withLiveness(LivenessRules rules) {
        return new ExtensionOptions(wanted, features, rules, removal);
    }

    public ExtensionOptions withRemoval(RemovalPolicy policy) {
        return new ExtensionOptions(wanted, features, liveness, policy);
    }

    ExtensionRules rules(Epoch client) {
        return new ExtensionRules(wanted, client, features, liveness, removal);
    }
}
