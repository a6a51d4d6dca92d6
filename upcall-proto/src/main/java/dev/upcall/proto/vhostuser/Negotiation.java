package dev.upcall.proto.vhostuser;

import dev.upcall.proto.vhostuser.Action.CloseFd;
import dev.upcall.proto.vhostuser.Action.Reply;
import dev.upcall.proto.vhostuser.Backend.Over;
import dev.upcall.proto.vhostuser.Backend.Talking;
import dev.upcall.proto.vhostuser.Event.FrontEndClosed;
import dev.upcall.proto.vhostuser.Event.MessageArrived;
import dev.upcall.proto.vhostuser.Event.NonsenseArrived;
import dev.upcall.proto.vhostuser.Event.OrderFailed;
import dev.upcall.proto.vhostuser.Event.RingBroke;
import dev.upcall.proto.vhostuser.Event.RingStopped;
import dev.upcall.proto.vhostuser.Message.GetConfig;
import dev.upcall.proto.vhostuser.Message.GetFeatures;
import dev.upcall.proto.vhostuser.Message.GetProtocolFeatures;
import dev.upcall.proto.vhostuser.Message.GetQueueNum;
import dev.upcall.proto.vhostuser.Message.OfRing;
import dev.upcall.proto.vhostuser.Message.ResetOwner;
import dev.upcall.proto.vhostuser.Message.SetConfig;
import dev.upcall.proto.vhostuser.Message.SetFeatures;
import dev.upcall.proto.vhostuser.Message.SetMemTable;
import dev.upcall.proto.vhostuser.Message.SetOwner;
import dev.upcall.proto.vhostuser.Message.SetProtocolFeatures;
import dev.upcall.proto.vhostuser.Message.Unknown;
import java.util.ArrayList;
import java.util.List;

/// A back-end's side of vhost-user, as a pure function: back-end × event → back-end and orders. What
/// concerns one ring is decided by [RingRules]. No socket, no mapping, no clock: nothing here waits.
/// Thread-safe.
public final class Negotiation {

    private static final long DONE = 0;
    private static final long REFUSED = 1;

    private final Offer offer;

    public Negotiation(Offer offer) {
        this.offer = offer;
    }

    /// What is true after `event`, and what is to be done about it.
    ///
    /// @param out where the orders are added
    /// @throws IllegalStateException when the driver reports what cannot be: an order before this event
    /// was not carried out, or a ring that does not run is said to have stopped. Nothing a front-end
    /// sends does that
    public Backend step(Backend backend, Event event, List<Action> out) {
        return switch (backend) {
            case Talking b -> talking(b, event, out);
            case Over b -> over(b, event, out);
        };
    }

    private Backend talking(Talking b, Event event, List<Action> out) {
        return switch (event) {
            case MessageArrived e -> heard(b, e, out);
            case NonsenseArrived e -> {
                close(e.fds(), out);
                yield RingRules.hangUp(b, e.reason(), out);
            }
            case RingStopped e -> RingRules.stopped(b, e, out);
            case RingBroke e -> RingRules.broke(b, e, out);
            case OrderFailed e -> RingRules.hangUp(b, e.reason(), out);
            case FrontEndClosed _ -> RingRules.end(b, "", out);
        };
    }

    /// Whatever still comes changes nothing, and its descriptors are closed.
    private static Backend over(Over b, Event event, List<Action> out) {
        switch (event) {
            case MessageArrived e -> close(e.fds(), out);
            case NonsenseArrived e -> close(e.fds(), out);
            case RingStopped _, RingBroke _, OrderFailed _, FrontEndClosed _ -> {}
        }
        return b;
    }

    private Backend heard(Talking b, MessageArrived event, List<Action> out) {
        if (b.isStopping()) {
            throw new IllegalStateException(
                    "expected RingStopped, found " + event.heard().message());
        }
        boolean asked = event.heard().needReply() && !event.heard().message().answersItself();
        List<Action> orders = new ArrayList<>();
        Backend next = obey(b, event, asked && acknowledges(b), orders);
        // The very message that negotiates REPLY_ACK may ask for a reply, and so may the one that ends it all.
        boolean acked = asked && acknowledges(next instanceof Talking t ? t : b);
        boolean refused = next instanceof Over || isRefused(event.heard().message());
        Reply ack = new Reply(new Answer.Value(event.heard().code(), refused ? REFUSED : DONE));
        if (acked && next instanceof Over) {
            out.add(ack);
        }
        out.addAll(orders);
        if (acked && next instanceof Talking) {
            out.add(ack);
        }
        return next;
    }

    private static boolean acknowledges(Talking b) {
        return has(b.protocolFeatures(), Offer.REPLY_ACK);
    }

    private Backend obey(Talking b, MessageArrived event, boolean wantsAck, List<Action> out) {
        int code = event.heard().code();
        return switch (event.heard().message()) {
            case GetFeatures _ -> answered(b, code, offer.features(), out);
            case GetProtocolFeatures _ -> answered(b, code, offer.protocolFeatures(), out);
            case GetQueueNum _ -> answered(b, code, Message.RINGS, out);
            case GetConfig m -> configured(b, m, out);
            case SetFeatures m when has(offer.features(), m.features()) -> b.withFeatures(m.features());
            case SetFeatures m -> unoffered(b, "SET_FEATURES", offer.features(), m.features(), out);
            case SetProtocolFeatures m
            when has(offer.protocolFeatures(), m.features()) -> b.withProtocolFeatures(m.features());
            case SetProtocolFeatures m ->
                unoffered(b, "SET_PROTOCOL_FEATURES", offer.protocolFeatures(), m.features(), out);
            case SetOwner _, ResetOwner _, SetConfig _ -> b;
            case SetMemTable m -> RingRules.remapped(b, m, event.fds(), out);
            case OfRing m -> RingRules.told(b, m, event.fds(), out);
            case Unknown m -> {
                close(event.fds(), out);
                yield wantsAck ? b : RingRules.hangUp(b, unknown(m), out);
            }
        };
    }

    private static String unknown(Unknown m) {
        return "expected a request of the features that were offered, found " + m
                + ": whether its sender waits for an answer cannot be known";
    }

    private static boolean isRefused(Message message) {
        return message instanceof Unknown || message instanceof SetConfig;
    }

    private static Backend answered(Talking b, int code, long value, List<Action> out) {
        out.add(new Reply(new Answer.Value(code, value)));
        return b;
    }

    private Backend configured(Talking b, GetConfig m, List<Action> out) {
        boolean inside = m.offset() >= 0 && m.size() <= Answer.Configuration.SPACE_BYTES - m.offset();
        out.add(new Reply(
                inside
                        ? new Answer.Configuration(m.offset(), m.size(), m.flags(), offer.cid())
                        : new Answer.NoConfiguration()));
        return b;
    }

    private static Backend unoffered(Talking b, String what, long offered, long taken, List<Action> out) {
        return RingRules.hangUp(
                b, "%s: expected a part of the offered 0x%x, found 0x%x".formatted(what, offered, taken), out);
    }

    private static boolean has(long all, long part) {
        return (part & ~all) == 0;
    }

    private static void close(List<Integer> fds, List<Action> out) {
        fds.forEach(fd -> out.add(new CloseFd(fd)));
    }
}
