package dev.upcall.stub.service;

import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.ExtensionWriter;
import dev.upcall.proto.guest.CpuPicture;
import dev.upcall.proto.guest.GuestProfile;
import dev.upcall.proto.hybrid.ConnectLine;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.message.RequestWriter;
import dev.upcall.proto.session.Action;
import dev.upcall.proto.session.Event;
import dev.upcall.proto.session.InboundStream;
import dev.upcall.proto.session.Session;
import dev.upcall.proto.session.SessionRules;
import dev.upcall.proto.session.Transitions;
import dev.upcall.proto.session.extended.ExtensionRules;
import dev.upcall.proto.session.extended.Extensions;
import dev.upcall.proto.session.extended.News;
import dev.upcall.proto.session.request.Outcome;
import dev.upcall.proto.session.request.Pending;
import dev.upcall.proto.session.request.SendTerms;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// A client's session with a virtual guest: the real machine, real bytes, the guest's own time.
final class VirtualSession {
    private static final long PATIENCE = Duration.ofSeconds(30).toNanos();

    private final VirtualGuest guest;
    private final long origin;
    private final Transitions transitions;
    private final UnaryOperator<Session> after;
    private final ArrayDeque<Event> inbox = new ArrayDeque<>();
    private Session session = Session.begin(CpuPicture.BOOT_CPU_ONLY);
    private VirtualGuest.@Nullable Peer peer;
    private @Nullable InboundStream inbound;

    /// Frames that the guest has sent, in order, over all connections.
    final List<byte[]> frames = new ArrayList<>();

    final List<News> news = new ArrayList<>();
    int dials;
    private @Nullable Outcome outcome;

    /// @param after what becomes of the session behind each step: a planted bug, or nothing
    VirtualSession(VirtualGuest guest, GuestProfile profile, Extensions wanted, UnaryOperator<Session> after) {
        this.guest = guest;
        this.origin = guest.now();
        this.after = after;
        this.transitions = new Transitions(
                SessionRules.of(profile, true).withExtensions(ExtensionRules.of(wanted, new Epoch(0xC1))));
        handle(new Event.Started());
    }

    Session session() {
        return session;
    }

    /// Asks, and lets time pass until that has ended.
    Outcome ask(Request request) {
        outcome = null;
        handle(new Event.RequestSubmitted(new Pending(request, request, SendTerms.DEFAULT, now() + PATIENCE)));
        long until = now() + PATIENCE;
        while (outcome == null && now() < until) {
            guest.pass(Duration.ofMillis(1));
            hear();
            handle(new Event.TimePassed());
        }
        if (outcome == null) {
            throw new AssertionError(request + " has not ended: " + session.state());
        }
        return outcome;
    }

    private long now() {
        return guest.now() - origin;
    }

    private void handle(Event event) {
        inbox.add(event);
        for (Event next = inbox.poll(); next != null; next = inbox.poll()) {
            List<Action> actions = new ArrayList<>();
            session = after.apply(transitions.step(session, next, now(), actions));
            actions.forEach(this::perform);
            hear();
        }
    }

    private void hear() {
        VirtualGuest.Peer from = peer;
        InboundStream to = inbound;
        if (from == null || to == null) {
            return;
        }
        byte[] bytes = from.takeAll();
        if (bytes.length % RequestBytes.FRAME == 0 && bytes.length > 0) {
            frames.add(bytes);
        }
        to.accept(ByteBuffer.wrap(bytes));
        if (!from.ended.isEmpty()) {
            peer = null;
            to.end(from.ended);
        }
    }

    private void perform(Action action) {
        switch (action) {
            case Action.OpenTransport a -> {
                dials++;
                peer = guest.dialHybrid(ConnectLine.UPCALL_PORT);
                inbound = new InboundStream(a.epoch(), true, inbox::add);
                inbox.add(new Event.TransportOpened(a.epoch()));
            }
            case Action.DropTransport _ -> {
                if (peer != null) {
                    peer.close();
                }
                peer = null;
                inbound = null;
            }
            case Action.SendConnectLine _ -> write(ConnectLine.bytes(ConnectLine.UPCALL_PORT));
            case Action.SendServiceByte _ -> write(new byte[] {0x64});
            case Action.Transmit a -> write(RequestWriter.toBytes(a.request()));
            case Action.TransmitOnce a -> write(ExtensionWriter.toBytes(a.once()));
            case Action.Send a -> write(ExtensionWriter.toBytes(a.message()));
            case Action.Tell a -> news.add(a.news());
            case Action.Complete a -> outcome = a.outcome();
            case Action.CompleteLate _, Action.AnswerWish _ -> {}
        }
    }

    private void write(byte[] bytes) {
        if (peer != null) {
            peer.write(bytes);
        }
    }
}
