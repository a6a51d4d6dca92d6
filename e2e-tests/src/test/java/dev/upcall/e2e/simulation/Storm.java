package dev.upcall.e2e.simulation;

import static dev.upcall.e2e.simulation.Weather.MILLI;
import static dev.upcall.e2e.simulation.Weather.SECOND;

import dev.upcall.proto.guest.CpuModel;
import dev.upcall.proto.message.Operation;
import dev.upcall.proto.message.PciFunction;
import dev.upcall.proto.session.Event;
import dev.upcall.proto.session.Trouble;
import dev.upcall.stub.mood.Mood;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/// What befalls the guest and its connections from outside: moods, resets, reboots, noise, and hands in the VMM.
final class Storm {

    /// No guest is back sooner.
    private static final long REBOOT_MIN = 500 * MILLI;

    /// By then every connection has ended.
    static final long REBOOT_NOTICED = 100 * MILLI;

    private final Simulation world;
    private final SplittableRandom random;
    private final Weather weather;

    Storm(Simulation world) {
        this.world = world;
        this.random = world.random;
        this.weather = world.weather;
    }

    /// One turn of the weather, and the next one when its time has come.
    void blow() {
        if (world.calm) {
            return;
        }
        if (random.nextInt(100) < weather.clearing()) {
            world.guest.heal(world.now);
            fileAppears();
        } else {
            worsen();
        }
        world.agenda.at(world.now + world.around(weather.gloom()), this::blow);
    }

    private void worsen() {
        int sum = weather.moods()
                + weather.resets()
                + weather.reboots()
                + weather.noise()
                + weather.changes()
                + weather.missing();
        int dice = sum == 0 ? -1 : random.nextInt(sum);
        if (dice < 0) {
            return;
        }
        if ((dice -= weather.moods()) < 0) {
            Mood mood = mood();
            world.trail.note(world.now, "guest becomes", mood);
            world.guest.become(mood, world.now);
        } else if ((dice -= weather.resets()) < 0) {
            resetWire();
        } else if ((dice -= weather.reboots()) < 0) {
            reboot();
        } else if ((dice -= weather.noise()) < 0) {
            noise();
        } else if ((dice -= weather.changes()) < 0) {
            change();
        } else {
            fileVanishes();
        }
    }

    private Mood mood() {
        return switch (random.nextInt(14)) {
            case 0 -> new Mood.Delay(world.longWhile(), Optional.empty());
            case 1 -> new Mood.Delay(world.around(SECOND), Optional.of(Operation.CONNECT));
            case 2, 3 -> new Mood.Silent();
            case 4, 5 -> new Mood.LoseNextReply();
            case 6, 7 -> new Mood.CutNextFrame(random.nextInt(1024));
            case 8 -> new Mood.ResetNextRequest();
            case 9 -> new Mood.Refuse();
            case 10 -> new Mood.SplitFrames(1 + random.nextInt(1024), random.nextInt((int) MILLI));
            case 11 -> random.nextBoolean() ? new Mood.OldDialect() : new Mood.NoService();
            case 12 -> new Mood.Park(world.around(2 * SECOND));
            default -> new Mood.GarbageOk();
        };
    }

    private void resetWire() {
        Wire wire = world.wire;
        if (wire != null && wire.isOpen()) {
            world.trail.note(world.now, "reset of", wire.epoch);
            wire.reset("connection reset");
        }
    }

    /// All connections end within moments, long before the guest is back; the embedder may say what it has then. Where
    /// there is no connection that could end, only the embedder can know, and says so.
    private void reboot() {
        world.trail.note(world.now, "guest reboots", "");
        world.guestUpAt = world.now + REBOOT_MIN + world.around(2 * SECOND);
        world.guest.reboot(world.now);
        if (random.nextInt(4) == 0) { // a wish that comes before the news
            world.agenda.at(world.now + random.nextLong(REBOOT_NOTICED), world.embedder::wish);
            world.agenda.at(world.now + random.nextLong(REBOOT_NOTICED), world.embedder::wish);
        }
        if (!world.isConnected()) {
            world.embedder.givePicture();
        } else if (random.nextInt(4) != 0) {
            world.agenda.at(world.guestUpAt + world.around(SECOND), world.embedder::givePicture);
        }
    }

    private void noise() {
        Wire wire = world.wire;
        long old = world.epochs == 0 ? 0 : random.nextLong(world.epochs);
        switch (random.nextInt(5)) {
            case 0 -> world.happens(new Event.PeerClosed(old, "late"));
            case 1 -> world.happens(new Event.DialFailed(old, Trouble.of(Trouble.Kind.CONNECT_REFUSED)));
            case 2 -> world.happens(new Event.TimePassed());
            case 3 -> world.happens(new Event.PathChanged());
            default -> {
                if (wire != null) {
                    wire.noise();
                }
            }
        }
    }

    /// The VMM makes and takes vCPUs and functions, the guest's administrator switches CPUs off and on.
    private void change() {
        int cpu = 1 + random.nextInt(weather.possible());
        List<PciFunction> function = List.of(random.nextBoolean() ? Devices.DISK : new PciFunction(0, 4, 0));
        switch (random.nextInt(6)) {
            case 0 -> world.guest.live().vmm().addVcpus(List.of(cpu));
            case 1 -> world.guest.live().vmm().removeVcpus(List.of(cpu));
            case 2 -> world.guest.live().vmm().addPci(function);
            case 3 -> world.guest.live().vmm().removePci(function);
            default -> {
                // What an arm64 guest has online is all it counts, and no embedder could know.
                if (weather.profile().cpuModel() != CpuModel.COUNT) {
                    world.guest.advance(world.now);
                    var _ = world.guest.live().sysfsCpu(cpu, random.nextBoolean(), world.now);
                }
            }
        }
    }

    private void fileVanishes() {
        if (!world.fileMissing) {
            world.fileMissing = true;
            world.agenda.at(world.now + world.longWhile(), this::fileAppears);
        }
    }

    void fileAppears() {
        if (world.fileMissing) {
            world.fileMissing = false;
            world.happens(new Event.PathChanged());
        }
    }
}
