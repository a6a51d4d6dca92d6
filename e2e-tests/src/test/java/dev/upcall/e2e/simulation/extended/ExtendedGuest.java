package dev.upcall.e2e.simulation.extended;

import static dev.upcall.e2e.simulation.extended.Climate.SECOND;

import dev.upcall.e2e.simulation.Broken;
import dev.upcall.e2e.simulation.TruePicture;
import dev.upcall.e2e.simulation.Truth;
import dev.upcall.proto.extension.BootId;
import dev.upcall.proto.extension.Bytes;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.EventKind;
import dev.upcall.proto.extension.EventNotify;
import dev.upcall.proto.guest.CpuPicture;
import dev.upcall.proto.hybrid.ConnectLine;
import dev.upcall.proto.message.MmioDevice;
import dev.upcall.proto.message.PciFunction;
import dev.upcall.proto.wire.FrameHeader;
import dev.upcall.proto.wire.ReplyFrame;
import dev.upcall.stub.agent.Extensions;
import dev.upcall.stub.machine.GuestMachine;
import dev.upcall.stub.machine.MachineConfig;
import dev.upcall.stub.machine.MachineDump;
import dev.upcall.stub.mood.Ending;
import dev.upcall.stub.mood.Mood;
import dev.upcall.stub.observe.AgentDump;
import dev.upcall.stub.observe.ServerObserver;
import dev.upcall.stub.service.Output;
import dev.upcall.stub.service.UpcallServer;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The guest through all its lives: the stub's server, agent and machine, now extended, now a stock kernel;
/// and the truth about what they did.
final class ExtendedGuest implements ServerObserver {

    /// A client that has been away for longer may miss user events (`EventDesk`).
    private static final long ABSENT_MAX = 30 * SECOND;

    /// What an earlier moment of the guest was.
    private record Moment(MachineConfig config, BootId bootId, int boot) {}

    private static final int EEXIST = -17;
    private static final int ADD_CPU = 1;

    final Executions executions = new Executions();

    /// Numbers boots; a guest that goes back to an earlier moment is of that moment's boot.
    int boot;

    /// Numbers machines: grows with every boot and every way back.
    int incarnation;

    private final ExtendedSimulation world;
    private final MachineConfig config;
    private final ArrayDeque<Long> planned = new ArrayDeque<>();
    private final Set<Epoch> epochs = new HashSet<>();
    private final Map<Long, EventNotify> raised = new HashMap<>();
    private Map<Long, ExtendedWire> wires = new HashMap<>();
    private UpcallServer server;
    private boolean extended;
    private @Nullable BootId bootId;
    private @Nullable Epoch epoch;
    private int boots;
    private List<String> pciKnown = List.of();
    private @Nullable Moment moment;
    private boolean excused;
    private int running;

    ExtendedGuest(ExtendedSimulation world, MachineConfig config) {
        this.world = world;
        this.config = config;
        this.server = arise(config, true);
        this.excused = world.climate.hosts() > 1;
        newBoot();
    }

    // ------------------------------------------------------------------ what it is

    boolean isExtended() {
        return extended;
    }

    /// Of the life that is now; null for a stock kernel.
    @Nullable
    Epoch epoch() {
        return epoch;
    }

    boolean isGone() {
        return server.gone();
    }

    MachineDump machine() {
        return server.machine().dump();
    }

    GuestMachine live() {
        return server.machine();
    }

    AgentDump agent() {
        return server.dump().agent().orElseThrow();
    }

    CpuPicture picture() {
        return TruePicture.of(machine(), config);
    }

    /// The event of this number, without what was dropped before it; null where nobody was ever sent it.
    @Nullable
    EventNotify raised(long sequence) {
        return raised.get(sequence);
    }

    void excuse() {
        excused = true;
    }

    // ------------------------------------------------------------------ what reaches it

    void open(ExtendedWire wire) {
        wire.server = server;
        wire.link =
                world.climate.hybrid() ? server.openHybrid(ConnectLine.UPCALL_PORT, world.now) : server.open(world.now);
        wires.put(wire.link, wire);
        advance();
    }

    void arrived(ExtendedWire wire, byte[] bytes) {
        advance();
        if (wire.server == server) {
            wire.onlineBefore = Truth.online(machine());
            wire.plainReadAt = world.now;
            running = server.machine().contents().running();
            server.arrived(wire.link, ByteBuffer.wrap(bytes), world.now);
            advance();
        }
    }

    void peerClosed(ExtendedWire wire) {
        if (wire.server == server) {
            server.peerClosed(wire.link, world.now);
            advance();
        }
    }

    /// A connection of nobody in this run, which says this; its answers go nowhere.
    ///
    /// @return what ends it
    Runnable stranger(List<byte[]> says) {
        UpcallServer here = server;
        long link = here.open(world.now);
        for (byte[] bytes : says) {
            here.arrived(link, ByteBuffer.wrap(bytes), world.now);
            advance();
        }
        return () -> {
            if (server == here) {
                here.peerClosed(link, world.now);
                advance();
            }
        };
    }

    boolean user(Bytes detail) {
        boolean taken = extended && !server.gone() && server.userEvent(detail, world.now);
        advance();
        return taken;
    }

    // ------------------------------------------------------------------ its fate

    void become(Mood mood) {
        server.become(mood, world.now);
        advance();
    }

    void pause() {
        server.pause(world.now);
        advance();
    }

    void resume() {
        server.resume(world.now);
        advance();
    }

    void clearMoods() {
        server.clearMoods(world.now);
        advance();
    }

    void crash() {
        server.crash(world.now);
        advance();
    }

    void leave(EventKind kind, Ending then) {
        server.leave(kind, then, world.now);
        advance();
    }

    /// Its agent begins another epoch in the same boot.
    void restartAgent() {
        if (extended) {
            server.restart(world.now);
            advance();
        }
    }

    /// Boots anew, as this kind of kernel.
    void boot(boolean asExtended) {
        if (asExtended == extended) {
            server.reboot(world.now);
            advance();
        } else {
            MachineConfig fresh = now().withBootCpus(config.bootCpus()).withMmioDevices(config.mmioDevices());
            replace(fresh.withPci(server.machine().vmm().pci(), config.vsockPci()), asExtended, List.of());
            rebooted(world.now);
        }
    }

    /// Remembers this moment.
    void remember() {
        BootId id = bootId;
        moment = extended
                        && id != null
                        && !server.machine().wireCut()
                        && !server.machine().dump().lockLost()
                ? new Moment(now(), id, boot)
                : null;
    }

    /// Goes back to the moment remembered last: the same boot, what was done since is undone, another epoch.
    ///
    /// @return false where there is none
    boolean restore() {
        Moment back = moment;
        if (back == null || !extended) {
            return false;
        }
        List<PciFunction> inVmm = List.copyOf(server.machine().vmm().pci());
        planned.add(back.bootId().high());
        planned.add(back.bootId().low());
        replace(back.config(), true, inVmm);
        boot = back.boot();
        incarnation++;
        return true;
    }

    // ------------------------------------------------------------------ time

    long wakeAt() {
        return server.wakeAt().orElse(Long.MAX_VALUE);
    }

    void advance() {
        UpcallServer speaking = server;
        running = speaking.machine().contents().running();
        for (Output output : speaking.advance(world.now)) {
            ExtendedWire wire = wires.get(output.connection());
            if (wire != null && wire.server == speaking) {
                switch (output) {
                    case Output.Send send -> wire.fromGuest(bytes(send.bytes()));
                    case Output.Close close -> wire.closedByGuest(close.why());
                    case Output.Reset reset -> wire.closedByGuest(reset.why());
                    case Output.Receive _ -> {}
                }
            }
        }
    }

    // ------------------------------------------------------------------ what it says of itself

    @Override
    public void begun(Epoch client, long requestId) {
        executions.begun(new Executions.Id(client, requestId), world.now);
    }

    @Override
    public void ended(Epoch client, long requestId, int result) {
        Executions.Id id = new Executions.Id(client, requestId);
        boolean relative = Shown.isRelative(executions.of(id).request);
        boolean one = isAlone(executions.of(id).begunAt);
        executions.ended(
                id, result, relative || !one || Shown.asWanted(executions.of(id).request, machine()), machine());
        pciKnown = machine().pciKnown();
    }

    @Override
    public void answered(long connection, ReplyFrame reply, long now) {
        ExtendedWire wire = wires.get(connection);
        if (wire != null && wire.plainAtGuest != null) {
            Truth truth = Truth.of(wire.plainAtGuest, reply.result(), machine(), pciKnown, wire.onlineBefore);
            // Two clients may have done to a stock guest what neither could know.
            boolean holds = truth.holds() || excused || !isAlone(wire.plainReadAt);
            wire.truth = new Truth(truth.request(), truth.result(), holds);
        }
        pciKnown = machine().pciKnown();
        if (reply.header().msgType() == ADD_CPU && reply.result() == EEXIST) {
            blame("the guest has lost a CPU: ADD_CPU collided");
        }
    }

    @Override
    public void crashed(long connection, FrameHeader request, long now) {
        blame("the guest crashed on " + request);
    }

    @Override
    public void rebooted(long now) {
        newBoot();
        excused = world.climate.hosts() > 1;
    }

    @Override
    public void restarted(long now) {
        lives();
    }

    @Override
    public void proved(long connection, boolean probe) {
        ExtendedWire wire = wires.get(connection);
        if (wire != null && !probe) {
            wire.welcomed();
        }
    }

    @Override
    public void shown(long connection) {
        ExtendedWire wire = wires.get(connection);
        if (wire != null) {
            wire.inventoried = machine();
            wire.runningThen = live().contents().running();
        }
    }

    @Override
    public void closed(long connection, String why) {
        ExtendedWire wire = wires.get(connection);
        if (wire != null) {
            wire.forgotten();
        }
    }

    @Override
    public void eventSent(long connection, EventNotify event) {
        EventNotify same = new EventNotify(
                event.epoch(), event.sequence(), event.kind(), event.device(), event.detail(), event.timeNanos(), 0);
        EventNotify before = raised.putIfAbsent(event.sequence(), same);
        if (before != null && !before.equals(same)) {
            throw new Broken("event " + event.sequence() + " is told as " + same + " and as " + before);
        }
    }

    @Override
    public void heard(Epoch client, EventNotify event) {
        for (Host host : world.hosts) {
            if (host.epoch.equals(client)) {
                host.letters.arrived(event, incarnation);
            }
        }
    }

    static boolean isLongAbsent(long since, long now) {
        return now - since >= ABSENT_MAX;
    }

    /// Of operations that end in one go nobody can see how the guest was between them.
    private boolean isAlone(long begunAt) {
        return running == 0 || (running == 1 && begunAt < world.now);
    }

    private void blame(String what) {
        if (!excused) {
            throw new Broken(what);
        }
        world.tally.saw("guest crashed, excused");
    }

    // ------------------------------------------------------------------ lives

    private UpcallServer arise(MachineConfig with, boolean asExtended) {
        extended = asExtended;
        return new UpcallServer(
                new GuestMachine(with),
                this,
                asExtended
                        ? Optional.of(Extensions.of("simulated")
                                .withFeatures(world.climate.served())
                                .withRandom(this::number))
                        : Optional.empty());
    }

    private long number() {
        return planned.isEmpty() ? world.random.nextLong() : planned.remove();
    }

    /// Another server in place of this one: all connections end.
    private void replace(MachineConfig with, boolean asExtended, List<PciFunction> alsoInVmm) {
        server.crash(world.now);
        advance();
        wires = new HashMap<>();
        server = arise(with, asExtended);
        server.machine().vmm().addPci(alsoInVmm);
        lives();
    }

    private void newBoot() {
        boot = ++boots;
        incarnation++;
        moment = null;
        lives();
    }

    private void lives() {
        raised.clear();
        pciKnown = machine().pciKnown();
        if (!extended) {
            epoch = null;
            bootId = null;
            return;
        }
        Epoch before = epoch;
        epoch = agent().identity().guestEpoch();
        bootId = agent().identity().bootId();
        if (!epoch.equals(before) && !epochs.add(epoch)) {
            throw new Broken("guest epoch " + epoch + " comes twice");
        }
    }

    /// The machine as a configuration that another one can start from.
    private MachineConfig now() {
        GuestMachine machine = server.machine();
        List<Integer> present = new ArrayList<>();
        for (MachineDump.CpuDump cpu : machine.dump().cpus()) {
            if (cpu.present() && cpu.online() && cpu.apicId() >= 0) {
                present.add(cpu.apicId());
            }
        }
        List<MmioDevice> mmio = machine.contents().mmio();
        return config.withVcpus(List.copyOf(machine.vmm().vcpus()))
                .withBootCpus(present)
                .withPci(machine.contents().pci(), config.vsockPci())
                .withMmioDevices(mmio);
    }

    private static byte[] bytes(ByteBuffer sent) {
        byte[] bytes = new byte[sent.remaining()];
        sent.get(sent.position(), bytes);
        return bytes;
    }
}
