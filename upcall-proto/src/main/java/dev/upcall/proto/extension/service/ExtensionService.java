package dev.upcall.proto.extension.service;

import static dev.upcall.proto.extension.ExtensionErrno.EAGAIN;
import static dev.upcall.proto.extension.ExtensionErrno.EINVAL;
import static dev.upcall.proto.extension.ExtensionErrno.EOPNOTSUPP;
import static dev.upcall.proto.extension.ExtensionErrno.EPERM;
import static dev.upcall.proto.extension.ExtensionErrno.EPROTO;
import static dev.upcall.proto.extension.ExtensionErrno.EPROTONOSUPPORT;

import dev.upcall.proto.extension.Bytes;
import dev.upcall.proto.extension.ClientConnections;
import dev.upcall.proto.extension.Decoded;
import dev.upcall.proto.extension.DeviceReference;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.EventAck;
import dev.upcall.proto.extension.EventKind;
import dev.upcall.proto.extension.EventNotify;
import dev.upcall.proto.extension.ExecuteOnce;
import dev.upcall.proto.extension.ExtensionReader;
import dev.upcall.proto.extension.ExtensionType;
import dev.upcall.proto.extension.Feature;
import dev.upcall.proto.extension.FromGuest;
import dev.upcall.proto.extension.FromHost;
import dev.upcall.proto.extension.Handshake;
import dev.upcall.proto.extension.HandshakeReply;
import dev.upcall.proto.extension.InventoryRequest;
import dev.upcall.proto.extension.Notification;
import dev.upcall.proto.extension.OnceReply;
import dev.upcall.proto.extension.once.OnceTable;
import dev.upcall.proto.message.Reply;
import dev.upcall.proto.wire.ExtensionFrame;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The guest's side of the extensions, over all its connections: facts in, orders out; the table is in the
/// package's documentation. One lives as long as its guest epoch: a guest that restarts makes a new one.
///
/// Times are nanoseconds on the driver's clock, which never goes back. Not thread-safe: confined to the
/// guest's thread.
public final class ExtensionService {

    /// How long a guest that ends waits for its terminal event to be acknowledged (§3).
    public static final Duration LEAVE_WITHIN = Duration.ofMillis(500);

    private static final long NEVER = Long.MAX_VALUE;

    private final GuestIdentity identity;
    private final Map<Long, Link> links = new LinkedHashMap<>();
    private final ClientSlots slots = new ClientSlots();
    private final EventDesk events;
    private final Map<CloseReason, Long> closed = new EnumMap<>(CloseReason.class);
    private long changes;
    private boolean leaving;
    private long leaveBy = NEVER;

    public ExtensionService(GuestIdentity identity) {
        this.identity = identity;
        this.events = new EventDesk(identity.guestEpoch(), slots);
    }

    public GuestIdentity identity() {
        return identity;
    }

    // ------------------------------------------------------------------ connections

    /// A connection has chosen the device manager and got its CONNECT frame.
    public void connected(long connection) {
        links.put(connection, new Link(connection));
        changes++;
    }

    /// The connection is gone. What it asked for runs on.
    public void closed(long connection, long now, List<ServiceOrder> out) {
        if (forget(connection, now, out)) {
            events.tellRoom(now, out);
            leaveIfTold(now, out);
        }
    }

    /// True once HANDSHAKE has succeeded here: frames are reassembled, and read while an operation runs.
    public boolean isOpened(long connection) {
        Link link = links.get(connection);
        return link != null && link.stage == Link.Stage.OPENED;
    }

    /// A plain request has come: on a connection that was not opened it is served like a stock kernel's for
    /// ever. False when it must not be begun: the guest has announced its end.
    public boolean plainRequest(long connection) {
        Link link = links.get(connection);
        if (link != null && link.stage == Link.Stage.FRESH) {
            link.stage = Link.Stage.STOCK;
        }
        heard(link);
        return !leaving;
    }

    // ------------------------------------------------------------------ frames

    /// A frame of the extensions has come whole (`ExtensionFrame#is`).
    public void received(long connection, ExtensionFrame frame, long now, List<ServiceOrder> out) {
        Link link = links.get(connection);
        if (link == null) {
            return; // closed by an earlier order
        }
        switch (link.stage) {
            case FRESH -> inFresh(link, frame, now, out);
            case STOCK -> inStock(link, frame, out);
            case OPENED -> {
                ClientSlot client = link.client;
                if (client != null) {
                    heard(link);
                    inOpened(link, client, frame, now, out);
                }
            }
        }
        leaveIfTold(now, out);
    }

    private void inFresh(Link link, ExtensionFrame frame, long now, List<ServiceOrder> out) {
        if (frame.notification()) {
            close(link, CloseReason.BEFORE_HANDSHAKE, "notification before the handshake: " + frame, now, out);
            return;
        }
        if (!isHandshake(frame)) {
            link.stage = Link.Stage.STOCK;
            out.add(new ServiceOrder.AsStock(link.id));
            return;
        }
        switch (ExtensionReader.fromHost(frame)) {
            case Decoded.Message<FromHost>(Handshake.Open open) -> open(link, open, now, out);
            case Decoded.Faulty<FromHost> f when f.claim() != Decoded.Claim.PROBE -> refuse(link, frame, EINVAL, out);
            case Decoded.Unreadable<FromHost> _ -> refuse(link, frame, EINVAL, out);
            case Decoded.Message<FromHost> _, Decoded.Faulty<FromHost> _, Decoded.UnknownType<FromHost> _ ->
                refuse(link, frame, EPROTO, out);
        }
    }

    /// HANDSHAKE after another request is out of order (§1); everything else is the stock kernel's affair.
    private void inStock(Link link, ExtensionFrame frame, List<ServiceOrder> out) {
        if (isHandshake(frame)) {
            boolean unreadable = ExtensionReader.fromHost(frame) instanceof Decoded.Unreadable<FromHost>;
            refuse(link, frame, unreadable ? EINVAL : EPROTO, out);
        } else {
            out.add(new ServiceOrder.AsStock(link.id));
        }
    }

    private void inOpened(Link link, ClientSlot client, ExtensionFrame frame, long now, List<ServiceOrder> out) {
        switch (ExtensionReader.fromHost(frame)) {
            case Decoded.Unreadable<FromHost> d -> wrong(link, frame, EINVAL, d.why(), now, out);
            case Decoded.UnknownType<FromHost> d -> {
                boolean reserved = ExtensionType.reservedFor(d.msgType()).isPresent();
                wrong(link, frame, reserved ? EOPNOTSUPP : EPERM, d.why(), now, out);
            }
            case Decoded.Faulty<FromHost> d -> faulty(link, client, d, frame, now, out);
            case Decoded.Message<FromHost> d -> message(link, client, d.message(), frame, now, out);
        }
    }

    /// Feature, epoch and state come before content (§6).
    private void faulty(
            Link link,
            ClientSlot client,
            Decoded.Faulty<FromHost> d,
            ExtensionFrame frame,
            long now,
            List<ServiceOrder> out) {
        Optional<Feature> needed = switch (d.type()) {
            case HANDSHAKE -> d.claim() == Decoded.Claim.PROBE ? Optional.of(Feature.LIVENESS) : Optional.empty();
            case EVENT_NOTIFY, EVENT_ACK -> Optional.of(Feature.EVENTS);
            case INVENTORY -> Optional.of(Feature.INVENTORY);
            case EXECUTE_ONCE -> Optional.of(Feature.EXACTLY_ONCE);
        };
        boolean lacks = needed.isPresent() && !link.features.has(needed.get());
        boolean otherEpoch = d.type() == ExtensionType.EXECUTE_ONCE && d.clientEpoch() != client.epoch.value();
        if (lacks && frame.notification()) {
            close(link, CloseReason.NOT_NEGOTIATED, needed.get() + " was not negotiated", now, out);
        } else if (lacks) {
            refuse(link, frame, EOPNOTSUPP, out);
        } else if (otherEpoch || d.claim() == Decoded.Claim.OPEN) {
            refuse(link, frame, EPROTO, out);
        } else {
            wrong(link, frame, EINVAL, d.why(), now, out);
        }
    }

    private void message(
            Link link, ClientSlot client, FromHost message, ExtensionFrame frame, long now, List<ServiceOrder> out) {
        switch (message) {
            case Handshake.Open _ -> refuse(link, frame, EPROTO, out); // a second one
            case Handshake.Probe probe -> {
                if (has(link, Feature.LIVENESS, frame, out)) {
                    send(link, new HandshakeReply.Probe(Handshake.MASK, identity.guestEpoch(), probe.sequence()), out);
                }
            }
            case InventoryRequest request -> {
                if (has(link, Feature.INVENTORY, frame, out)) {
                    out.add(new ServiceOrder.ShowInventory(link.id, request.token()));
                }
            }
            case ExecuteOnce request -> {
                if (has(link, Feature.EXACTLY_ONCE, frame, out)) {
                    executeOnce(link, client, request, frame, out);
                }
            }
            case Notification notification -> notified(link, client, notification, now, out);
        }
    }

    private void executeOnce(
            Link link, ClientSlot client, ExecuteOnce request, ExtensionFrame frame, List<ServiceOrder> out) {
        if (!request.clientEpoch().equals(client.epoch)) {
            refuse(link, frame, EPROTO, out);
            return;
        }
        if (leaving) {
            return; // nothing is begun any more, and the close that follows says so
        }
        switch (client.once.accept(request, link.id)) {
            case OnceTable.Execute v -> {
                client.once = v.next();
                changes++;
                out.add(new ServiceOrder.Execute(
                        client.epoch, request.requestId(), link.id, request.msgType(), request.load()));
            }
            case OnceTable.Wait v -> client.once = v.next();
            case OnceTable.Replay v -> send(link, new OnceReply(request.requestId(), true, v.answer()), out);
            case OnceTable.Refuse v -> refuse(link, frame, v.result(), out);
        }
    }

    private void notified(Link link, ClientSlot client, Notification notification, long now, List<ServiceOrder> out) {
        if (!link.features.has(Feature.EVENTS)) {
            close(link, CloseReason.NOT_NEGOTIATED, Feature.EVENTS + " was not negotiated", now, out);
            return;
        }
        switch (notification) {
            case EventAck ack -> {
                events.acknowledged(client, ack, out);
                events.tellRoom(now, out);
            }
            case EventNotify event -> {
                if (event.kind().isOfHost() || event.kind() == EventKind.OTHER) {
                    events.received(client, link.id, event, now, out);
                } else {
                    close(link, CloseReason.UNDECODABLE, event.kind() + " is no event of a host", now, out);
                }
            }
        }
    }

    // ------------------------------------------------------------------ opening

    private void open(Link link, Handshake.Open open, long now, List<ServiceOrder> out) {
        int type = ExtensionType.HANDSHAKE.msgType();
        if (!slots.hasRoomFor(open.clientEpoch())) {
            out.add(new ServiceOrder.Refuse(link.id, type, EAGAIN));
            close(link, CloseReason.EPOCHS_IN_USE, "all client epochs have an open connection", now, out);
            return;
        }
        if (open.versionMin() > Handshake.VERSION || open.versionMax() < Handshake.VERSION) {
            out.add(new ServiceOrder.Refuse(link.id, type, EPROTONOSUPPORT));
            String why = "versions " + open.versionMin() + " to " + open.versionMax() + " offered, " + Handshake.VERSION
                    + " spoken";
            close(link, CloseReason.NO_COMMON_VERSION, why, now, out);
            return;
        }
        boolean knowsUs =
                open.knownGuestEpoch().filter(identity.guestEpoch()::equals).isPresent();
        ClientSlot client = slots.open(open.clientEpoch(), knowsUs);
        client.open++;
        client.awayTooLong = false;
        link.client = client;
        link.stage = Link.Stage.OPENED;
        link.features = open.features().and(identity.features());
        link.toldOnceLost = client.onceLost;
        changes++;
        boolean withEvents = link.features.has(Feature.EVENTS);
        long nextEvent = withEvents ? events.opened(client, link.id, knowsUs, open.resumeAfterEvent()) : events.next();
        send(link, opened(link, client, open, nextEvent), out);
        if (withEvents) {
            events.resume(client, out);
        }
        events.tellRoom(now, out);
    }

    private HandshakeReply.Open opened(Link link, ClientSlot client, Handshake.Open open, long nextEvent) {
        int wished = open.intervalMs() == 0 ? Handshake.INTERVAL_DEFAULT_MS : open.intervalMs();
        return new HandshakeReply.Open(
                Handshake.VERSION,
                link.features,
                identity.guestEpoch(),
                identity.bootId(),
                Math.clamp(wished, Handshake.INTERVAL_MIN_MS, Handshake.INTERVAL_MAX_MS),
                nextEvent,
                client.receiver.resumeAfter(),
                client.onceLost,
                identity.architecture(),
                identity.product(),
                identity.operations());
    }

    /// Whatever a client says after its opening proves that it has read the reply.
    private static void heard(@Nullable Link link) {
        if (link != null && link.toldOnceLost && link.client != null) {
            link.toldOnceLost = false;
            link.client.onceLost = false;
        }
    }

    // ------------------------------------------------------------------ what the guest tells

    /// An execution has ended; its answer is the operation's own (§5). What another service began is nobody's.
    public void executed(Epoch client, long requestId, Reply.Answer answer, List<ServiceOrder> out) {
        ClientSlot slot = slots.find(client);
        changes++;
        if (slot != null) {
            OnceTable.Finished finished = slot.once.finished(requestId, answer);
            slot.once = finished.next();
            finished.waiting().stream()
                    .filter(waiter -> isOpened(waiter.connection()))
                    .forEach(waiter -> out.add(new ServiceOrder.Send(
                            waiter.connection(), new OnceReply(requestId, waiter.repeated(), answer))));
        }
    }

    /// Something happened in the guest; a kernel event never waits for room.
    ///
    /// @param timeNanos on the guest's monotonic clock
    public void raise(EventKind kind, DeviceReference device, Bytes detail, long timeNanos, List<ServiceOrder> out) {
        events.raise(kind, device, detail, timeNanos, out);
    }

    /// An application's event. False when there is no room for it: nothing was sent, and `RoomForUser` says
    /// when to offer it again; never, where the guest has announced its end.
    public boolean offerUser(DeviceReference device, Bytes detail, long timeNanos, long now, List<ServiceOrder> out) {
        return !leaving && events.offerUser(device, detail, timeNanos, now, out);
    }

    /// The guest has stopped accepting work and says why. All connections are closed once the event is
    /// acknowledged, or after [#LEAVE_WITHIN].
    public void leave(EventKind kind, long timeNanos, long now, List<ServiceOrder> out) {
        if (!kind.isTerminal()) {
            throw new IllegalArgumentException("only a terminal event says that the guest leaves: " + kind);
        }
        if (!leaving) {
            leaving = true;
            leaveBy = now + LEAVE_WITHIN.toNanos();
            events.raise(kind, DeviceReference.NONE, Bytes.EMPTY, timeNanos, out);
            leaveIfTold(now, out);
        }
    }

    public void timePassed(long now, List<ServiceOrder> out) {
        events.timePassed(now, out);
        events.tellRoom(now, out);
        leaveIfTold(now, out);
    }

    /// When [#timePassed] must be called at the latest; `Long.MAX_VALUE` for never.
    public long nextDeadline() {
        return Math.min(events.nextDeadline(), leaveBy);
    }

    // ------------------------------------------------------------------ for the inventory and the meters

    /// Connections by client epoch, those without a HANDSHAKE first.
    public List<ClientConnections> connections() {
        int plain = (int) links.values().stream()
                .filter(link -> link.stage != Link.Stage.OPENED)
                .count();
        List<ClientConnections> all = new ArrayList<>();
        if (plain > 0) {
            all.add(new ClientConnections(Optional.empty(), plain));
        }
        slots.all().stream()
                .filter(slot -> slot.open > 0)
                .sorted(Comparator.comparing(slot -> slot.epoch.value(), Long::compareUnsigned))
                .forEach(slot -> all.add(new ClientConnections(Optional.of(slot.epoch), slot.open)));
        return all;
    }

    /// EXECUTE_ONCE requests begun and not finished.
    public int running() {
        return slots.all().stream().mapToInt(slot -> slot.once.running()).sum();
    }

    /// Grows with every change of [#connections] and [#running]: a part of the inventory's generation.
    public long changes() {
        return changes;
    }

    /// How many connections were closed for this reason.
    public long closed(CloseReason reason) {
        return closed.getOrDefault(reason, 0L);
    }

    /// The epochs remembered, least recently used first.
    public List<ClientState> clients() {
        return slots.all().stream().map(ClientState::of).toList();
    }

    /// Events that clients have acknowledged.
    public long acknowledgedEvents() {
        return events.acknowledged();
    }

    /// Events of hosts that came twice.
    public long duplicateEvents() {
        return events.duplicates();
    }

    /// Events and acknowledgements of an epoch that is not the connection's.
    public long foreignEvents() {
        return events.foreign();
    }

    // ------------------------------------------------------------------ how a connection ends

    private void leaveIfTold(long now, List<ServiceOrder> out) {
        if (leaving && (now >= leaveBy || events.allAcknowledged())) {
            leaveBy = NEVER;
            for (Link link : List.copyOf(links.values())) {
                close(link, CloseReason.LEFT, "the guest ends", now, out);
            }
        }
    }

    /// A request is refused and the connection stays; a notification ends it (§6).
    private void wrong(Link link, ExtensionFrame frame, int result, String why, long now, List<ServiceOrder> out) {
        if (frame.notification()) {
            close(link, CloseReason.UNDECODABLE, why, now, out);
        } else {
            refuse(link, frame, result, out);
        }
    }

    private void close(Link link, CloseReason reason, String why, long now, List<ServiceOrder> out) {
        closed.merge(reason, 1L, Long::sum);
        out.add(new ServiceOrder.Close(link.id, reason, why));
        forget(link.id, now, out);
        events.tellRoom(now, out);
    }

    private boolean forget(long connection, long now, List<ServiceOrder> out) {
        Link link = links.remove(connection);
        if (link == null) {
            return false;
        }
        changes++;
        ClientSlot client = link.client;
        if (client != null) {
            slots.used(client);
            client.once = client.once.closed(connection);
            client.open--;
            client.absentSince = now;
            if (client.eventConnection == connection) {
                events.closed(client);
                goOnElsewhere(client, out);
            }
        }
        return true;
    }

    /// A late opening, on a connection given up, took the events from the one in use: they go back.
    private void goOnElsewhere(ClientSlot client, List<ServiceOrder> out) {
        links.values().stream()
                .filter(link -> client.equals(link.client) && link.features.has(Feature.EVENTS))
                .reduce((_, newer) -> newer)
                .ifPresent(link -> events.goesOn(client, link.id, out));
    }

    private boolean has(Link link, Feature feature, ExtensionFrame frame, List<ServiceOrder> out) {
        if (!link.features.has(feature)) {
            refuse(link, frame, EOPNOTSUPP, out);
            return false;
        }
        return true;
    }

    private static boolean isHandshake(ExtensionFrame frame) {
        return !frame.notification() && frame.header().msgType() == ExtensionType.HANDSHAKE.msgType();
    }

    private static void refuse(Link link, ExtensionFrame frame, int result, List<ServiceOrder> out) {
        out.add(new ServiceOrder.Refuse(link.id, frame.header().msgType(), result));
    }

    private static void send(Link link, FromGuest message, List<ServiceOrder> out) {
        out.add(new ServiceOrder.Send(link.id, message));
    }
}
