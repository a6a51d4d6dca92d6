package dev.upcall.e2e.simulation;

import static dev.upcall.e2e.simulation.Weather.MILLI;
import static dev.upcall.e2e.simulation.Weather.SECOND;

import dev.upcall.proto.guest.CpuModel;
import dev.upcall.proto.guest.CpuPicture;
import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.session.Event;
import dev.upcall.proto.session.request.Pending;
import dev.upcall.proto.session.request.SendTerms;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;

/// Whoever uses the session: a VMM that wishes this and that, changes its mind, and says what it knows.
final class Embedder {

    private static final long[] RECOVERIES = {0, 0, 10 * SECOND, 60 * SECOND, 600 * SECOND};

    private final Simulation world;
    private final SplittableRandom random;
    private final Weather weather;

    Embedder(Simulation world) {
        this.world = world;
        this.random = world.random;
        this.weather = world.weather;
    }

    /// Does one thing, and the next one when its time has come.
    void live() {
        if (world.calm) {
            return;
        }
        int dice = random.nextInt(1000);
        if (dice < 780) {
            // Who has filled the queue mostly waits.
            if (world.queueLength() < weather.queueMax() || random.nextInt(8) == 0) {
                wish();
            }
        } else if (dice < 860) {
            cancel();
        } else if (dice < 996 || !weather.closing()) {
            givePicture();
        } else {
            world.happens(new Event.CloseAsked());
        }
        world.agenda.at(world.now + world.around(weather.pace()), this::live);
    }

    void wish() {
        ask(request(), terms());
    }

    Asked ask(Request request, SendTerms terms) {
        long wait = random.nextInt(4) == 0 ? world.around(100 * MILLI) : world.around(60 * SECOND);
        Asked asked = new Asked(world.ledger.all().size() + 1, request, terms, world.now + wait);
        world.ledger.asked(asked);
        world.happens(new Event.RequestSubmitted(new Pending(asked, request, terms, asked.sendBy)));
        return asked;
    }

    void givePicture() {
        CpuPicture picture = world.guest.picture();
        if (weather.mistaken() && random.nextInt(3) == 0) {
            picture = mistaken();
        }
        world.happens(new Event.PictureGiven(picture));
    }

    private void cancel() {
        List<Asked> all = world.ledger.all();
        if (!all.isEmpty()) {
            int recent = Math.min(all.size(), 6);
            world.happens(new Event.RequestCancelled(all.get(all.size() - 1 - random.nextInt(recent))));
        }
    }

    private SendTerms terms() {
        return new SendTerms(
                random.nextInt(4) == 0 ? world.around(2 * SECOND) : 0,
                RECOVERIES[random.nextInt(RECOVERIES.length)],
                random.nextInt(12) == 0,
                weather.reckless() && random.nextInt(10) == 0,
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
        return weather.profile().cpuModel() == CpuModel.COUNT;
    }

    private List<ApicId> ids() {
        List<ApicId> all = new ArrayList<>();
        for (int id = random.nextInt(8) == 0 ? 0 : 1; id <= weather.possible(); id++) {
            all.add(new ApicId(id));
        }
        Collections.shuffle(all, new Random(random.nextLong()));
        return all.subList(0, random.nextInt(3) == 0 ? Math.min(all.size(), 1 + random.nextInt(3)) : 1);
    }

    private CpuPicture mistaken() {
        List<ApicId> some = new ArrayList<>(List.of(ApicId.BOOT));
        for (ApicId id : ids()) {
            if (!some.contains(id)) {
                some.add(id);
            }
        }
        return CpuPicture.of(some).withPossible(weather.possible() + some.size());
    }
}
