package dev.upcall.proto.extension.once;

import dev.upcall.proto.extension.BootId;
import dev.upcall.proto.extension.Feature;
import dev.upcall.proto.extension.HandshakeReply;
import java.util.Optional;

/// What becomes of an EXECUTE_ONCE whose reply was lost, once the client is connected again (§5).
///
/// | the guest that answers now                            | what follows                                       |
/// |-------------------------------------------------------|----------------------------------------------------|
/// | same epoch, and its table kept ever since             | [Decision#REPEAT]: the true outcome                |
/// | another epoch, or `once_lost`; has INVENTORY          | [Decision#ASK_INVENTORY]; never repeated           |
/// | … without INVENTORY, another boot                     | [Decision#GUEST_RESTARTED]; never repeated         |
/// | … without INVENTORY, same boot; or no extended guest  | [Decision#OUTCOME_UNKNOWN]; never repeated         |
public final class AfterLoss {

    public enum Decision {
        /// Send the same id with the same content.
        REPEAT,
        /// Let the inventory decide ([LostRequest]).
        ASK_INVENTORY,
        /// The effect is not known to have survived.
        GUEST_RESTARTED,
        OUTCOME_UNKNOWN
    }

    private AfterLoss() {}

    /// @param mayRepeat the table that was sent the request is the one that is connected
    ///     ([OnceClient#mayRepeat], asked
    ///     after [OnceClient#opened])
    /// @param sentToBoot the boot id of the guest it was sent to
    /// @param now what the new connection's opening said; empty for a stock guest
    public static Decision decide(boolean mayRepeat, BootId sentToBoot, Optional<HandshakeReply.Open> now) {
        if (now.isEmpty()) {
            return Decision.OUTCOME_UNKNOWN;
        }
        HandshakeReply.Open opened = now.get();
        return mayRepeat && opened.features().has(Feature.EXACTLY_ONCE)
                ? Decision.REPEAT
                : withoutTable(sentToBoot, opened);
    }

    /// The guest refused the *repeat* of a request. Nothing is said of its first copy: an outcome that is no
    /// longer kept (−116) is as lost as a table.
    public static Decision repeatRefused(BootId sentToBoot, HandshakeReply.Open now) {
        return withoutTable(sentToBoot, now);
    }

    private static Decision withoutTable(BootId sentToBoot, HandshakeReply.Open opened) {
        if (opened.features().has(Feature.INVENTORY)) {
            return Decision.ASK_INVENTORY;
        }
        return opened.bootId().equals(sentToBoot) ? Decision.OUTCOME_UNKNOWN : Decision.GUEST_RESTARTED;
    }
}
