package dev.upcall.proto.vhostuser;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// A front-end's conversation with the machine, and a driver that carries out every order on paper: it
/// knows which descriptors are open, which ring runs and whether memory is mapped, and fails when an
/// order makes no sense.
final class Conversation {

    static final Offer OFFER = Offer.vsock(3);

    final List<Action> ordered = new ArrayList<>();
    final Set<Integer> openFds = new HashSet<>();
    final boolean[] running = new boolean[Message.RINGS];
    final int[] next = new int[Message.RINGS];
    private final Negotiation negotiation;
    private final MessageAssembler assembler = new MessageAssembler();
    Backend backend = Backend.begin();
    int forgotten;
    private boolean mapped;
    private int fdsGiven;

    Conversation(Offer offer) {
        negotiation = new Negotiation(offer);
    }

    static Conversation begun() {
        return new Conversation(OFFER);
    }

    /// All that QEMU says before it enables the rings, and the enabling.
    static Conversation running() {
        Conversation c = begun().configured(0, 0);
        c.says(new Message.SetVringEnable(0, true)).says(new Message.SetVringEnable(1, true));
        assertThat(c.running).containsExactly(true, true);
        return c;
    }

    /// Features, memory, and both rings up to their kicks.
    Conversation configured(int base0, int base1) {
        says(new Message.SetFeatures(OFFER.features()));
        says(memory(), 1);
        for (int ring = 0; ring < Message.RINGS; ring++) {
            says(new Message.SetVringNum(ring, 128));
            says(new Message.SetVringBase(ring, ring == 0 ? base0 : base1));
            says(address(ring, 0x7f0000001000L));
            says(new Message.SetVringKick(ring, true), 1);
        }
        return this;
    }

    static Message memory() {
        return new Message.SetMemTable(List.of(new MemoryRegion(0x10000, 0x100000, 0x7f0000000000L, 0)));
    }

    static Message address(int ring, long at) {
        return new Message.SetVringAddr(ring, 0, at, at + 0x2000, at + 0x1000, 0);
    }

    Conversation says(Message message) {
        return says(message, 0);
    }

    Conversation says(Message message, int fds) {
        return says(0, message, false, fds);
    }

    Conversation asksAndWaits(int code, Message message, int fds) {
        return says(code, message, true, fds);
    }

    /// A message whose code matters, because its answer repeats it.
    Conversation hears(Message message, int code) {
        return says(code, message, false, 0);
    }

    private Conversation says(int code, Message message, boolean needReply, int fds) {
        return happens(new Event.MessageArrived(new Decoded.Understood(code, message, needReply), given(fds)));
    }

    /// Bytes as a socket would give them.
    Conversation sends(ByteBuffer bytes, int fds) {
        ByteBuffer input = bytes.duplicate();
        List<Integer> given = given(fds);
        switch (assembler.accept(input, fds).orElseThrow()) {
            case Decoded.Understood m -> happens(new Event.MessageArrived(m, given));
            case Decoded.Malformed m -> happens(new Event.NonsenseArrived(m.reason(), given));
        }
        assertThat(input.remaining()).isZero();
        return this;
    }

    Conversation happens(Event event) {
        ordered.clear();
        step(event);
        return this;
    }

    private void step(Event event) {
        List<Action> out = new ArrayList<>();
        backend = negotiation.step(backend, event, out);
        ordered.addAll(out);
        List<Integer> stopped = new ArrayList<>();
        for (Action action : out) {
            obey(action, stopped);
        }
        for (int ring : stopped) {
            step(new Event.RingStopped(ring, next[ring]));
        }
    }

    private void obey(Action action, List<Integer> stopped) {
        switch (action) {
            case Action.CloseFd a ->
                assertThat(openFds.remove(a.fd())).as("%s is open", a).isTrue();
            case Action.StartRing a -> {
                assertThat(running[a.ring()]).as("%s", a).isFalse();
                assertThat(mapped).as("%s", a).isTrue();
                running[a.ring()] = true;
                next[a.ring()] = a.base();
            }
            case Action.StopRing a -> {
                assertThat(running[a.ring()]).as("%s", a).isTrue();
                running[a.ring()] = false;
                stopped.add(a.ring());
            }
            case Action.MoveRing a -> assertThat(running[a.ring()]).as("%s", a).isTrue();
            case Action.MapMemory _ -> mapped = true;
            case Action.UnmapMemory _ -> {
                assertThat(running).containsExactly(false, false);
                mapped = false;
            }
            case Action.ForgetStreams _ -> forgotten++;
            case Action.SetKick a -> assertThat(openFds).contains(a.fd());
            case Action.SetCall _, Action.SetErr _, Action.Reply _, Action.SignalErr _, Action.HangUp _ -> {}
        }
    }

    /// A ring that runs meets what no driver may do.
    Conversation breaks(int ring) {
        running[ring] = false;
        return happens(new Event.RingBroke(ring, next[ring]));
    }

    List<Answer> answers() {
        return of(Action.Reply.class).stream().map(Action.Reply::answer).toList();
    }

    <A> List<A> of(Class<A> kind) {
        return ordered.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    Ring ring(int index) {
        return ((Backend.Talking) backend).ring(index);
    }

    private List<Integer> given(int count) {
        List<Integer> fds = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            fds.add(100 + fdsGiven++);
        }
        openFds.addAll(fds);
        return fds;
    }
}
