package dev.upcall.proto.session.extended;

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
/// @param spent dials that led to the connection before a voluntary reconnect; 0 when it was a good one
public record Extended(
        boolean stock,
        @Nullable Opened opened,
        @Nullable Life known,
        Presence presence,
        Attachment attachment,
        OnceClient once,
        EventEnds events,
        List<Wish.AskInventory> askers,
        int spent) {

    /// One life of a guest's agent, and the kernel's it lives in.
    public record Life(Epoch epoch, BootId boot) {}

    public Extended {
        askers = List.copyOf(askers);
    }

    public static Extended begin(ExtensionRules rules) {
        return new Extended(
                false,
                null,
                null,
                Presence.unmet(),
                Attachment.begin(rules.removal()),
                OnceClient.begin(rules.client()),
                EventEnds.begin(rules.client()),
                List.of(),
                0);
    }

    /// The life that has opened this connection.
    public Life lifeOf(Opened now) {
        Life met = known;
        return met != null
                        && met.epoch().equals(now.agreed().guestEpoch())
                        && met.boot().equals(now.agreed().bootId())
                ? met
                : new Life(now.agreed().guestEpoch(), now.agreed().bootId());
    }

    /// When something here must be looked at again at the latest.
    ///
    /// @param idle the session is Connected: probes are counted
    public long nextDeadline(boolean idle) {
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
        if (!idle) {
            return next;
        }
        next = Math.min(next, opened.leaveBy());
        return opened.has(Feature.LIVENESS) ? Math.min(next, opened.checker().nextDeadline()) : next;
    }

    public Extended with(@Nullable Opened next) {
        return new Extended(stock, next, known, presence, attachment, once, events, askers, spent);
    }

    /// The connection is gone: what was agreed on it no longer holds.
    public Extended hungUp() {
        return opened == null
                ? this
                : new Extended(stock, null, known, presence, attachment, once, events.closed(), askers, spent);
    }

    public Extended spending(int dials) {
        return new Extended(stock, opened, known, presence, attachment, once, events, askers, dials);
    }

    public Extended metStock() {
        return new Extended(true, null, known, presence, attachment, once, events, askers, spent);
    }

    public Extended met(Opened now, Life life) {
        return new Extended(false, now, life, presence, attachment, once, events, askers, spent);
    }

    public Extended with(Presence next) {
        return new Extended(stock, opened, known, next, attachment, once, events, askers, spent);
    }

    public Extended with(Attachment next) {
        return with(opened, next);
    }

    /// Both at once: a request changes both, and each copy of this record is the dearest of its step.
    public Extended with(@Nullable Opened now, Attachment next) {
        return new Extended(stock, now, known, presence, next, once, events, askers, spent);
    }

    /// Both at once, for the same reason.
    public Extended with(@Nullable Opened now, OnceClient next) {
        return new Extended(stock, now, known, presence, attachment, next, events, askers, spent);
    }

    public Extended with(OnceClient next) {
        return new Extended(stock, opened, known, presence, attachment, next, events, askers, spent);
    }

    public Extended with(EventEnds next) {
        return new Extended(stock, opened, known, presence, attachment, once, next, askers, spent);
    }

    public Extended with(List<Wish.AskInventory> next) {
        return new Extended(stock, opened, known, presence, attachment, once, events, next, spent);
    }
}
