package dev.upcall.proto.extension.service;

import static dev.upcall.proto.extension.service.SimulatedTime.MS;

import dev.upcall.proto.extension.BootId;
import dev.upcall.proto.extension.Bytes;
import dev.upcall.proto.extension.Decoded;
import dev.upcall.proto.extension.DeviceReference;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.EventAck;
import dev.upcall.proto.extension.EventKind;
import dev.upcall.proto.extension.EventNotify;
import dev.upcall.proto.extension.ExecuteOnce;
import dev.upcall.proto.extension.ExtensionReader;
import dev.upcall.proto.extension.ExtensionWriter;
import dev.upcall.proto.extension.Features;
import dev.upcall.proto.extension.FromGuest;
import dev.upcall.proto.extension.FromHost;
import dev.upcall.proto.extension.Handshake;
import dev.upcall.proto.extension.HandshakeReply;
import dev.upcall.proto.extension.InventoryPage;
import dev.upcall.proto.extension.OnceReply;
import dev.upcall.proto.extension.Refusal;
import dev.upcall.proto.extension.event.EventOrder;
import dev.upcall.proto.extension.event.EventReceiver;
import dev.upcall.proto.extension.event.EventSender;
import dev.upcall.proto.extension.inventory.Inventory;
import dev.upcall.proto.extension.inventory.InventoryWalk;
import dev.upcall.proto.extension.inventory.LostRequest;
import dev.upcall.proto.extension.liveness.Attachment;
import dev.upcall.proto.extension.liveness.BindingOrder;
import dev.upcall.proto.extension.liveness.Checker;
import dev.upcall.proto.extension.liveness.LivenessRules;
import dev.upcall.proto.extension.liveness.Presence;
import dev.upcall.proto.extension.liveness.ProbeOrder;
import dev.upcall.proto.extension.liveness.RemovalPolicy;
import dev.upcall.proto.extension.liveness.Verdict;
import dev.upcall.proto.extension.once.AfterLoss;
import dev.upcall.proto.extension.once.OnceClient;
import dev.upcall.proto.message.PciFunction;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.wire.ExtensionFrame;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A client that is made of the machines and nothing else, and what it says to those who use it.
final class SimulatedClient {

    /// A request that was sent; its outcome is not known yet.
    private record Out(ExecuteOnce once, Request request, BootId boot, long deadline) {}

    static final Epoch EPOCH = new Epoch(0xC1);

    final List<BindingOrder> bindings = new ArrayList<>();
    int answered;
    int replayed;
    int unknown;
    int restarted;
    int read;
    int gaps;
    int lost;
    int resumed;

    private final SimulatedTime time;
    private final SimulatedGuest guest;
    private final Deque<Request> queue = new ArrayDeque<>();
    private final Set<String> delivered = new HashSet<>();
    private OnceClient once = OnceClient.begin(EPOCH);
    private Presence presence = Presence.unmet();
    private Attachment attachment;
    private EventSender sender = EventSender.startingAt(EPOCH, 1);
    private @Nullable EventReceiver receiver;
    private @Nullable Checker checker;
    private HandshakeReply.@Nullable Open opened;
    private @Nullable SimulatedWire wire;
    private @Nullable Out out;
    private boolean asking;
    private long asked;
    private @Nullable InventoryWalk walk;
    private long streamAt;

    SimulatedClient(SimulatedTime time, SimulatedGuest guest) {
        this.time = time;
        this.guest = guest;
        this.attachment = Attachment.begin(time.random.nextBoolean() ? RemovalPolicy.AUTO : RemovalPolicy.MANUAL);
    }

    // ------------------------------------------------------------------ what is wished

    void submit() {
        if (queue.size() >= 8) {
            return; // so that what is left when the faults end is done in time
        }
        PciFunction function = new PciFunction(0, time.random.nextInt(4), 0);
        queue.add(time.random.nextBoolean() ? new Request.AddPci(function) : new Request.DelPci(function));
        dispatch();
    }

    void tellGuest() {
        if (sender.hasRoom()) {
            sender = sender.add(sender.number(EventKind.USER, DeviceReference.NONE, Bytes.utf8("h"), time.now));
            flush();
        }
    }

    void unregisterAll() {
        attachment = attachment.unregisterAll(bindings);
    }

    boolean isQuiet() {
        return queue.isEmpty()
                && out == null
                && presence instanceof Presence.There
                && attachment.binding() instanceof Attachment.Bound
                && sender.kept().isEmpty()
                && receiver != null
                && receiver.last() == guest.lastEvent();
    }

    @Override
    public String toString() {
        return "queue " + queue.size() + ", out " + out + ", " + presence + ", " + attachment + ", kept "
                + sender.kept().size() + ", " + receiver + " of " + guest.lastEvent();
    }

    // ------------------------------------------------------------------ the connection

    void connect() {
        if (wire == null) {
            EventReceiver known = receiver;
            SimulatedWire[] made = new SimulatedWire[1];
            SimulatedWire dialled = guest.connect(frame -> {
                if (wire == made[0]) {
                    received(frame);
                }
            });
            made[0] = dialled;
            wire = dialled;
            time.in(2000 * MS, () -> {
                if (wire == dialled && opened == null) {
                    disconnected(false);
                }
            });
            send(new Handshake.Open(
                    1,
                    1,
                    Features.ALL,
                    EPOCH,
                    Optional.ofNullable(known).map(EventReceiver::sender),
                    100,
                    known == null ? 0 : known.resumeAfter()));
        }
    }

    @Nullable
    SimulatedWire wire() {
        return wire;
    }

    /// The connection is gone, by our own will or not; the guest notices when it does.
    void disconnected(boolean told) {
        SimulatedWire gone = wire;
        if (gone == null) {
            return;
        }
        gone.cut();
        time.in(time.random.nextLong(400 * MS), () -> guest.noticed(gone));
        wire = null;
        checker = null;
        walk = null;
        asking = false;
        sender = sender.closed();
        receiver = receiver == null ? null : receiver.closed();
        if (opened != null && told) {
            List<Verdict> verdicts = new ArrayList<>();
            presence = presence.connectionLost(LivenessRules.DEFAULT.reconnectGrace(), time.now, verdicts);
            judge(verdicts);
        }
        opened = null;
        time.in(time.random.nextLong(100 * MS), this::connect);
    }

    private void received(byte[] frame) {
        if (!(ExtensionReader.fromGuest(ExtensionFrame.readFromGuest(ByteBuffer.wrap(frame), 0))
                instanceof Decoded.Message<FromGuest>(FromGuest message))) {
            throw new AssertionError("not a message");
        }
        Checker watching = checker;
        if (watching != null && !(message instanceof HandshakeReply)) {
            checker = watching.frameHeard(time.now);
        }
        switch (message) {
            case HandshakeReply.Open m -> opened(m);
            case HandshakeReply.Probe m -> probe(c -> c.answered(m, time.now, probed));
            case OnceReply m -> answered(m);
            case InventoryPage m -> paged(m);
            case Refusal m -> refused(m);
            case EventNotify m -> heard(m);
            case EventAck m -> sender = sender.acknowledged(m);
        }
        flush();
        dispatch();
        watchClock();
    }

    private void opened(HandshakeReply.Open reply) {
        EventReceiver known = receiver;
        boolean sameLife = known != null && known.sender().equals(reply.guestEpoch()) && !reply.onceLost();
        opened = reply;
        once = once.opened(reply);
        checker = Checker.begin(Checker.Terms.of(reply, LivenessRules.DEFAULT), time.now);
        if (!sameLife) {
            receiver = EventReceiver.after(reply.guestEpoch(), reply.nextEvent() - 1);
            streamAt = reply.nextEvent() - 1;
        }
        sender = sameLife ? sender.resumed(reply.resumeAfterEvent()) : sender.anew();
        List<Verdict> verdicts = new ArrayList<>();
        presence = presence.alive(reply.guestEpoch(), verdicts);
        judge(verdicts);
        Out pending = out;
        if (pending != null) {
            boolean mayRepeat = once.mayRepeat(pending.once().requestId());
            decided(AfterLoss.decide(mayRepeat, pending.boot(), Optional.of(reply)), pending);
        }
    }

    // ------------------------------------------------------------------ requests

    private void dispatch() {
        Checker watching = checker;
        HandshakeReply.Open agreed = opened;
        if (agreed == null || watching == null || watching.isProbing() || asking || out != null || queue.isEmpty()) {
            return;
        }
        Request request = queue.remove();
        OnceClient.Issued issued = once.issue(request);
        once = issued.next();
        out = new Out(issued.request(), request, agreed.bootId(), time.now + 3000 * MS);
        ask(issued.request());
    }

    private void ask(dev.upcall.proto.extension.ExtensionRequest request) {
        Checker watching = checker;
        checker = watching == null ? null : watching.requestSent();
        asking = true;
        asked++;
        send(request);
        long number = asked;
        SimulatedWire here = wire;
        time.in(
                3000 * MS,
                () -> { // the request's own deadline is the loss detector
                    if (asking && asked == number && here != null && here.equals(wire)) {
                        disconnected(true);
                    }
                });
    }

    private void ended() {
        Checker watching = checker;
        asking = false;
        checker = watching == null ? null : watching.requestEnded(time.now);
    }

    private void answered(OnceReply reply) {
        Out pending = out;
        ended();
        if (pending == null || pending.once().requestId() != reply.requestId()) {
            throw new AssertionError("an answer to nothing: " + reply);
        }
        Integer truth = guest.results.get(reply.requestId());
        if (truth == null || truth != reply.result()) {
            throw new AssertionError("wrong outcome of " + pending + ": " + reply + ", in truth " + truth);
        }
        answered++;
        replayed += reply.replayed() ? 1 : 0;
        settle(pending);
    }

    private void decided(AfterLoss.Decision decision, Out pending) {
        switch (decision) {
            case REPEAT -> ask(once.repeat(pending.once().requestId(), pending.request()));
            case ASK_INVENTORY -> walk(InventoryWalk.begin());
            case GUEST_RESTARTED -> {
                restarted++;
                settle(pending);
            }
            case OUTCOME_UNKNOWN -> {
                unknown++;
                settle(pending);
            }
        }
    }

    private void walk(InventoryWalk next) {
        walk = next;
        ask(next.request());
    }

    private void paged(InventoryPage page) {
        Out pending = out;
        InventoryWalk at = walk;
        ended();
        if (pending == null || at == null) {
            throw new AssertionError("a page for nobody");
        }
        switch (at.take(page)) {
            case InventoryWalk.More step -> walk(step.walk());
            case InventoryWalk.Complete step -> read(pending, step.inventory());
            case InventoryWalk.Unstable _ -> {
                unknown++;
                settle(pending);
            }
            case InventoryWalk.Broken step -> throw new AssertionError(step.why());
        }
    }

    private void read(Out pending, Inventory inventory) {
        switch (LostRequest.read(pending.request(), inventory, EPOCH)) {
            case ASK_AGAIN -> {
                if (time.now >= pending.deadline()) {
                    unknown++;
                    settle(pending);
                } else {
                    SimulatedWire here = wire;
                    asking = true; // nothing else leaves meanwhile
                    time.in(50 * MS, () -> {
                        if (here != null && here.equals(wire)) {
                            walk(InventoryWalk.begin());
                        }
                    });
                }
            }
            case HOLDS, HOLDS_NOT, IN_PART -> {
                if (!Set.copyOf(inventory.pci()).equals(guest.devices)
                        && guest.epoch().equals(inventory.guestEpoch())) {
                    throw new AssertionError("settled while something still changed: " + pending);
                }
                read++;
                settle(pending);
            }
        }
    }

    private void refused(Refusal refusal) {
        Out pending = out;
        HandshakeReply.Open agreed = opened;
        if (agreed == null) {
            disconnected(false);
            return;
        }
        ended();
        if (pending == null) {
            throw new AssertionError("refused " + refusal);
        }
        decided(AfterLoss.repeatRefused(pending.boot(), agreed), pending);
    }

    private void settle(Out pending) {
        once = once.settled(pending.once().requestId());
        out = null;
        walk = null;
    }

    // ------------------------------------------------------------------ events

    private void heard(EventNotify event) {
        EventReceiver listening = receiver;
        if (listening != null) {
            List<EventOrder> orders = new ArrayList<>();
            receiver = listening.receive(event, time.now, orders);
            carryOut(orders);
        }
    }

    /// The listener's view: gap-free or announced, each once, and no user event ever in a gap.
    private void carryOut(List<EventOrder> orders) {
        for (EventOrder order : orders) {
            switch (order) {
                case EventOrder.Deliver o -> {
                    EventNotify e = o.event();
                    if (e.sequence() != streamAt + 1 || !delivered.add(e.epoch() + "/" + e.sequence())) {
                        throw new AssertionError("event " + e.sequence() + " after " + streamAt);
                    }
                    streamAt = e.sequence();
                }
                case EventOrder.Gap o -> {
                    gaps++;
                    if (o.first() != streamAt + 1) {
                        throw new AssertionError("gap from " + o.first() + " after " + streamAt);
                    }
                    for (long s = o.first(); s <= o.last(); s++) {
                        if (guest.kindOf(s).orElse(EventKind.USER) == EventKind.USER) {
                            throw new AssertionError("user event " + s + " was lost");
                        }
                    }
                    streamAt = o.last();
                }
                case EventOrder.SendAck o -> send(o.ack());
                case EventOrder.Discard _ -> {}
            }
        }
    }

    private void flush() {
        List<EventNotify> leaving = new ArrayList<>();
        sender = sender.flush(leaving);
        leaving.forEach(this::send);
    }

    // ------------------------------------------------------------------ liveness and time

    private final List<ProbeOrder> probed = new ArrayList<>();

    private void probe(java.util.function.UnaryOperator<Checker> step) {
        Checker watching = checker;
        if (watching == null) {
            return;
        }
        checker = step.apply(watching);
        List<ProbeOrder> orders = List.copyOf(probed);
        probed.clear();
        for (ProbeOrder order : orders) {
            List<Verdict> verdicts = new ArrayList<>();
            switch (order) {
                case ProbeOrder.SendProbe o -> send(o.probe());
                case ProbeOrder.Alive o -> presence = presence.alive(o.epoch(), verdicts);
                case ProbeOrder.Missed _ -> {}
                case ProbeOrder.Lost _ -> presence = presence.probeLost(verdicts);
                case ProbeOrder.Restarted o -> presence = presence.alive(o.epoch(), verdicts);
            }
            judge(verdicts);
            if (order instanceof ProbeOrder.Lost || order instanceof ProbeOrder.Restarted) {
                disconnected(true);
            }
        }
    }

    private void judge(List<Verdict> verdicts) {
        for (Verdict verdict : verdicts) {
            lost += verdict instanceof Verdict.Lost ? 1 : 0;
            int told = bindings.size();
            attachment = attachment.judged(verdict, bindings);
            resumed += (int) bindings.subList(told, bindings.size()).stream()
                    .filter(b -> b instanceof BindingOrder.Bind bind && bind.cause() == BindingOrder.BindCause.RESUMED)
                    .count();
        }
    }

    private void watchClock() {
        Checker watching = checker;
        EventReceiver listening = receiver;
        long deadline = Math.min(
                watching == null ? Long.MAX_VALUE : watching.nextDeadline(),
                listening == null ? Long.MAX_VALUE : listening.nextDeadline());
        if (deadline != Long.MAX_VALUE && deadline > time.now) {
            time.at(deadline, this::timePassed);
        }
    }

    private void timePassed() {
        boolean idle = !asking;
        EventReceiver listening = receiver;
        if (listening != null && wire != null) {
            List<EventOrder> orders = new ArrayList<>();
            receiver = listening.timePassed(time.now, orders);
            carryOut(orders);
        }
        Checker watching = checker;
        if (watching != null && watching.nextDeadline() <= time.now && (idle || watching.isProbing())) {
            probe(c -> c.timePassed(time.now, probed));
        }
        watchClock();
    }

    private void send(FromHost message) {
        SimulatedWire open = wire;
        if (open != null) {
            open.toGuest(ExtensionWriter.toBytes(message));
        }
    }
}
