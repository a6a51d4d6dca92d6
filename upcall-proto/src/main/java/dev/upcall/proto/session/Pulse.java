package dev.upcall.proto.session;

import dev.upcall.proto.extension.DeviceReference;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.Feature;
import dev.upcall.proto.extension.liveness.Attachment;
import dev.upcall.proto.extension.liveness.BindingOrder;
import dev.upcall.proto.extension.liveness.Presence;
import dev.upcall.proto.extension.liveness.Verdict;
import dev.upcall.proto.message.Reply;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.session.extended.Extended;
import dev.upcall.proto.session.extended.ExtensionRules;
import dev.upcall.proto.session.extended.News;
import dev.upcall.proto.session.extended.Opened;
import java.util.ArrayList;
import java.util.List;

/// Whether the guest lives, and what is bound to it: what the machines of `extension.liveness` say becomes
/// news and the session's own state (§2). A session without extensions passes through unchanged.
final class Pulse {

    private static final int ENODEV = -19;

    private Pulse() {}

    /// A connection was opened, or a probe answered, under this epoch.
    static Session alive(Session session, Epoch epoch, List<Action> out) {
        Extended extended = session.extended();
        if (extended == null) {
            return session;
        }
        List<Verdict> verdicts = new ArrayList<>(1);
        Presence next = extended.presence().alive(epoch, verdicts);
        boolean known = extended.presence() instanceof Presence.There there
                && there.epoch().equals(epoch);
        return judged(session.with(extended.with(next)), verdicts, !known, out);
    }

    static Session connectionLost(Session session, SessionRules rules, long now, List<Action> out) {
        Extended extended = session.extended();
        if (extended == null) {
            return session;
        }
        List<Verdict> verdicts = new ArrayList<>(1);
        Presence next =
                extended.presence().connectionLost(rules.extensions().liveness().reconnectGrace(), now, verdicts);
        return judged(session.with(extended.with(next).hungUp()), verdicts, true, out);
    }

    static Session probeLost(Session session, List<Action> out) {
        Extended extended = session.extended();
        if (extended == null) {
            return session;
        }
        List<Verdict> verdicts = new ArrayList<>(1);
        Presence next = extended.presence().probeLost(verdicts);
        return judged(session.with(extended.with(next)), verdicts, true, out);
    }

    /// A terminal event has come: new requests are refused, the one that is out may finish.
    static Session leaving(Session session, long now, List<Action> out) {
        Extended extended = session.extended();
        Opened opened = session.opened();
        if (extended == null || opened == null) {
            return session;
        }
        List<Verdict> verdicts = new ArrayList<>(1);
        Presence next = extended.presence().leaving(verdicts);
        return judged(
                session.with(extended.with(next).with(opened.goingAway(now + ExtensionRules.LEFT_WITHIN.toNanos()))),
                verdicts,
                true,
                out);
    }

    static Session timePassed(Session session, Extended extended, long now, List<Action> out) {
        List<Verdict> verdicts = new ArrayList<>(0);
        Presence next = extended.presence().timePassed(now, verdicts);
        return next.equals(extended.presence())
                ? session
                : judged(session.with(extended.with(next)), verdicts, true, out);
    }

    /// What is bound after the guest has answered this request.
    static Attachment after(Attachment attachment, Request request, Reply.Answer answer) {
        boolean gone = answer.succeeded() || answer.result() == ENODEV;
        return switch (request) {
            case Request.AddCpu _, Request.AddMmio _, Request.AddPci _ ->
                answer.succeeded() ? plugged(attachment, request) : attachment;
            case Request.DelCpu _ -> answer.succeeded() ? unplugged(attachment, request) : attachment;
            case Request.DelMmio _, Request.DelPci _ -> gone ? unplugged(attachment, request) : attachment;
            case Request.AddCpuCount _, Request.DelCpuCount _ -> attachment; // numbers, no devices
        };
    }

    /// Whether the request is about a device that was plugged into a lost guest and not unregistered.
    static boolean isLost(Session session, Request request) {
        Extended extended = session.extended();
        if (extended == null || !(extended.attachment().binding() instanceof Attachment.Lost)) {
            return false;
        }
        return devices(request).stream().anyMatch(extended.attachment()::isLost);
    }

    static List<DeviceReference> devices(Request request) {
        return switch (request) {
            case Request.AddCpu r ->
                r.ids().stream().<DeviceReference>map(DeviceReference.Cpu::new).toList();
            case Request.DelCpu r ->
                r.ids().stream().<DeviceReference>map(DeviceReference.Cpu::new).toList();
            case Request.AddMmio r ->
                List.of(new DeviceReference.Mmio(r.device().window()));
            case Request.DelMmio r ->
                List.of(new DeviceReference.Mmio(r.device().window()));
            case Request.AddPci r -> List.of(new DeviceReference.Pci(r.function()));
            case Request.DelPci r -> List.of(new DeviceReference.Pci(r.function()));
            case Request.AddCpuCount _, Request.DelCpuCount _ -> List.of();
        };
    }

    static Attachment plugged(Attachment attachment, Request request) {
        Attachment next = attachment;
        for (DeviceReference device : devices(request)) {
            next = next.plugged(device);
        }
        return next;
    }

    static Attachment unplugged(Attachment attachment, Request request) {
        Attachment next = attachment;
        for (DeviceReference device : devices(request)) {
            next = next.unplugged(device);
        }
        return next;
    }

    /// @param told whether whoever watches hears of the verdicts; an ALIVE that changes nothing is none
    private static Session judged(Session session, List<Verdict> verdicts, boolean told, List<Action> out) {
        Session next = session;
        for (Verdict verdict : verdicts) {
            if (told) {
                out.add(new Action.Tell(new News.Judged(verdict)));
            }
            Extended extended = next.extended();
            if (extended != null) {
                List<BindingOrder> orders = new ArrayList<>(0);
                next = next.with(extended.with(extended.attachment().judged(verdict, orders)));
                next = bound(next, orders, out);
            }
        }
        return next;
    }

    static Session bound(Session session, List<BindingOrder> orders, List<Action> out) {
        Session next = session;
        for (BindingOrder order : orders) {
            if (order instanceof BindingOrder.RenewPicture) {
                Opened opened = next.opened();
                next = opened != null && opened.has(Feature.INVENTORY) ? next.with(opened.wantingPicture()) : next;
            } else {
                out.add(new Action.Tell(new News.Binding(order)));
            }
        }
        return next;
    }
}
