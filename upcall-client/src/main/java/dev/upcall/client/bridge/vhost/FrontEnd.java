package dev.upcall.client.bridge.vhost;

import dev.upcall.client.posix.Epoll;
import dev.upcall.client.posix.EventFd;
import dev.upcall.client.posix.Fd;
import dev.upcall.client.posix.FdSocket;
import dev.upcall.client.posix.Mapping;
import dev.upcall.client.posix.PosixException;
import dev.upcall.proto.vhostuser.Action;
import dev.upcall.proto.vhostuser.Backend;
import dev.upcall.proto.vhostuser.Decoded;
import dev.upcall.proto.vhostuser.Event;
import dev.upcall.proto.vhostuser.Message;
import dev.upcall.proto.vhostuser.MessageAssembler;
import dev.upcall.proto.vhostuser.Negotiation;
import dev.upcall.proto.vhostuser.RingParts;
import dev.upcall.proto.virtqueue.GuestMemory;
import dev.upcall.proto.virtqueue.RingPlace;
import dev.upcall.proto.vsock.VsockDevice;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One front-end's connection, from its first message to its end: steps [Negotiation] and carries its
/// orders out. Confined to the device's thread.
final class FrontEnd implements Readiness.Owner {
    private static final Logger LOG = LoggerFactory.getLogger(FrontEnd.class);

    /// Of one turn: a front-end that floods us keeps its own guest waiting for long enough.
    private static final int MESSAGES_MAX = 64;

    private static final int RINGS = Message.RINGS;

    private final FdSocket socket;
    private final Negotiation negotiation;
    private final Readiness readiness;
    private final VsockDevice device;
    private final long key;
    private final MessageAssembler assembler = new MessageAssembler();
    private final List<Fd> arriving = new ArrayList<>();
    private final Map<Integer, Fd> held = new HashMap<>();
    private final Map<Fd, Long> kicks = new HashMap<>();
    private final @Nullable EventFd[] calls = new EventFd[RINGS];
    private final @Nullable EventFd[] errs = new EventFd[RINGS];
    private final boolean[] running = new boolean[RINGS];
    private final List<Mapping> mappings = new ArrayList<>();
    private GuestMemory memory = new GuestMemory(List.of());
    private Backend backend = Backend.begin();
    private boolean readable = true;
    private String reason = "";

    FrontEnd(FdSocket socket, Negotiation negotiation, Readiness readiness, VsockDevice device) throws PosixException {
        this.socket = socket;
        this.negotiation = negotiation;
        this.readiness = readiness;
        this.device = device;
        this.key = readiness.watch(socket.fd(), Epoll.IN | Epoll.RDHUP, this);
    }

    @Override
    public void ready(int events) {
        readable = true;
    }

    /// Messages may be there.
    boolean hasWork() {
        return readable;
    }

    boolean isOver() {
        return backend instanceof Backend.Over;
    }

    /// Why it was sent away; empty when it went by itself.
    String reason() {
        return reason;
    }

    // ------------------------------------------------------------------------------------------ facts

    void work() {
        for (int i = 0; i < MESSAGES_MAX && readable && !isOver(); i++) {
            receive();
        }
    }

    void broke(int ring) {
        running[ring] = false;
        happened(new Event.RingBroke(ring, device.stop(ring)));
    }

    void failed(String what) {
        happened(new Event.OrderFailed(what));
    }

    void interrupt(int ring) {
        if (!signal(calls[ring])) {
            calls[ring] = null;
        }
    }

    /// The connection's end, by whomever.
    void close() {
        if (!isOver()) {
            happened(new Event.FrontEndClosed());
        }
        arriving.forEach(Fd::close);
        arriving.clear();
        if (socket.fd().isOpen()) {
            try {
                readiness.forget(key, socket.fd());
            } catch (PosixException e) {
                LOG.warn("event=epoll_failed reason=\"{}\"", e.toString());
            }
            socket.close();
        }
    }

    private void receive() {
        ByteBuffer bytes = ByteBuffer.allocate(assembler.bytesWanted());
        int before = arriving.size();
        int count;
        try {
            count = socket.receive(bytes, arriving);
        } catch (PosixException e) {
            if (e.errno().meansLost()) {
                happened(new Event.FrontEndClosed());
            } else {
                happened(new Event.NonsenseArrived(e.toString(), hold()));
            }
            return;
        }
        if (count < 0) {
            happened(new Event.FrontEndClosed());
        } else if (count == 0) {
            readable = false;
        } else {
            assembler.accept(bytes.flip(), arriving.size() - before).ifPresent(decoded -> {
                switch (decoded) {
                    case Decoded.Understood m -> happened(new Event.MessageArrived(m, hold()));
                    case Decoded.Malformed m -> happened(new Event.NonsenseArrived(m.reason(), hold()));
                }
            });
        }
    }

    private List<Integer> hold() {
        List<Integer> numbers = new ArrayList<>();
        for (Fd fd : arriving) {
            held.put(fd.number(), fd);
            numbers.add(fd.number());
        }
        arriving.clear();
        return numbers;
    }

    // ------------------------------------------------------------------------------------------ orders

    private void happened(Event event) {
        List<Action> orders = new ArrayList<>();
        backend = negotiation.step(backend, event, orders);
        List<Event> next = new ArrayList<>();
        String failure = null;
        for (Action order : orders) {
            if (failure != null && !(order instanceof Action.CloseFd)) {
                continue;
            }
            try {
                carryOut(order, next);
            } catch (PosixException | IllegalArgumentException | ArithmeticException e) {
                failure = order.getClass().getSimpleName() + " failed: " + e.getMessage();
            }
        }
        if (failure != null) {
            next.add(new Event.OrderFailed(failure));
        }
        next.forEach(this::happened);
    }

    private void carryOut(Action order, List<Event> next) throws PosixException {
        switch (order) {
            case Action.Reply o -> socket.send(o.answer().encode(), List.of());
            case Action.MapMemory o -> map(o.mappings());
            case Action.UnmapMemory _ -> unmap();
            case Action.SetKick o -> kicks.put(fd(o.fd()), readiness.watch(fd(o.fd()), Epoll.IN, _ -> {}));
            case Action.SetCall o -> calls[o.ring()] = o.fd() == Action.NO_FD ? null : EventFd.owning(fd(o.fd()));
            case Action.SetErr o -> errs[o.ring()] = o.fd() == Action.NO_FD ? null : EventFd.owning(fd(o.fd()));
            case Action.StartRing o -> {
                device.start(o.ring(), memory, place(o.parts()), o.base());
                running[o.ring()] = true;
            }
            case Action.MoveRing o -> device.move(o.ring(), memory, place(o.parts()));
            case Action.StopRing o -> {
                next.add(new Event.RingStopped(o.ring(), running[o.ring()] ? device.stop(o.ring()) : 0));
                running[o.ring()] = false;
            }
            case Action.SignalErr o -> signal(errs[o.ring()]);
            case Action.ForgetStreams _ -> device.streams().forgetStreams();
            case Action.CloseFd o -> closeFd(o.fd());
            case Action.HangUp o -> reason = o.reason();
        }
    }

    /// The new ones first: when one cannot be mapped, the old ones are still there.
    private void map(List<Action.Mapping> wanted) throws PosixException {
        List<Mapping> fresh = new ArrayList<>();
        List<GuestMemory.Region> regions = new ArrayList<>();
        try {
            for (Action.Mapping m : wanted) {
                Mapping mapped = Mapping.of(
                        fd(m.fd()), m.region().mapOffset(), m.region().size());
                fresh.add(mapped);
                if (!mapped.isSealed()) {
                    LOG.warn(
                            "event=memory_not_sealed reason=\"a VMM that makes its memory file shorter ends this process:"
                                    + " use memory-backend-memfd\"");
                }
                regions.add(new GuestMemory.Region(m.region().guestAddress(), mapped.bytes()));
            }
            memory = new GuestMemory(regions);
        } catch (PosixException | RuntimeException e) {
            fresh.forEach(Mapping::close);
            throw e;
        }
        mappings.forEach(Mapping::close);
        mappings.clear();
        mappings.addAll(fresh);
    }

    private void unmap() {
        memory = new GuestMemory(List.of());
        mappings.forEach(Mapping::close);
        mappings.clear();
    }

    private Fd fd(int number) {
        Fd fd = held.get(number);
        if (fd == null) {
            throw new IllegalStateException("an order names descriptor " + number + ", which is not held");
        }
        return fd;
    }

    private void closeFd(int number) throws PosixException {
        Fd fd = fd(number);
        held.remove(number);
        Long kick = kicks.remove(fd);
        if (kick != null) {
            readiness.forget(kick, fd);
        }
        for (int ring = 0; ring < RINGS; ring++) {
            calls[ring] = isOf(calls[ring], fd) ? null : calls[ring];
            errs[ring] = isOf(errs[ring], fd) ? null : errs[ring];
        }
        fd.close();
    }

    private static boolean isOf(@Nullable EventFd event, Fd fd) {
        return event != null && event.fd() == fd;
    }

    /// False when it is no eventfd, or nobody has it any more: the front-end's affair.
    private static boolean signal(@Nullable EventFd event) {
        if (event == null) {
            return true;
        }
        try {
            event.signal();
            return true;
        } catch (PosixException e) {
            LOG.warn("event=signal_failed reason=\"{}\"", e.toString());
            return false;
        }
    }

    private static RingPlace place(RingParts parts) {
        return new RingPlace(parts.entries(), parts.descriptors(), parts.available(), parts.used());
    }
}
