package dev.upcall.proto.vhostuser;

import static dev.upcall.proto.vhostuser.Ring.NO_FD;

import dev.upcall.proto.vhostuser.Action.CloseFd;
import dev.upcall.proto.vhostuser.Action.ForgetStreams;
import dev.upcall.proto.vhostuser.Action.MapMemory;
import dev.upcall.proto.vhostuser.Action.Mapping;
import dev.upcall.proto.vhostuser.Action.MoveRing;
import dev.upcall.proto.vhostuser.Action.Reply;
import dev.upcall.proto.vhostuser.Action.SetCall;
import dev.upcall.proto.vhostuser.Action.SetErr;
import dev.upcall.proto.vhostuser.Action.SetKick;
import dev.upcall.proto.vhostuser.Action.StartRing;
import dev.upcall.proto.vhostuser.Action.StopRing;
import dev.upcall.proto.vhostuser.Backend.Over;
import dev.upcall.proto.vhostuser.Backend.Talking;
import dev.upcall.proto.vhostuser.Message.GetVringBase;
import dev.upcall.proto.vhostuser.Message.OfRing;
import dev.upcall.proto.vhostuser.Message.SetVringAddr;
import dev.upcall.proto.vhostuser.Message.SetVringBase;
import dev.upcall.proto.vhostuser.Message.SetVringCall;
import dev.upcall.proto.vhostuser.Message.SetVringEnable;
import dev.upcall.proto.vhostuser.Message.SetVringErr;
import dev.upcall.proto.vhostuser.Message.SetVringKick;
import dev.upcall.proto.vhostuser.Message.SetVringNum;
import dev.upcall.proto.vhostuser.Ring.Phase;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// What a message or a fact does to a ring. All of a ring's transitions are here; the table stands in the
/// package's story.
final class RingRules {

    private RingRules() {}

    static Backend told(Talking b, OfRing message, List<Integer> fds, List<Action> out) {
        int index = message.ring();
        Ring ring = b.ring(index);
        return switch (message) {
            case SetVringNum _, SetVringBase _
            when ring.phase() == Phase.RUNNING ->
                hangUp(b, "expected " + message + " while the ring stands still, found it running", out);
            case SetVringNum m -> b.with(index, ring.sized(m.entries()));
            case SetVringBase m -> based(b, m, out);
            case SetVringAddr m -> placed(b, m, out);
            case GetVringBase _ -> stopped(b, index, out);
            case SetVringKick m
            when !m.descriptor() ->
                hangUp(b, "expected a kick descriptor for ring " + index + ", found none: rings are not polled", out);
            case SetVringKick _ -> kicked(b, index, fds.getFirst(), out);
            case SetVringCall m -> {
                int fd = m.descriptor() ? fds.getFirst() : NO_FD;
                out.add(new SetCall(index, fd));
                close(ring.call(), out);
                yield b.with(index, ring.calling(fd));
            }
            case SetVringErr m -> {
                int fd = m.descriptor() ? fds.getFirst() : NO_FD;
                out.add(new SetErr(index, fd));
                close(ring.err(), out);
                yield b.with(index, ring.erring(fd));
            }
            case SetVringEnable m -> enabled(b, m, out);
        };
    }

    /// The memory table is replaced as a whole; rings that run go on in the new one.
    static Backend remapped(Talking b, Message.SetMemTable m, List<Integer> fds, List<Action> out) {
        List<Mapping> mappings = new ArrayList<>();
        for (int i = 0; i < fds.size(); i++) {
            mappings.add(new Mapping(m.regions().get(i), fds.get(i)));
        }
        out.add(new MapMemory(mappings));
        fds.forEach(fd -> out.add(new CloseFd(fd)));
        Backend next = b.withMemory(m.regions());
        for (int i = 0; i < Message.RINGS && next instanceof Talking t; i++) {
            next = t.ring(i).phase() == Phase.RUNNING ? moved(t, i, out) : t;
        }
        return next;
    }

    /// The driver stopped the ring as ordered.
    static Backend stopped(Talking b, Event.RingStopped event, List<Action> out) {
        Ring ring = b.ring(event.ring());
        expect(ring, Phase.STOPPING, event);
        Ring still = ring.based(event.next());
        if (ring.baseAsked()) {
            return answered(b.with(event.ring(), still), event.ring(), out);
        }
        // A device that broke stands still as a whole until it is started anew.
        boolean faulty = b.otherThan(event.ring()).phase() == Phase.FAULTY;
        return b.with(event.ring(), still.in(faulty ? Phase.FAULTY : Phase.READY));
    }

    /// The guest broke a rule: nothing of this device runs until the front-end starts its rings anew.
    static Backend broke(Talking b, Event.RingBroke event, List<Action> out) {
        Ring ring = b.ring(event.ring());
        expect(ring, Phase.RUNNING, event);
        int index = event.ring();
        if (ring.err() != NO_FD) {
            out.add(new Action.SignalErr(index));
        }
        out.add(new ForgetStreams());
        Talking next = b.with(index, ring.based(event.next()).in(Phase.FAULTY));
        Ring other = b.otherThan(index);
        if (other.phase() != Phase.RUNNING) {
            return next;
        }
        out.add(new StopRing(1 - index));
        return next.with(1 - index, other.in(Phase.STOPPING));
    }

    static Backend hangUp(Talking b, String reason, List<Action> out) {
        Backend over = end(b, reason, out);
        out.add(new Action.HangUp(reason));
        return over;
    }

    /// Gives back all that is held.
    static Backend end(Talking b, String reason, List<Action> out) {
        for (int i = 0; i < Message.RINGS; i++) {
            if (b.ring(i).phase() == Phase.RUNNING) {
                out.add(new StopRing(i));
            }
        }
        out.add(new ForgetStreams());
        if (!b.memory().isEmpty()) {
            out.add(new Action.UnmapMemory());
        }
        for (int i = 0; i < Message.RINGS; i++) {
            close(b.ring(i).kick(), out);
            close(b.ring(i).call(), out);
            close(b.ring(i).err(), out);
        }
        return new Over(reason);
    }

    /// The same base again means the same guest; anything else is one that has forgotten every stream.
    private static Backend based(Talking b, SetVringBase m, List<Action> out) {
        Ring ring = b.ring(m.ring());
        if (ring.answered().isEmpty() || ring.answered().getAsInt() != m.base()) {
            out.add(new ForgetStreams());
        }
        return b.with(m.ring(), ring.based(m.base()));
    }

    private static Backend placed(Talking b, SetVringAddr m, List<Action> out) {
        Ring ring = b.ring(m.ring());
        Talking next = b.with(m.ring(), ring.at(m));
        return ring.phase() == Phase.RUNNING ? moved(next, m.ring(), out) : next;
    }

    private static Backend kicked(Talking b, int index, int fd, List<Action> out) {
        Ring ring = b.ring(index);
        out.add(new SetKick(index, fd));
        close(ring.kick(), out);
        Ring next = ring.kickedBy(fd);
        return started(b.with(index, next.phase() == Phase.IDLE ? next.in(Phase.READY) : next), index, out);
    }

    private static Backend enabled(Talking b, SetVringEnable m, List<Action> out) {
        Ring ring = b.ring(m.ring());
        Talking next = b.with(m.ring(), ring.enabled(m.enabled()));
        if (m.enabled()) {
            return started(next, m.ring(), out);
        }
        if (ring.phase() != Phase.RUNNING || mayRun(next, m.ring())) {
            return next;
        }
        out.add(new StopRing(m.ring()));
        return next.with(m.ring(), next.ring(m.ring()).in(Phase.STOPPING));
    }

    /// GET_VRING_BASE.
    private static Backend stopped(Talking b, int index, List<Action> out) {
        Ring ring = b.ring(index);
        if (ring.phase() != Phase.RUNNING) {
            return answered(b, index, out);
        }
        out.add(new StopRing(index));
        return b.with(index, ring.in(Phase.STOPPING).asked(true));
    }

    /// The ring stands still: say where, and take its kick away, so that only a new one starts it.
    private static Backend answered(Talking b, int index, List<Action> out) {
        Ring ring = b.ring(index);
        out.add(new Reply(new Answer.RingBase(index, ring.base())));
        close(ring.kick(), out);
        Ring idle = ring.in(Phase.IDLE).asked(false).kickedBy(NO_FD);
        return b.with(index, idle.answered(OptionalInt.of(ring.base())));
    }

    /// Runs the ring if it is allowed to.
    private static Backend started(Talking b, int index, List<Action> out) {
        Ring ring = b.ring(index);
        boolean deviceFaulty = b.otherThan(index).phase() == Phase.FAULTY;
        if (ring.phase() != Phase.READY || !mayRun(b, index) || deviceFaulty) {
            return b;
        }
        Optional<RingParts> parts = parts(b, ring);
        if (parts.isEmpty()) {
            return hangUp(b, nowhere(ring, index), out);
        }
        out.add(new StartRing(index, parts.get(), ring.base()));
        return b.with(index, ring.in(Phase.RUNNING).answered(OptionalInt.empty()));
    }

    private static Backend moved(Talking b, int index, List<Action> out) {
        Ring ring = b.ring(index);
        Optional<RingParts> parts = parts(b, ring);
        if (parts.isEmpty()) {
            return hangUp(b, nowhere(ring, index), out);
        }
        out.add(new MoveRing(index, parts.get()));
        return b;
    }

    /// Without vhost-user's protocol features there is no SET_VRING_ENABLE, and the kick alone starts a
    /// ring.
    private static boolean mayRun(Talking b, int index) {
        return b.ring(index).enabled() || (b.features() & Offer.PROTOCOL_FEATURES) == 0;
    }

    private static Optional<RingParts> parts(Talking b, Ring ring) {
        if (ring.entries() == 0 || ring.addresses().isEmpty()) {
            return Optional.empty();
        }
        SetVringAddr told = ring.addresses().get();
        long descriptors = guestAddress(b, told.descriptors());
        long available = guestAddress(b, told.available());
        long used = guestAddress(b, told.used());
        return descriptors < 0 || available < 0 || used < 0
                ? Optional.empty()
                : Optional.of(new RingParts(ring.entries(), descriptors, available, used));
    }

    /// Where the guest sees what the front-end has at `address`; -1 where it has nothing. Whether the
    /// whole part fits in there is for the ring to check, which knows how long it is.
    private static long guestAddress(Talking b, long address) {
        for (MemoryRegion region : b.memory()) {
            if (region.holdsFrontEnd(address)) {
                return region.guestAddress() + (address - region.frontEndAddress());
            }
        }
        return -1;
    }

    private static String nowhere(Ring ring, int index) {
        return "expected size and addresses of ring " + index + " in mapped memory before it runs, found "
                + (ring.entries() == 0 ? "no size" : ring.entries() + " entries") + " and "
                + ring.addresses().map(SetVringAddr::toString).orElse("no addresses");
    }

    private static void expect(Ring ring, Phase phase, Event event) {
        if (ring.phase() != phase) {
            throw new IllegalStateException(event + " of a ring that is " + ring.phase() + ", not " + phase);
        }
    }

    private static void close(int fd, List<Action> out) {
        if (fd != NO_FD) {
            out.add(new CloseFd(fd));
        }
    }
}
