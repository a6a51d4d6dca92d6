package dev.upcall.e2e.simulation.extended;

import static dev.upcall.e2e.simulation.extended.Climate.SECOND;

import dev.upcall.e2e.simulation.Broken;
import dev.upcall.e2e.simulation.Devices;
import dev.upcall.proto.extension.DeviceReference;
import dev.upcall.proto.extension.Feature;
import dev.upcall.proto.extension.inventory.Inventory;
import dev.upcall.proto.extension.liveness.Attachment;
import dev.upcall.proto.extension.service.ClientState;
import dev.upcall.proto.guest.CpuModel;
import dev.upcall.proto.guest.CpuPicture;
import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.session.Event;
import dev.upcall.proto.session.State;
import dev.upcall.proto.session.extended.Extended;
import dev.upcall.proto.session.extended.Wish;
import dev.upcall.proto.session.request.Outcome;
import dev.upcall.proto.session.request.SendTerms;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What must come true once the faults have stopped: everybody is connected and bound again, every request
/// and wish has ended, no event is left over, and what clients believe is what the guest has.
final class Calm {

    /// Longer than everything a session may wait for after the last fault.
    private static final long MAX = 3_600 * SECOND;

    private static final int STEPS_MAX = 200_000;

    /// Once a second, until the last end of a connection has been noticed.
    private static final int ASKED_MAX = 200;

    private final ExtendedSimulation world;

    Calm(ExtendedSimulation world) {
        this.world = world;
    }

    void check() {
        world.calm = true;
        world.trail.note(world.now, "calm", "");
        world.guest.live().vmm().addPci(List.of(Devices.DISK));
        world.misfortune.end();
        for (Host host : world.hosts) {
            host.listener.hold(false);
            if (host.session.state() instanceof State.Init) {
                host.happens(new Event.Started());
            }
            if (host.wire != null && !host.wire.isOpen()) {
                host.wire.mends();
            }
        }
        rest(world::isOver, "the faults do not end");
        rest(this::isAtRest, "came to no rest");
        for (Host host : world.hosts) {
            if (host.session.state() instanceof State.GivenUp && !mayHaveGivenUp()) {
                throw new Broken("host " + host.number + " gave up although it never should");
            }
            if (!host.isOver()) {
                binds(host);
                answers(host);
            }
        }
        rest(this::isDrained, "events are left over");
        for (Host host : world.hosts) {
            if (!host.isOver()) {
                believes(host);
            }
            host.happens(new Event.CloseAsked());
            if (host.session.nextDeadline() != Long.MAX_VALUE || host.wire != null) {
                throw new Broken("closed, but " + host.session);
            }
            if (!host.promises.open().isEmpty() || !host.letters.areAnswered()) {
                throw new Broken("closed, but open: " + host.promises.open() + host.letters);
            }
            host.promises.audit();
        }
    }

    private void rest(BooleanSupplier done, String complaint) {
        long start = world.now;
        int first = world.steps();
        while (!done.getAsBoolean() && !world.hosts.stream().allMatch(Host::isOver)) {
            if (world.now - start > MAX || world.steps() - first > STEPS_MAX) {
                throw new Broken(complaint + ": "
                        + (world.guest.isExtended() ? world.guest.agent().clients() : "stock guest") + "; "
                        + world.hosts.stream().map(Calm::text).collect(Collectors.joining("; ")));
            }
            world.moveOn();
        }
    }

    private boolean isAtRest() {
        return world.hosts.stream()
                .allMatch(host -> host.isOver()
                        || (host.session.state() instanceof State.Connected
                                && host.session.queueLength() == 0
                                && host.promises.open().isEmpty()
                                && host.letters.areAnswered()));
    }

    private boolean mayHaveGivenUp() {
        return world.climate.attemptsMax() < Integer.MAX_VALUE;
    }

    /// Under MANUAL it waits until everything is unregistered; then the next proof of life binds.
    private void binds(Host host) {
        host.happens(new Event.Wished(new Wish.UnregisterAll()));
        if (isTakenForStock(host)) {
            world.tally.saw("taken for the stock guest it was before a voluntary reconnect");
            return;
        }
        if (world.climate.agrees(Feature.LIVENESS)) {
            rest(
                    () -> host.isOver() || attachment(host).binding() instanceof Attachment.Bound,
                    "host " + host.number + " is not bound");
        }
        if (attachment(host).binding() instanceof Attachment.Bound b
                && !b.epoch().equals(world.guest.epoch())) {
            throw new Broken("host " + host.number + " is bound to " + b + ", the guest is " + world.guest.epoch());
        }
    }

    /// A crashed connection looks like a living one until it is asked, so the first answers may be missing.
    private void answers(Host host) {
        SendTerms patient = new SendTerms(0, Duration.ofMinutes(10).toNanos(), false, false, false);
        for (int attempt = 0; attempt < 3; attempt++) {
            Asked asked = host.caller.ask(new Request.AddPci(Devices.DISK), patient);
            rest(this::isAtRest, "came to no rest after a last request");
            if (asked.ended instanceof Outcome.Done || host.isOver()) {
                return;
            }
        }
        throw new Broken("the guest is well and does not answer host " + host.number);
    }

    private boolean isDrained() {
        if (!world.climate.agrees(Feature.EVENTS)
                || !world.guest.isExtended()) { // then nobody is left who could have met it
            return true;
        }
        for (Host host : world.hosts) {
            Extended extended = host.session.extended();
            if (!host.isOver()
                    && extended != null
                    && !extended.events().sender().kept().isEmpty()) {
                return false;
            }
        }
        List<ClientState> connected = world.guest.agent().clients().stream()
                .filter(client -> client.connections() > 0)
                .toList();
        return connected.stream().allMatch(client -> client.eventsKept() == 0);
    }

    /// The client's picture against the guest.
    private void believes(Host host) {
        if (!world.climate.agrees(Feature.INVENTORY) || isTakenForStock(host)) {
            return;
        }
        if (host.picture().stale()) {
            throw new Broken("host " + host.number + " has opened its connection and believes in what was before");
        }
        // Doubts last while the guest still has an old connection of this client.
        @Nullable Inventory told = null;
        for (int attempt = 0; attempt < ASKED_MAX && !isSettled(host, told); attempt++) {
            long next = world.now + SECOND;
            world.agenda.at(next, () -> {});
            rest(() -> world.now >= next, "time stands still");
            host.letters.askInventory(world.now + 60 * SECOND);
            rest(() -> host.letters.areAnswered() || host.isOver(), "host " + host.number + " is told no inventory");
            told = host.letters.last;
        }
        if (told == null) {
            throw new Broken("host " + host.number + " is told no inventory");
        }
        CpuPicture picture = host.picture();
        Set<Integer> present = world.climate.profile().cpuModel() == CpuModel.COUNT
                ? present(world.guest.picture())
                : told.cpus().present().stream().map(ApicId::value).collect(Collectors.toSet());
        if (picture.stale() || !picture.inDoubt().isEmpty() || !present(picture).equals(present)) {
            throw new Broken("host " + host.number + " believes in CPUs " + picture + ", in truth " + present);
        }
        boolean bound = attachment(host).binding() instanceof Attachment.Bound;
        for (DeviceReference device : bound ? attachment(host).devices() : Set.<DeviceReference>of()) {
            boolean there = switch (device) {
                case DeviceReference.Cpu d -> present.contains(d.id().value());
                case DeviceReference.Mmio d ->
                    told.mmio().stream().anyMatch(m -> m.window().equals(d.window()));
                case DeviceReference.Pci d -> told.pci().contains(d.function());
                case DeviceReference.None _ -> false;
            };
            if (!there) {
                throw new Broken("host " + host.number + " has " + device + " bound and the guest has not: " + told);
            }
        }
    }

    /// A voluntary reconnect does not ask a stock guest again (§1): one that became an extended one meanwhile
    /// is asked after the next loss.
    private static boolean isTakenForStock(Host host) {
        return host.session.extended() != null
                && host.session.extended().stock()
                && host.session.state() instanceof State.Connected s
                && s.connection().attempt() == 0;
    }

    private static boolean isSettled(Host host, @Nullable Inventory told) {
        return host.isOver()
                || (told != null
                        && told.running() == 0
                        && host.picture().inDoubt().isEmpty());
    }

    private static Set<Integer> present(CpuPicture picture) {
        return picture.present().stream().map(ApicId::value).collect(Collectors.toSet());
    }

    private static Attachment attachment(Host host) {
        Extended extended = host.session.extended();
        if (extended == null) {
            throw new Broken("host " + host.number + " has no extensions");
        }
        return extended.attachment();
    }

    private static String text(Host host) {
        return "host " + host.number + " " + host.session.state() + ", open " + host.promises.open() + host.letters
                + (host.session.extended() == null
                        ? ""
                        : ", " + host.session.extended().attachment() + ", kept "
                                + host.session
                                        .extended()
                                        .events()
                                        .sender()
                                        .kept()
                                        .size());
    }
}
