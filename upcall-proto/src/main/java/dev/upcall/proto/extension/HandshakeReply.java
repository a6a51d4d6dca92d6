package dev.upcall.proto.extension;

import dev.upcall.proto.message.Operation;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Set;

/// The answer to HANDSHAKE (§1, §2).
public sealed interface HandshakeReply extends ExtensionReply {

    int ARCHITECTURE_BYTES_MAX = 16;
    int PRODUCT_BYTES_MAX = 128;

    Epoch guestEpoch();

    @Override
    default ExtensionType type() {
        return ExtensionType.HANDSHAKE;
    }

    @Override
    default int result() {
        return 0;
    }

    /// The guest is an extended one, and this is what was agreed.
    ///
    /// @param version the chosen one
    /// @param features of those offered; a client refuses others
    /// @param guestEpoch the same across connections
    /// @param bootId the kernel's
    /// @param intervalMs accepted probe interval, 100 … 60000 milliseconds
    /// @param nextEvent sequence of the next event sent on this connection, 1 or more
    /// @param resumeAfterEvent last event of this client epoch that the guest has seen, 0 = none
    /// @param onceLost the client epoch was evicted: to the client another guest epoch (§5)
    /// @param architecture at most 16 bytes
    /// @param product at most 128 bytes
    /// @param operations what the guest serves; ones nobody here knows are left out
    record Open(
            int version,
            Features features,
            Epoch guestEpoch,
            BootId bootId,
            int intervalMs,
            long nextEvent,
            long resumeAfterEvent,
            boolean onceLost,
            String architecture,
            String product,
            Set<Operation> operations)
            implements HandshakeReply {

        public Open {
            Bounds.requireAtLeast("version", version, 1);
            Bounds.requireRange("interval_ms", intervalMs, Handshake.INTERVAL_MIN_MS, Handshake.INTERVAL_MAX_MS);
            Bounds.requireAtLeast("next_event", nextEvent, 1);
            Bounds.requireAtLeast("resume_after_event", resumeAfterEvent, 0);
            Bounds.requireSize("architecture", utf8(architecture), ARCHITECTURE_BYTES_MAX);
            Bounds.requireSize("product", utf8(product), PRODUCT_BYTES_MAX);
            operations = Set.copyOf(operations);
            if (operations.contains(Operation.CONNECT)) {
                throw new IllegalArgumentException("operations must not name CONNECT: nobody asks for it");
            }
        }

        /// In the order of their types.
        public Set<Operation> operationsInOrder() {
            return operations.isEmpty() ? Set.of() : EnumSet.copyOf(operations);
        }

        private static int utf8(String text) {
            return text.getBytes(StandardCharsets.UTF_8).length;
        }
    }

    /// The answer to a probe. A wrong mask or sequence is a value: the checker counts it as a miss.
    ///
    /// @param mask [Handshake#MASK] from a guest in its right mind
    /// @param sequence the probe's
    record Probe(int mask, Epoch guestEpoch, long sequence) implements HandshakeReply {}
}
