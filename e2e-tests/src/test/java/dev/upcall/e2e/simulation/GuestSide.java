package dev.upcall.e2e.simulation;

import dev.upcall.proto.guest.CpuPicture;
import dev.upcall.proto.hybrid.ConnectLine;
import dev.upcall.proto.wire.FrameHeader;
import dev.upcall.proto.wire.ReplyFrame;
import dev.upcall.stub.machine.GuestMachine;
import dev.upcall.stub.machine.MachineConfig;
import dev.upcall.stub.machine.MachineDump;
import dev.upcall.stub.mood.Mood;
import dev.upcall.stub.observe.ServerObserver;
import dev.upcall.stub.service.Output;
import dev.upcall.stub.service.UpcallServer;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The guest: the stub's server and machine, and the truth about what they did.
///
/// A guest that a truthful client crashes or damages breaks the run. It is excused while the client was told to send
/// what is unsafe, until the guest boots anew.
final class GuestSide implements ServerObserver {

    private static final int EEXIST = -17;
    private static final int ADD_CPU = 1;

    private final MachineConfig config;
    private final UpcallServer server;
    private final Map<Long, Wire> wires = new HashMap<>();
    private final boolean alwaysExcused;
    private final Coverage coverage;
    private boolean excused;
    private boolean ran;
    private boolean lockLost;
    private List<String> pciKnown;

    GuestSide(MachineConfig config, boolean alwaysExcused, Coverage coverage) {
        this.config = config;
        this.alwaysExcused = alwaysExcused;
        this.excused = alwaysExcused;
        this.coverage = coverage;
        server = new UpcallServer(new GuestMachine(config), this);
        pciKnown = machine().pciKnown();
    }

    /// The client was told to risk this guest.
    void excuse() {
        excused = true;
    }

    MachineDump machine() {
        return server.machine().dump();
    }

    GuestMachine live() {
        return server.machine();
    }

    // ------------------------------------------------------------------ what reaches the guest

    void open(Wire wire, boolean hybrid, long now) {
        wire.guestId = hybrid ? server.openHybrid(ConnectLine.UPCALL_PORT, now) : server.open(now);
        wires.put(wire.guestId, wire);
        advance(now);
    }

    void arrived(Wire wire, byte[] bytes, long now) {
        advance(now);
        wire.onlineBefore = Truth.online(machine());
        server.arrived(wire.guestId, ByteBuffer.wrap(bytes), now);
        advance(now);
    }

    void peerClosed(Wire wire, long now) {
        server.peerClosed(wire.guestId, now);
        advance(now);
    }

    void become(Mood mood, long now) {
        server.become(mood, now);
        advance(now);
    }

    void reboot(long now) {
        server.reboot(now);
        advance(now);
    }

    /// The guest is well from now on: no moods, and a fresh boot where it could not be reached otherwise.
    void heal(long now) {
        server.clearMoods(now);
        if (server.machine().wireCut()) {
            server.reboot(now);
        }
        advance(now);
    }

    // ------------------------------------------------------------------ time

    long wakeAt() {
        return server.wakeAt().orElse(Long.MAX_VALUE);
    }

    /// Does what is due and hands what the guest says to its wires.
    void advance(long now) {
        ran |= wakeAt() <= now;
        for (Output output : server.advance(now)) {
            Wire wire = wires.get(output.connection());
            if (wire != null) {
                switch (output) {
                    case Output.Send send -> wire.fromGuest(bytes(send.bytes()));
                    case Output.Close close -> wire.closedByGuest(close.why());
                    case Output.Reset reset -> wire.closedByGuest(reset.why());
                    case Output.Receive _ -> {}
                }
            }
        }
        if (ran) {
            ran = false;
            examine(machine());
        }
    }

    private static byte[] bytes(ByteBuffer sent) {
        byte[] bytes = new byte[sent.remaining()];
        sent.get(sent.position(), bytes);
        return bytes;
    }

    private void examine(MachineDump machine) {
        pciKnown = machine.pciKnown();
        if (machine.lockLost() && !lockLost) {
            blame("the guest crashed with the hotplug lock");
        }
        lockLost = machine.lockLost();
        Set<String> distinct = new HashSet<>(machine.mmio());
        if (distinct.size() != machine.mmio().size()) {
            blame("the guest has registered a device twice: " + machine.mmio());
        }
    }

    private void blame(String what) {
        if (!excused) {
            throw new Broken(what);
        }
        coverage.crashed();
    }

    // ------------------------------------------------------------------ what it says of itself

    @Override
    public void requested(long connection, FrameHeader request, long now) {
        ran = true;
    }

    @Override
    public void answered(long connection, ReplyFrame reply, long now) {
        ran = true;
        Wire wire = wires.get(connection);
        if (wire != null && wire.atGuest != null) {
            wire.truth = Truth.of(wire.atGuest, reply.result(), machine(), pciKnown, wire.onlineBefore);
        }
        pciKnown = machine().pciKnown();
        if (reply.header().msgType() == ADD_CPU && reply.result() == EEXIST) {
            blame("the guest has lost a CPU: ADD_CPU collided");
        }
    }

    @Override
    public void crashed(long connection, FrameHeader request, long now) {
        ran = true;
        blame("the guest crashed on " + request);
    }

    @Override
    public void rebooted(long now) {
        excused = alwaysExcused;
        lockLost = false;
        pciKnown = machine().pciKnown();
    }

    // ------------------------------------------------------------------ what an embedder can know of it

    /// The guest's CPUs as they are now, slots included.
    CpuPicture picture() {
        return TruePicture.of(machine(), config);
    }
}
