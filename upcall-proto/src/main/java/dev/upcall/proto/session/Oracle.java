package dev.upcall.proto.session;

import dev.upcall.proto.extension.CpuInventory;
import dev.upcall.proto.extension.DeviceReference;
import dev.upcall.proto.extension.ExtensionReply;
import dev.upcall.proto.extension.Feature;
import dev.upcall.proto.extension.InventoryPage;
import dev.upcall.proto.extension.inventory.Inventory;
import dev.upcall.proto.extension.inventory.InventoryWalk;
import dev.upcall.proto.extension.inventory.LostRequest;
import dev.upcall.proto.extension.liveness.Attachment;
import dev.upcall.proto.extension.once.AfterLoss;
import dev.upcall.proto.guest.CpuModel;
import dev.upcall.proto.guest.CpuPicture;
import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.session.State.Connected;
import dev.upcall.proto.session.extended.Extended;
import dev.upcall.proto.session.extended.ExtensionRules;
import dev.upcall.proto.session.extended.Opened;
import dev.upcall.proto.session.extended.WishAnswer;
import dev.upcall.proto.session.request.Outcome;
import dev.upcall.proto.session.request.Outcome.UnknownCause;
import dev.upcall.proto.session.request.Pending;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// What the guest knows better than the client (§4, §5): takes its inventory, corrects the picture by it, and
/// settles the request whose reply was lost.
///
/// | the lost request, and the guest now                     | what follows                                       |
/// |---------------------------------------------------------|----------------------------------------------------|
/// | EXECUTE_ONCE, the same life, outcome kept               | the same id is repeated                            |
/// | inventory: something still runs                         | asked again until the request's deadline           |
/// | another boot                                            | `GuestRestarted`, with what the inventory shows    |
/// | inventory: as wanted                                    | `Done`; a removal: `Absent`                        |
/// | inventory: as before; plain, the same life              | sent anew: it was never carried out                |
/// | inventory: as before                                    | `NotDone`                                          |
/// | inventory: in part; or none and the same boot           | `Unknown`                                          |
final class Oracle {

    private final SessionRules rules;

    Oracle(SessionRules rules) {
        this.rules = rules;
    }

    /// What becomes of a request whose reply was lost, by who answers now.
    static AfterLoss.Decision decide(Session session, Pending.Sent sent) {
        Opened opened = session.opened();
        Extended extended = session.extended();
        if (opened == null || extended == null) {
            return AfterLoss.Decision.OUTCOME_UNKNOWN;
        }
        boolean kept = sent.onceId() != 0 && !sent.forgotten();
        return kept
                ? AfterLoss.decide(
                        extended.once().mayRepeat(sent.onceId()), sent.to().boot(), Optional.of(opened.agreed()))
                : AfterLoss.repeatRefused(sent.to().boot(), opened.agreed());
    }

    /// Whether the inventory is wanted before anything else is asked.
    static boolean isWanted(Session session, Opened opened) {
        Extended extended = session.extended();
        boolean asked = extended != null && !extended.askers().isEmpty();
        return opened.has(Feature.INVENTORY) && (opened.pictureWanted() || asked);
    }

    /// Begins to read it. Only where the connection is free.
    Session ask(Session session, Connected s, Opened opened, long now, List<Action> out) {
        Extended extended = session.extended();
        int askers = extended == null ? 0 : extended.askers().size();
        Opened busy = opened.with(opened.checker().requestSent());
        return page(session, s, busy, InventoryWalk.begin(), askers, now, out);
    }

    /// A page has come.
    ///
    /// @return the next session; empty when the guest broke the protocol
    Optional<Session> answered(
            Session session, Connected s, Opened opened, ExtensionReply reply, long now, List<Action> out) {
        Opened.Asking asking = opened.asking();
        if (asking == null || !(reply instanceof InventoryPage page)) {
            return Optional.empty();
        }
        return switch (asking.walk().take(page)) {
            case InventoryWalk.More more ->
                Optional.of(page(session, s, opened, more.walk(), asking.askers(), now, out));
            case InventoryWalk.Complete whole
            when whole.inventory().guestEpoch().equals(opened.agreed().guestEpoch()) ->
                Optional.of(complete(session, opened, asking, whole.inventory(), now, out));
            case InventoryWalk.Complete _, InventoryWalk.Broken _ -> Optional.empty();
            case InventoryWalk.Unstable unstable -> {
                Session told = told(
                        over(session, opened, now),
                        asking,
                        new WishAnswer.Denied(WishAnswer.Cause.UNSTABLE, unstable.why()),
                        out);
                Pending head = told.waiting().head();
                yield Optional.of(head == null || !head.isUnsettled() ? told : later(told, head, now));
            }
        };
    }

    private static Session page(
            Session session, Connected s, Opened opened, InventoryWalk walk, int askers, long now, List<Action> out) {
        out.add(new Action.Send(s.connection().epoch(), walk.request()));
        long deadline = now + ExtensionRules.PAGE_WITHIN.toNanos();
        return session.with(opened.asking(new Opened.Asking(walk, deadline, askers)));
    }

    /// The inventory was read, whatever came of it.
    private static Session over(Session session, Opened opened, long now) {
        Pending head = session.waiting().head();
        Opened free = opened.with(opened.checker().requestEnded(now));
        return session.with(free.taken(head == null ? null : head.ticket()));
    }

    private Session complete(
            Session session, Opened opened, Opened.Asking asking, Inventory inventory, long now, List<Action> out) {
        boolean settles = inventory.settles(rules.extensions().client());
        CpuPicture fresh = picture(inventory.cpus(), session.picture());
        CpuPicture believed = settles ? fresh : session.lingering().doubt(fresh, now);
        Session next = over(session, opened, now).pictured(believed, settles);
        Extended extended = next.extended();
        if (extended != null) {
            next = next.with(extended.with(pictured(extended.attachment(), inventory)));
        }
        next = told(next, asking, new WishAnswer.Inventoried(inventory), out);
        Pending head = next.waiting().head();
        Pending.Sent sent = head == null || !head.isUnsettled() ? null : head.sent();
        return head != null && sent != null && decide(next, sent) == AfterLoss.Decision.ASK_INVENTORY
                ? settled(next, opened, head, sent, inventory, now, out)
                : next;
    }

    private Session settled(
            Session session,
            Opened opened,
            Pending head,
            Pending.Sent sent,
            Inventory inventory,
            long now,
            List<Action> out) {
        LostRequest.Reading reading =
                LostRequest.read(head.request(), inventory, rules.extensions().client());
        if (reading == LostRequest.Reading.ASK_AGAIN) {
            return later(session, head, now);
        }
        Session rest = session.with(session.waiting().removeFirst());
        if (!sent.to().boot().equals(opened.agreed().bootId())) {
            out.add(new Action.Complete(head, new Outcome.GuestRestarted(now(reading), restarted(head))));
            return rest;
        }
        return switch (reading) {
            case HOLDS -> {
                boolean removal = isRemoval(head.request());
                out.add(new Action.Complete(head, removal ? new Outcome.Absent() : Outcome.Done.PLAIN));
                Extended extended = rest.extended();
                yield extended == null
                        ? rest
                        : rest.with(extended.with(
                                removal
                                        ? Pulse.unplugged(extended.attachment(), head.request())
                                        : Pulse.plugged(extended.attachment(), head.request())));
            }
            case HOLDS_NOT -> {
                boolean sameLife = sent.to().epoch().equals(inventory.guestEpoch());
                if (sameLife && sent.onceId() == 0) {
                    yield rest.with(rest.waiting().addFirst(head.anew()));
                }
                out.add(new Action.Complete(
                        head,
                        new Outcome.NotDone(
                                "its reply was lost, and the guest's inventory shows nothing of " + head.request())));
                yield rest;
            }
            case IN_PART, ASK_AGAIN -> {
                out.add(new Action.Complete(
                        head,
                        new Outcome.Unknown(
                                UnknownCause.CONNECTION_LOST,
                                "its reply was lost, and the guest's inventory shows only a part of "
                                        + head.request())));
                yield rest;
            }
        };
    }

    static String restarted(Pending head) {
        return "the guest restarted while " + head.request() + " was out; it is never repeated to another life";
    }

    /// Asks again soon; the request's deadline ends it.
    private static Session later(Session session, Pending head, long now) {
        Pending.Again again = head.again();
        long giveUpAt = again == null ? head.sendBy() : again.giveUpAt();
        long next = now + ExtensionRules.ASK_AGAIN_AFTER.toNanos();
        return session.with(session.waiting().removeFirst().addFirst(head.again(Pending.Step.SETTLE, next, giveUpAt)));
    }

    /// Those who asked before the reading began are answered.
    private static Session told(Session session, Opened.Asking asking, WishAnswer answer, List<Action> out) {
        Extended extended = session.extended();
        if (extended == null) {
            return session;
        }
        int askers = Math.min(asking.askers(), extended.askers().size());
        extended.askers().subList(0, askers).forEach(a -> out.add(new Action.AnswerWish(a.ticket(), answer)));
        return session.with(extended.with(
                extended.askers().subList(askers, extended.askers().size())));
    }

    /// What we plugged and the guest still has. What it booted with was never plugged.
    private static Attachment pictured(Attachment attachment, Inventory inventory) {
        Set<DeviceReference> found = attachment.devices().stream()
                .filter(isIn(inventory))
                .collect(Collectors.toCollection(LinkedHashSet::new));
        return attachment.pictured(found);
    }

    private static Predicate<DeviceReference> isIn(Inventory inventory) {
        return device -> switch (device) {
            case DeviceReference.Cpu d -> inventory.cpus().present().contains(d.id());
            case DeviceReference.Mmio d ->
                inventory.mmio().stream().anyMatch(m -> m.window().equals(d.window()));
            case DeviceReference.Pci d -> inventory.pci().contains(d.function());
            case DeviceReference.None _ -> false;
        };
    }

    private CpuPicture picture(CpuInventory cpus, CpuPicture before) {
        if (rules.safety().profile().cpuModel() == CpuModel.COUNT) { // arm64 has no ids: the picture counts
            List<ApicId> numbers = IntStream.range(0, Math.max(1, cpus.online().size()))
                    .mapToObj(ApicId::new)
                    .toList();
            return new CpuPicture(numbers, Set.copyOf(numbers), Set.of(), false, before.possible());
        }
        Set<ApicId> slots = new LinkedHashSet<>(cpus.slots());
        slots.addAll(new TreeSet<>(cpus.present()));
        return new CpuPicture(List.copyOf(slots), cpus.present(), Set.of(), false, before.possible());
    }

    private static Outcome.Now now(LostRequest.Reading reading) {
        return switch (reading) {
            case HOLDS -> Outcome.Now.AS_WANTED;
            case HOLDS_NOT -> Outcome.Now.AS_BEFORE;
            case IN_PART -> Outcome.Now.IN_PART;
            case ASK_AGAIN -> Outcome.Now.NOT_KNOWN;
        };
    }

    private static boolean isRemoval(Request request) {
        return switch (request) {
            case Request.DelCpu _, Request.DelCpuCount _, Request.DelMmio _, Request.DelPci _ -> true;
            case Request.AddCpu _, Request.AddCpuCount _, Request.AddMmio _, Request.AddPci _ -> false;
        };
    }
}
