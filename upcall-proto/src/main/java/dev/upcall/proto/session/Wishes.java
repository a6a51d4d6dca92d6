package dev.upcall.proto.session;

import dev.upcall.proto.extension.Feature;
import dev.upcall.proto.extension.event.EventSender;
import dev.upcall.proto.extension.liveness.Attachment;
import dev.upcall.proto.extension.liveness.BindingOrder;
import dev.upcall.proto.session.extended.EventEnds;
import dev.upcall.proto.session.extended.Extended;
import dev.upcall.proto.session.extended.ExtensionRules;
import dev.upcall.proto.session.extended.Opened;
import dev.upcall.proto.session.extended.Wish;
import dev.upcall.proto.session.extended.WishAnswer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What callers want of an extended guest beside hot-plug requests, and how that ends.
final class Wishes {

    private Wishes() {}

    static Session wished(Session session, Wish wish, List<Action> out) {
        Extended extended = session.extended();
        return switch (wish) {
            case Wish.ChoosePolicy w ->
                extended == null
                        ? session
                        : session.with(extended.with(extended.attachment().under(w.policy())));
            case Wish.Unregister w -> {
                List<BindingOrder> orders = new ArrayList<>(1);
                yield extended == null
                        ? session
                        : unregistered(
                                session, extended, extended.attachment().unregister(w.device(), orders), orders, out);
            }
            case Wish.UnregisterAll _ -> {
                List<BindingOrder> orders = new ArrayList<>();
                yield extended == null
                        ? session
                        : unregistered(session, extended, extended.attachment().unregisterAll(orders), orders, out);
            }
            case Wish.HoldEvents w -> EventFlow.held(session, w.held(), out);
            case Wish.TakeEvents w -> EventFlow.taken(session, w, out);
            case Wish.AskInventory w -> asked(session, extended, w, out);
            case Wish.SendEvent w -> offered(session, extended, w, out);
        };
    }

    /// Nothing more is answered: the session has ended.
    static Session end(Session session, WishAnswer.Cause cause, String why, List<Action> out) {
        Session denied = denyOffers(denyAskers(session, cause, why, out), cause, why, out);
        Extended extended = denied.extended();
        return extended == null ? denied : denied.with(extended.hungUp());
    }

    /// The guest has no such feature: whoever waits for it waits in vain.
    static Session unsupported(Session session, List<Action> out) {
        return end(session, WishAnswer.Cause.UNSUPPORTED, "the guest is a stock one", out);
    }

    static Session denyAskers(Session session, WishAnswer.Cause cause, String why, List<Action> out) {
        Extended extended = session.extended();
        if (extended == null || extended.askers().isEmpty()) {
            return session;
        }
        extended.askers().forEach(asker -> deny(asker, cause, why, out));
        return session.with(extended.with(List.<Wish.AskInventory>of()));
    }

    static Session denyOffers(Session session, WishAnswer.Cause cause, String why, List<Action> out) {
        Extended extended = session.extended();
        if (extended == null || extended.events().offers().isEmpty()) {
            return session;
        }
        EventEnds ends = extended.events();
        ends.offers()
                .forEach(offer -> out.add(new Action.AnswerWish(offer.ticket(), new WishAnswer.Denied(cause, why))));
        return session.with(extended.with(ends.with(ends.sender().anew().closed(), List.of())));
    }

    /// Ends what has waited for its time.
    static Session expire(Session session, long now, List<Action> out) {
        Extended extended = session.extended();
        if (extended == null || extended.askers().stream().noneMatch(asker -> asker.limit() <= now)) {
            return session;
        }
        List<Wish.AskInventory> left = new ArrayList<>();
        int begun = extended.opened() == null || extended.opened().asking() == null
                ? 0
                : extended.opened().asking().askers();
        int expired = 0;
        for (int i = 0; i < extended.askers().size(); i++) {
            Wish.AskInventory asker = extended.askers().get(i);
            if (asker.limit() <= now) {
                expired += i < begun ? 1 : 0;
                deny(asker, WishAnswer.Cause.NOT_CONNECTED, "waited for the inventory until its deadline", out);
            } else {
                left.add(asker);
            }
        }
        Opened opened = extended.opened();
        Opened.Asking asking = opened == null ? null : opened.asking();
        Extended after = extended.with(left);
        return opened == null || asking == null
                ? session.with(after)
                : session.with(after.with(
                        opened.asking(new Opened.Asking(asking.walk(), asking.deadline(), begun - expired))));
    }

    private static Session unregistered(
            Session session, Extended extended, Attachment next, List<BindingOrder> orders, List<Action> out) {
        return Pulse.bound(session.with(extended.with(next)), orders, out);
    }

    private static WishAnswer.@Nullable Denied impossible(
            Session session, @Nullable Extended extended, Feature feature) {
        if (session.state() instanceof State.Closed) {
            return new WishAnswer.Denied(WishAnswer.Cause.CLOSED, "the session is closed");
        }
        if (session.state() instanceof State.GivenUp s) {
            return new WishAnswer.Denied(
                    WishAnswer.Cause.NOT_CONNECTED, s.trouble().toString());
        }
        if (extended == null) {
            return new WishAnswer.Denied(WishAnswer.Cause.UNSUPPORTED, "extensions are off");
        }
        if (extended.stock()) {
            return new WishAnswer.Denied(WishAnswer.Cause.UNSUPPORTED, "the guest is a stock one");
        }
        return extended.opened() != null && !extended.opened().has(feature)
                ? new WishAnswer.Denied(WishAnswer.Cause.UNSUPPORTED, "the guest has not agreed to " + feature)
                : null;
    }

    private static Session asked(
            Session session, @Nullable Extended extended, Wish.AskInventory wish, List<Action> out) {
        WishAnswer.Denied denied = impossible(session, extended, Feature.INVENTORY);
        if (denied == null && extended != null && extended.askers().size() < ExtensionRules.ASKERS_MAX) {
            List<Wish.AskInventory> more = new ArrayList<>(extended.askers());
            more.add(wish);
            return session.with(extended.with(more));
        }
        out.add(new Action.AnswerWish(
                wish.ticket(),
                denied != null
                        ? denied
                        : new WishAnswer.Denied(
                                WishAnswer.Cause.NO_ROOM,
                                ExtensionRules.ASKERS_MAX + " wait for the inventory already")));
        return session;
    }

    private static Session offered(
            Session session, @Nullable Extended extended, Wish.SendEvent wish, List<Action> out) {
        WishAnswer.Denied denied = impossible(session, extended, Feature.EVENTS);
        if (denied == null && extended != null && extended.events().sender().hasRoom()) {
            return EventFlow.offered(session, extended, wish, out);
        }
        out.add(new Action.AnswerWish(
                wish.ticket(),
                denied != null
                        ? denied
                        : new WishAnswer.Denied(
                                WishAnswer.Cause.NO_ROOM,
                                EventSender.KEPT_MAX + " events wait for their acknowledgement already")));
        return session;
    }

    private static void deny(Wish.AskInventory asker, WishAnswer.Cause cause, String why, List<Action> out) {
        out.add(new Action.AnswerWish(asker.ticket(), new WishAnswer.Denied(cause, why)));
    }
}
