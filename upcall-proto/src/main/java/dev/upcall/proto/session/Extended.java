package dev.upcall.proto.session;

import dev.upcall.proto.extension.BootId;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.Feature;
import dev.upcall.proto.extension.liveness.Attachment;
import dev.upcall.proto.extension.liveness.Presence;
import dev.upcall.proto.extension.once.OnceClient;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a session knows of extensions: all of it, in one record, which a session without them does not have.
///
/// @param stock the guest that was asked last is a stock one: a voluntary reconnect does not ask again
/// @param opened the connection, where an extended guest has opened it
/// @param known the life of the guest that was met last
/// @param presence whether it is there
/// @param attachment what is plugged into which life
/// @param once the ids of EXECUTE_ONCE
/// @param events both ends of the event streams
/// @param askers who waits for an inventory, in order
public record Extended(
        boolean stock,
        @Nullable Opened opened,
        @Nullable Life known,
        Presence presence,
        Attachment attachment,
        OnceClient once,
        EventEnds events,
        List<Wish.AskInventory> askers) {

    /// One life of a guest's agent, and the kernel's it lives in.
    public record Life(Epoch epoch, BootId boot) {}

    public Extended {
        askers = List.copyOf(askers);
    }

    static Extended begin(ExtensionRules rules) {
        return new Extended(
                false,
                null,
                null,
                Presence.unmet(),
                Attachment.begin(rules.removal()),
                OnceClient.begin(rules.client()),
                EventEnds.begin(rules.client()),
                List.of());
    }

    /// When something here must be looked at again at the latest.
    long nextDeadline(State state) {
        long next = presence.nextDeadline();
        for (Wish.AskInventory asker : askers) {
            next = Math.min(next, asker.limit());
        }
        if (opened == null) {
            return next;
        }
        if (events.receiver() != null) {
            next = Math.min(next, events.receiver().nextDeadline());
        }
        if (opened.asking() != null) {
            return Math.min(next, opened.asking().deadline());
        }
        return state instanceof State.Connected && opened.has(Feature.LIVENESS)
                ? Math.min(next, opened.checker().nextDeadline())
                : next;
    }

    Extended with(@Nullable Opened next) {
        return new Extended(stock, next, known, presence, attachment, once, events, askers);
    }

    /// The connection is gone: what was agreed on it no longer holds.
    Extended hungUp() {
        return opened == null
                ? this
                : new Extended(stock, null, known, presence, attachment, once, events.closed(), askers);
    }

    Extended metStock() {
        return new Extended(true, null, known, presence, attachment, once, events, askers);
    }

    Extended met(Opened now, Life life) {
        return new Extended(false, now, life, presence, attachment, once, events, askers);
    }

    Extended with(Presence next) {
        return new Extended(stock, opened, known, next, attachment, once, events, askers);
    }

    Extended with(Attachment next) {
        return new Extended(stock, opened, known, presence, next, once, events, askers);
    }

    Extended with(OnceClient next) {
        return new Extended(stock, opened, known, presence, attachment, next, events, askers);
    }

    Extended with(EventEnds next) {
        return new Extended(stock, opened, known, presence, attachment, once, next, askers);
    }

    Extended with(List<Wish.AskInventory> next) {
        return new Extended(stock, opened, known, presence, attachment, once, events, next);
    }
}
