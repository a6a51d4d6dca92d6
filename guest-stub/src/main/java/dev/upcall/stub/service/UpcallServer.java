package dev.upcall.stub.service;

import dev.upcall.proto.extension.Bytes;
import dev.upcall.proto.extension.DeviceReference;
import dev.upcall.proto.extension.EventKind;
import dev.upcall.proto.hybrid.ConnectLine;
import dev.upcall.stub.agent.Extensions;
import dev.upcall.stub.agent.OnceExecutions;
import dev.upcall.stub.kernel.ExecutionCounts;
import dev.upcall.stub.machine.Completion;
import dev.upcall.stub.machine.GuestMachine;
import dev.upcall.stub.machine.Machine;
import dev.upcall.stub.mood.Ending;
import dev.upcall.stub.mood.Mood;
import dev.upcall.stub.mood.MoodSyntax;
import dev.upcall.stub.mood.Moods;
import dev.upcall.stub.observe.ServerDump;
import dev.upcall.stub.observe.ServerObserver;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// A guest's upcall port with all its connections, as a pure machine: bytes and times in, orders out.
///
/// ```java
/// var server = new UpcallServer(new GuestMachine(config));
/// long c = server.open(now);
/// server.arrived(c, ByteBuffer.wrap(bytes), now);      // any pieces; or openHybrid and a CONNECT line first
/// for (Output o : server.advance(now)) { … }           // carry out, in order
/// server.wakeAt();                                     // and call advance again then at the latest
/// ```
///
/// Call [#advance] after whatever else was called; calls come in the order of time. `nowNanos` may have any origin.
/// Confined to one thread.
public final class UpcallServer {

    /// As many as a hybrid-vsock multiplexer carries for one VM; more are closed at once.
    public static final int CONNECTIONS_MAX = 1023;

    private final Machine machine;
    private final Moods moods = new Moods();
    private final ExecutionCounts counts = new ExecutionCounts();
    private final OpenConnections connections;
    private final FrameSender sender;
    private final @Nullable GuestAgent agent;
    private final KernelReader kernel;
    private final Reception port;
    private final GuestLife life;
    private long now;

    public UpcallServer(Machine machine) {
        this(machine, ServerObserver.NONE);
    }

    public UpcallServer(Machine machine, ServerObserver observer) {
        this(machine, observer, Optional.empty());
    }

    /// @param extensions what makes it an extended guest; empty for a stock one
    public UpcallServer(Machine machine, ServerObserver observer, Optional<Extensions> extensions) {
        this.machine = machine;
        connections = new OpenConnections(observer, this::forgotten);
        sender = new FrameSender(connections, moods, machine, this::fate);
        agent = extensions
                .map(e -> new GuestAgent(e, machine, counts, connections, sender, observer, this::pump))
                .orElse(null);
        kernel = new KernelReader(connections, moods, machine, sender, this::fate, observer, this::pump, agent);
        FrameReader frames =
                agent == null ? null : new FrameReader(connections, moods, machine, kernel, agent, this::fate);
        port = new Reception(machine, counts, moods, connections, sender, kernel, frames);
        life = new GuestLife(machine, connections, observer, agent);
    }

    /// The model behind the port. Its VMM side and its sysfs may be used directly; to reboot it, use [#reboot].
    ///
    /// @throws IllegalStateException when a real kernel is behind it, which has no such sides
    public GuestMachine machine() {
        return requireModel();
    }

    // ------------------------------------------------------------------ connections

    /// A stream to the upcall port. Its number; it may be refused at once (a [Output.Close] follows).
    public long open(long at) {
        settle(at);
        return port.open(null, 0, life.served(), at);
    }

    /// A stream to the VMM's hybrid socket: a `CONNECT <port>` line comes first, and any other port than `port` is
    /// closed.
    public long openHybrid(long hybridPort, long at) {
        settle(at);
        return port.open(new ConnectLine(), hybridPort, life.served(), at);
    }

    /// Bytes of a stream, any amount; takes all of them. Those of an unknown connection are dropped.
    public void arrived(long id, ByteBuffer bytes, long at) {
        settle(at);
        port.arrived(id, bytes, at);
    }

    /// The peer has closed. What the guest is doing for it goes on.
    public void peerClosed(long id, long at) {
        settle(at);
        port.peerClosed(id, at);
    }

    // ------------------------------------------------------------------ moods and the guest's fate

    /// @throws IllegalStateException when a real kernel is behind the port: its bad days are its own
    public void become(Mood mood, long at) {
        requireModel();
        fallInto(mood, at);
    }

    public void clearMoods(long at) {
        settle(at);
        moods.clear();
        port.thaw(at);
    }

    /// The guest is stopped: no byte is read or written, and it is the same one when it goes on. The mood
    /// `silent`.
    public void pause(long at) {
        fallInto(new Mood.Silent(), at);
    }

    /// It goes on where it stood.
    public void resume(long at) {
        settle(at);
        moods.leave(Mood.Silent.class);
        port.thaw(at);
    }

    /// The guest boots anew: all connections end abruptly, running operations are forgotten, its agent has
    /// another epoch and another boot id.
    ///
    /// @throws IllegalStateException when a real kernel is behind the port
    public void reboot(long at) {
        requireModel();
        settle(at);
        life.reboot(at);
    }

    /// The agent starts anew in the same boot: all connections end abruptly, what runs on the machine
    /// goes on,
    /// and nobody remembers who asked for it.
    ///
    /// @throws IllegalStateException on a stock guest, which has no agent
    public void restart(long at) {
        settle(at);
        life.restart(at);
    }

    /// The guest is gone without a word: all connections end, and nobody is let in before [#restart] or
    /// [#reboot].
    public void crash(long at) {
        settle(at);
        life.crash();
    }

    /// The guest ends in order: it stops accepting work, tells a terminal event, waits for it to be
    /// acknowledged, at most 500 ms, and closes. A stock guest only closes.
    ///
    /// @param then what comes behind it: CLOSES for nothing (then [#gone]), RESTARTS or REBOOTS
    /// @throws IllegalStateException for REBOOTS, when a real kernel is behind the port
    public void leave(EventKind kind, Ending then, long at) {
        if (then == Ending.REBOOTS) {
            requireModel();
        }
        settle(at);
        life.leave(kind, then, at);
    }

    /// It has crashed or left, and lets nobody in.
    public boolean gone() {
        return life.gone();
    }

    /// It is [#gone] without a word.
    public boolean crashed() {
        return life.crashed();
    }

    /// An application in the guest has something to say to every client, at most 512 bytes.
    ///
    /// @return false when there is no room for it and too many wait already: come again
    /// @throws IllegalStateException on a stock guest, which cannot say anything
    /// @throws IllegalArgumentException when it is too long
    public boolean userEvent(Bytes detail, long at) {
        settle(at);
        return life.agent().user(detail, at);
    }

    /// Something has happened in the guest that its machine does not know of.
    ///
    /// @param kind DEVICE_NEEDS_RESET or CONFIG_CHANGED
    /// @throws IllegalStateException on a stock guest, which cannot say anything
    public void raise(EventKind kind, DeviceReference device, long at) {
        settle(at);
        life.agent().raise(kind, device, at);
    }

    // ------------------------------------------------------------------ time

    /// Does what is due at `at` and hands over, in order, what is to be done with the connections.
    public List<Output> advance(long at) {
        settle(at);
        return connections.takeOutputs();
    }

    /// When [#advance] has something to do of itself; empty while only a peer can change anything.
    public OptionalLong wakeAt() {
        OptionalLong ours = earlier(connections.alarms().next(), machine.wakeAt());
        return agent == null ? ours : earlier(ours, agent.wakeAt());
    }

    /// Everything as it is.
    public ServerDump dump() {
        return new ServerDump(
                machine.dump(),
                moods.all().stream().map(MoodSyntax::write).toList(),
                connections.all().stream()
                        .map(c -> new ServerDump.ConnectionDump(c.id, c.where()))
                        .toList(),
                port.opened(),
                kernel.requests(),
                kernel.replies(),
                counts.dump(),
                Optional.ofNullable(agent).map(GuestAgent::dump));
    }

    // ------------------------------------------------------------------ how a connection goes on

    private GuestMachine requireModel() {
        if (machine instanceof GuestMachine model) {
            return model;
        }
        throw new IllegalStateException(
                "this guest is a real one: it is changed and rebooted where it is, not by the stub");
    }

    private void fallInto(Mood mood, long at) {
        settle(at);
        moods.become(mood);
        port.moodsChanged(at);
    }

    /// What was due before `at` comes before what happens at `at`.
    private void settle(long at) {
        for (OptionalLong due = wakeAt(); due.isPresent() && due.getAsLong() - at <= 0; due = wakeAt()) {
            long when = due.getAsLong();
            now = when;
            machine(when);
            OptionalLong alarm = connections.alarms().next();
            if (alarm.isPresent() && alarm.getAsLong() - when <= 0) {
                connections.alarms().ringNext();
            }
            if (agent != null && agent.wakeAt().isPresent() && agent.wakeAt().getAsLong() - when <= 0) {
                agent.timePassed(when);
            }
        }
        now = at;
        machine(at);
        life.endIfAlone(at);
    }

    private void machine(long at) {
        List<Completion> ended = machine.advance(at);
        if (agent != null) {
            agent.raiseChanges(at);
        }
        for (Completion completion : ended) {
            if (agent != null && OnceExecutions.isName(completion.connection())) {
                agent.executed(completion.connection(), completion.answer(), at);
            }
            Connection connection = connections.get(completion.connection());
            if (connection != null) {
                kernel.completed(connection, completion, at);
                pump(connection, at);
            }
        }
    }

    private void pump(Connection connection, long at) {
        port.pump(connection, at);
    }

    private void fate(Ending ending, long at) {
        life.comes(ending, at);
    }

    private void forgotten(long connection) {
        if (agent != null) {
            agent.closed(connection, now);
        }
    }

    private static OptionalLong earlier(OptionalLong a, OptionalLong b) {
        if (a.isEmpty() || b.isEmpty()) {
            return a.isPresent() ? a : b;
        }
        return a.getAsLong() - b.getAsLong() <= 0 ? a : b;
    }
}
