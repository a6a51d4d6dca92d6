package dev.upcall.proto.extension;

import java.util.Optional;

/// HANDSHAKE, host → guest (§1, §2).
public sealed interface Handshake extends ExtensionRequest {

    /// The word the checker writes.
    int ACK = 0x0B69;

    /// The word the prover must answer with.
    int MASK = 0x0A69;

    /// The only version there is.
    int VERSION = 1;

    /// A probe interval of 0 wishes for this, in milliseconds.
    int INTERVAL_DEFAULT_MS = 2000;

    int INTERVAL_MIN_MS = 100;
    int INTERVAL_MAX_MS = 60_000;

    /// 1 in OPEN, then rising per connection.
    long sequence();

    @Override
    default ExtensionType type() {
        return ExtensionType.HANDSHAKE;
    }

    /// The first message of a connection.
    ///
    /// @param versionMin 1 or more
    /// @param versionMax `versionMin` or more
    /// @param clientEpoch one per client object
    /// @param knownGuestEpoch the guest epoch of the last opening
    /// @param intervalMs wished probe interval in milliseconds, 0 = 2000
    /// @param resumeAfterEvent last event sequence seen of that guest epoch, 0 = none
    record Open(
            int versionMin,
            int versionMax,
            Features features,
            Epoch clientEpoch,
            Optional<Epoch> knownGuestEpoch,
            int intervalMs,
            long resumeAfterEvent)
            implements Handshake {

        public Open {
            Bounds.requireAtLeast("version_min", versionMin, 1);
            Bounds.requireAtLeast("version_max", versionMax, versionMin);
            Bounds.requireAtLeast("interval_ms", intervalMs, 0);
            Bounds.requireAtLeast("resume_after_event", resumeAfterEvent, 0);
        }

        /// Of a client that has met no guest yet.
        public static Open first(Features features, Epoch clientEpoch) {
            return new Open(VERSION, VERSION, features, clientEpoch, Optional.empty(), 0, 0);
        }

        @Override
        public long sequence() {
            return 1;
        }
    }

    /// Are you there?
    ///
    /// @param sequence 2 or more: the OPEN was 1
    record Probe(long sequence) implements Handshake {
        public Probe {
            Bounds.requireAtLeast("sequence", sequence, 2);
        }
    }
}
