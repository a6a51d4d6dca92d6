package dev.upcall.e2e.simulation.extended;

import static dev.upcall.e2e.simulation.extended.Climate.MILLI;
import static dev.upcall.e2e.simulation.extended.Climate.SECOND;

import dev.upcall.e2e.simulation.Devices;
import dev.upcall.proto.extension.Bytes;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.EventKind;
import dev.upcall.proto.extension.ExtensionWriter;
import dev.upcall.proto.extension.Features;
import dev.upcall.proto.extension.Handshake;
import dev.upcall.proto.extension.service.ExtensionService;
import dev.upcall.proto.guest.CpuModel;
import dev.upcall.proto.message.PciFunction;
import dev.upcall.proto.session.Event;
import dev.upcall.proto.session.Trouble;
import dev.upcall.proto.session.extended.Extensions;
import dev.upcall.stub.mood.Ending;
import dev.upcall.stub.mood.Mood;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// What befalls the guest, its connections and its clients from outside.
final class Misfortune {

    /// No guest is back sooner (`SessionRules.SAME_GUEST_WITHIN`).
    private static final long BOOT_MIN = 500 * MILLI;

    /// As many client epochs as a guest remembers.
    private static final int STRANGERS = 64;

    /// More than a guest keeps of unacknowledged events: 256.
    private static final int BURST = 150;

    private final ExtendedSimulation world;
    private final SplittableRandom random;
    private final List<Runnable> crowd = new ArrayList<>();
    private boolean paused;

    /// Lives of the guest; what was planned for an earlier one does not happen any more.
    private int plan;

    Misfortune(ExtendedSimulation world) {
        this.world = world;
        this.random = world.random;
    }

    /// One turn, and the next one when its time has come.
    void turn() {
        if (world.calm) {
            return;
        }
        Fault fault = drawn();
        if (fault != null) {
            befalls(fault);
        }
        if (random.nextInt(3) == 0) {
            speak(1 + random.nextInt(4));
        }
        if (random.nextInt(6) == 0 && !world.guest.isGone()) {
            world.guest.remember();
        }
        world.agenda.at(world.now + world.around(world.climate.gloom()), this::turn);
    }

    private @Nullable Fault drawn() {
        int sum = 0;
        for (Fault fault : Fault.values()) {
            sum += fault.place == Fault.Place.WEATHER ? world.climate.inclination(fault) : 0;
        }
        int dice = sum == 0 ? 0 : random.nextInt(sum);
        for (Fault fault : Fault.values()) {
            dice -= fault.place == Fault.Place.WEATHER ? world.climate.inclination(fault) : 0;
            if (dice < 0) {
                return fault;
            }
        }
        return null;
    }

    private void befalls(Fault fault) {
        boolean done = switch (fault) {
            case RESET -> reset();
            case BLACK_HOLE -> blackHole();
            case UNASKED -> unasked();
            case STALE_FACT -> staleFact();
            case AGENT_RESTART -> agentRestarts();
            case REBOOT -> down(true, BOOT_MIN + world.around(SECOND));
            case CRASH -> down(true, BOOT_MIN + world.longWhile());
            case STOCK_BOOT -> world.climate.wanted() != Extensions.REQUIRED && down(false, BOOT_MIN);
            case RESTORED -> restore();
            case PAUSED -> pause();
            case ORDERLY_EXIT -> leaves();
            case EVICTION -> strangers(false);
            case CROWDED -> strangers(true);
            case OVERFLOW -> overflow();
            case SLOW_ANSWERS -> slow();
            case CHANGE -> change();
            case CLIENT_RESTARTED -> clientRestarts();
            default -> false;
        };
        if (done) {
            world.strikesByItself(fault);
            world.trail.note(world.now, "befalls", fault);
        }
    }

    // ------------------------------------------------------------------ connections

    private Host someHost() {
        return world.hosts.get(random.nextInt(world.hosts.size()));
    }

    private boolean reset() {
        ExtendedWire wire = someHost().wire;
        if (wire == null || !wire.isOpen()) {
            return false;
        }
        wire.reset("connection reset");
        return true;
    }

    private boolean blackHole() {
        ExtendedWire wire = someHost().wire;
        if (wire == null || !wire.isOpen()) {
            return false;
        }
        wire.fallsSilent();
        return true;
    }

    private boolean unasked() {
        ExtendedWire wire = someHost().wire;
        if (wire == null || !wire.isOpen()) {
            return false;
        }
        wire.unasked();
        return true;
    }

    private boolean staleFact() {
        Host host = someHost();
        if (host.wires() < 2) {
            return false;
        }
        long old = random.nextLong(host.wires() - 1);
        host.happens(
                random.nextBoolean()
                        ? new Event.PeerClosed(old, "late")
                        : new Event.DialFailed(old, Trouble.of(Trouble.Kind.CONNECT_REFUSED)));
        return true;
    }

    // ------------------------------------------------------------------ the guest

    /// Gone in the middle of something, in one way or another.
    void guestDies() {
        switch (random.nextInt(4)) {
            case 0 -> down(true, BOOT_MIN + world.around(SECOND));
            case 1 -> {
                if (!restore()) {
                    agentRestarts();
                }
            }
            default -> {
                if (!agentRestarts()) {
                    down(true, BOOT_MIN);
                }
            }
        }
    }

    private boolean agentRestarts() {
        if (!world.guest.isExtended() || world.guest.isGone()) {
            return false;
        }
        awake();
        world.guest.restartAgent();
        return true;
    }

    /// Gone now, booted anew later.
    private boolean down(boolean asExtended, long time) {
        if (world.guest.isGone()) {
            return false;
        }
        awake();
        world.guest.crash();
        bootAt(world.now + time, asExtended);
        return true;
    }

    private void bootAt(long at, boolean asExtended) {
        int planned = ++plan;
        world.aftermath(at, () -> {
            if (plan == planned) {
                boot(asExtended);
            }
        });
    }

    private boolean restore() {
        boolean done = world.guest.restore();
        if (done) {
            tellWhatThereIs();
        }
        return done;
    }

    private void boot(boolean asExtended) {
        world.guest.boot(asExtended || world.calm);
        tellWhatThereIs();
    }

    /// Where there is no connection that could end, only the embedder can know, and says so.
    private void tellWhatThereIs() {
        for (Host host : List.copyOf(world.hosts)) {
            if (!host.isConnected()) {
                host.caller.givePicture();
            } else {
                world.agenda.at(world.now + world.around(SECOND), host.caller::givePicture);
            }
        }
    }

    private boolean pause() {
        if (paused || world.guest.isGone()) {
            return false;
        }
        paused = true;
        world.guest.pause();
        world.aftermath(world.now + world.longWhile(), this::awake);
        return true;
    }

    private void awake() {
        if (paused) {
            paused = false;
            world.guest.resume();
        }
    }

    private boolean leaves() {
        if (!world.guest.isExtended() || world.guest.isGone() || paused) {
            return false;
        }
        boolean restarts = random.nextBoolean();
        world.guest.leave(
                restarts ? EventKind.RESTARTING : EventKind.APP_EXIT, restarts ? Ending.RESTARTS : Ending.CLOSES);
        world.aftermath(world.now + ExtensionService.LEAVE_WITHIN.toNanos() + 1, () -> {});
        if (!restarts) {
            bootAt(world.now + BOOT_MIN + world.around(5 * SECOND), true);
        }
        return true;
    }

    /// Other clients come, and go or stay for a while.
    private boolean strangers(boolean stay) {
        if (!world.guest.isExtended() || world.guest.isGone() || paused || world.climate.hybrid() || !crowd.isEmpty()) {
            return false;
        }
        for (int i = 0; i < STRANGERS; i++) {
            Handshake.Open open = Handshake.Open.first(Features.ALL, new Epoch(random.nextLong() | 1));
            crowd.add(world.guest.stranger(List.of(new byte[] {0x64}, ExtensionWriter.toBytes(open))));
        }
        if (stay) {
            world.aftermath(world.now + world.longWhile(), this::disperse);
        } else {
            disperse();
        }
        return true;
    }

    private void disperse() {
        crowd.forEach(Runnable::run);
        crowd.clear();
    }

    private boolean slow() {
        if (random.nextBoolean()) {
            world.guest.become(new Mood.Delay(world.longWhile(), Optional.empty()));
        } else {
            world.guest.clearMoods();
            paused = false;
        }
        return true;
    }

    // ------------------------------------------------------------------ events and changes

    /// An application in the guest says something.
    private void speak(int events) {
        for (int i = 0; i < events; i++) {
            world.guest.user(Bytes.utf8("u" + random.nextInt()));
        }
    }

    /// A CPU goes off and on, so fast that nobody sees it but by its events.
    private boolean overflow() {
        if (!world.guest.isExtended()
                || world.guest.isGone()
                || world.climate.profile().cpuModel() == CpuModel.COUNT) {
            return false;
        }
        speak(random.nextInt(30));
        int cpu = 1 + random.nextInt(world.climate.possible() - 1);
        for (int i = 0; i < BURST; i++) {
            boolean off = world.guest.live().sysfsCpu(cpu, false, world.now).isEmpty();
            if (!off || world.guest.live().sysfsCpu(cpu, true, world.now).isPresent()) {
                return i > 0;
            }
        }
        world.guest.advance();
        return true;
    }

    /// The VMM makes and takes vCPUs and functions, the guest's administrator switches CPUs off and on.
    private boolean change() {
        int cpu = 1 + random.nextInt(world.climate.possible() - 1);
        List<PciFunction> function = List.of(random.nextBoolean() ? Devices.DISK : new PciFunction(0, 4, 0));
        switch (random.nextInt(6)) {
            case 0 -> world.guest.live().vmm().addVcpus(List.of(cpu));
            case 1 -> world.guest.live().vmm().removeVcpus(List.of(cpu));
            case 2 -> world.guest.live().vmm().addPci(function);
            case 3 -> world.guest.live().vmm().removePci(function);
            default -> {
                // What an arm64 guest has online is all it counts, and no embedder could know.
                if (world.climate.profile().cpuModel() == CpuModel.COUNT) {
                    return false;
                }
                world.guest.advance();
                var _ = world.guest.live().sysfsCpu(cpu, random.nextBoolean(), world.now);
                world.guest.advance();
            }
        }
        return true;
    }

    /// A stock guest may still carry out what the one before has asked for, and nobody can know.
    private boolean clientRestarts() {
        world.guest.excuse();
        world.replace(someHost());
        return true;
    }

    // ------------------------------------------------------------------ the end of it

    /// The guest is well from now on, and an extended one.
    void end() {
        paused = false;
        world.guest.clearMoods();
        disperse();
        if (!world.guest.isExtended() || world.guest.live().wireCut()) {
            down(true, BOOT_MIN);
        }
    }
}
