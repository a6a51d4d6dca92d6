package dev.upcall.e2e.simulation.extended;

import static dev.upcall.e2e.simulation.extended.Climate.MILLI;
import static dev.upcall.e2e.simulation.extended.Climate.SECOND;

import dev.upcall.e2e.simulation.Devices;
import dev.upcall.proto.extension.DeviceReference;
import dev.upcall.proto.extension.liveness.RemovalPolicy;
import dev.upcall.proto.guest.CpuModel;
import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.session.Event;
import dev.upcall.proto.session.extended.Wish;
import dev.upcall.proto.session.request.Pending;
import dev.upcall.proto.session.request.SendTerms;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;

/// Whoever uses a client: wishes this and that, changes its mind, says what it knows, listens well or badly.
final class Caller {

    private static final long[] RECOVERIES = {0, 10 * SECOND, 60 * SECOND, 600 * SECOND};

    private final Host host;
    private final ExtendedSimulation world;
    private final SplittableRandom random;

    Caller(Host host) {
        this.host = host;
        this.world = host.world;
        this.random = world.random;
    }

    /// Does one thing, and the next one when its time has come.
    void live() {
        if (world.calm || !world.hosts.contains(host)) {
            return;
        }
        int dice = random.nextInt(100);
        if (dice < 60) {
            // Who has filled the queue mostly waits.
            if (host.session.queueLength() < world.climate.queueMax() || random.nextInt(8) == 0) {
                ask(request(), terms());
            }
        } else if (dice < 66) {
            cancel();
        } else if (dice < 70) {
            givePicture();
        } else if (dice < 82) {
            host.letters.write();
        } else if (dice < 87) {
            host.letters.askInventory(world.now + world.around(10 * SECOND));
        } else if (dice < 90) {
            choosePolicy();
        } else if (dice < 93) {
            unregister();
        } else if (dice < 95) {
            hold(random.nextBoolean());
        } else {
            host.listener.take();
        }
        world.agenda.at(world.now + world.around(world.climate.pace()), this::live);
    }

    Asked ask(Request request, SendTerms terms) {
        long wait = random.nextInt(4) == 0 ? world.around(100 * MILLI) : world.around(60 * SECOND);
        Asked asked = new Asked(host.promises.all().size() + 1, request, terms, world.now + wait);
        host.promises.asked(asked);
        host.happens(new Event.RequestSubmitted(new Pending(asked, request, terms, asked.sendBy)));
        return asked;
    }

    void givePicture() {
        host.happens(new Event.PictureGiven(world.guest.picture()));
    }

    void hold(boolean hold) {
        world.strikesByItself(Fault.EVENTS_HELD);
        host.listener.hold(hold);
    }

    private void cancel() {
        List<Asked> all = host.promises.all();
        if (!all.isEmpty()) {
            int recent = Math.min(all.size(), 6);
            Asked one = all.get(all.size() - 1 - random.nextInt(recent));
            boolean open = one.ended == null;
            host.happens(new Event.RequestCancelled(one));
            if (open && one.ended != null) {
                world.strikesByItself(Fault.CANCELLED);
            }
        }
    }

    private void choosePolicy() {
        world.strikesByItself(Fault.POLICY_CHANGED);
        host.happens(new Event.Wished(
                new Wish.ChoosePolicy(random.nextBoolean() ? RemovalPolicy.AUTO : RemovalPolicy.MANUAL)));
    }

    private void unregister() {
        if (host.session.extended() == null) {
            return;
        }
        List<DeviceReference> devices =
                List.copyOf(host.session.extended().attachment().devices());
        if (devices.isEmpty() || random.nextBoolean()) {
            host.happens(new Event.Wished(new Wish.UnregisterAll()));
        } else {
            host.happens(new Event.Wished(new Wish.Unregister(devices.get(random.nextInt(devices.size())))));
        }
    }

    private SendTerms terms() {
        return new SendTerms(
                random.nextInt(4) == 0 ? 1 + world.around(2 * SECOND) : 0,
                RECOVERIES[random.nextInt(RECOVERIES.length)],
                random.nextInt(12) == 0,
                false,
                random.nextBoolean());
    }

    private Request request() {
        return switch (random.nextInt(8)) {
            case 0, 1 -> counted() ? new Request.AddCpuCount(1 + random.nextInt(3)) : new Request.AddCpu(ids());
            case 2, 3 -> counted() ? new Request.DelCpuCount(1 + random.nextInt(3)) : new Request.DelCpu(ids());
            case 4 -> new Request.AddMmio(Devices.MMIO.get(random.nextInt(Devices.MMIO.size())));
            case 5 -> new Request.DelMmio(Devices.MMIO.get(random.nextInt(Devices.MMIO.size())));
            case 6 -> new Request.AddPci(Devices.FUNCTIONS.get(random.nextInt(Devices.FUNCTIONS.size())));
            default -> new Request.DelPci(Devices.FUNCTIONS.get(random.nextInt(Devices.FUNCTIONS.size())));
        };
    }

    private boolean counted() {
        return world.climate.profile().cpuModel() == CpuModel.COUNT;
    }

    private List<ApicId> ids() {
        List<ApicId> all = new ArrayList<>();
        for (int id = random.nextInt(8) == 0 ? 0 : 1; id <= world.climate.possible(); id++) {
            all.add(new ApicId(id));
        }
        Collections.shuffle(all, new Random(random.nextLong()));
        return all.subList(0, random.nextInt(3) == 0 ? Math.min(all.size(), 1 + random.nextInt(3)) : 1);
    }
}
