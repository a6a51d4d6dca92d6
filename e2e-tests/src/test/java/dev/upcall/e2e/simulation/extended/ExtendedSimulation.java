package dev.upcall.e2e.simulation.extended;

import static dev.upcall.e2e.simulation.extended.Climate.MILLI;

import dev.upcall.e2e.simulation.Agenda;
import dev.upcall.e2e.simulation.Broken;
import dev.upcall.e2e.simulation.Devices;
import dev.upcall.e2e.simulation.Trail;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.message.MmioDevice;
import dev.upcall.proto.session.Event;
import dev.upcall.stub.machine.MachineConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/// One run: clients with whole sessions, their wires, and an extended guest, in virtual time, first in a
/// storm, then in a calm. Not thread-safe; runs share nothing.
final class ExtendedSimulation {

    private static final int TRAIL = Integer.getInteger("upcall.extended.trail", 24);

    final SplittableRandom random;
    final Climate climate;
    final Agenda agenda = new Agenda();
    final Trail trail = new Trail(TRAIL);
    final Tally tally = new Tally();
    final ExtendedGuest guest;
    final List<Host> hosts = new ArrayList<>();
    final Misfortune misfortune;
    long now;
    boolean calm;
    private final List<Host> retired = new ArrayList<>();
    private int steps;
    private int aftermaths;

    ExtendedSimulation(long seed) {
        random = new SplittableRandom(seed);
        climate = Climate.of(random);
        guest = new ExtendedGuest(this, config());
        misfortune = new Misfortune(this);
        for (int i = 0; i < climate.hosts(); i++) {
            hosts.add(host());
        }
    }

    /// Runs to the end.
    ///
    /// @throws Broken when an invariant does not hold
    void run() {
        for (Host host : hosts) {
            begin(host);
        }
        agenda.at(around(climate.gloom()), misfortune::turn);
        while (steps < climate.steps()) {
            moveOn();
        }
        new Calm(this).check();
        for (Host host : retired) {
            host.promises.audit();
        }
    }

    /// A client ends without a word to anybody, and another one takes its place.
    void replace(Host gone) {
        Host next = host();
        hosts.set(hosts.indexOf(gone), next);
        retired.add(gone);
        gone.happens(new Event.CloseAsked());
        begin(next);
    }

    private Host host() {
        return new Host(this, hosts.size() + retired.size() + 1, new Epoch(random.nextLong() | 1));
    }

    private void begin(Host host) {
        agenda.at(now + around(climate.pace()), () -> host.happens(new Event.Started()));
        agenda.at(now + around(climate.pace()), host.caller::live);
    }

    // ------------------------------------------------------------------ time

    /// What a fault has left to happen. Only when all of it has happened the faults are over.
    void aftermath(long at, Runnable what) {
        aftermaths++;
        agenda.at(at, () -> {
            aftermaths--;
            what.run();
        });
    }

    boolean isOver() {
        return aftermaths == 0;
    }

    int steps() {
        return steps;
    }

    void moveOn() {
        steps++;
        long next = Math.min(agenda.next(), guest.wakeAt());
        Host due = null;
        for (Host host : hosts) {
            if (host.nextDeadline() < next) {
                next = host.nextDeadline();
                due = host;
            }
        }
        if (next == Long.MAX_VALUE) {
            throw new Broken("nothing will ever happen");
        }
        now = Math.max(now, next);
        if (guest.wakeAt() <= now) {
            guest.advance();
        } else if (agenda.next() <= now) {
            agenda.runNext();
        } else if (due != null) {
            boolean late = strikes(Fault.LATE_TIMER);
            due.timerLate = late ? around(20 * MILLI) : 0;
            due.happens(new Event.TimePassed());
        }
    }

    /// Somewhere around so many nanoseconds, rarely far away.
    long around(long mean) {
        return (long) (-Math.log(1 - random.nextDouble()) * mean);
    }

    long latency() {
        return calm ? climate.latency() : around(climate.latency());
    }

    /// From a tenth of a second to two minutes.
    long longWhile() {
        return (long) (100 * MILLI * Math.pow(1_200, random.nextDouble()));
    }

    // ------------------------------------------------------------------ faults

    /// Whether this fault strikes here and now; counted then.
    boolean strikes(Fault fault) {
        return strikes(fault, 1000);
    }

    boolean strikesOf100(Fault fault) {
        return strikes(fault, 100);
    }

    void strikesByItself(Fault fault) {
        tally.fault(fault);
    }

    private boolean strikes(Fault fault, int of) {
        int inclination = climate.inclination(fault);
        if (calm || inclination == 0 || random.nextInt(of) >= inclination * 3) {
            return false;
        }
        tally.fault(fault);
        return true;
    }

    private MachineConfig config() {
        List<Integer> ids = IntStream.range(0, climate.possible()).boxed().toList();
        List<Integer> vcpus =
                ids.stream().filter(id -> id == 0 || random.nextInt(4) != 0).toList();
        List<Integer> booted = ids.subList(0, 1 + random.nextInt(climate.possible()));
        return MachineConfig.of(climate.profile(), climate.possible())
                .withVcpus(vcpus)
                .withBootCpus(booted)
                .withPci(List.of(Devices.VSOCK, Devices.DISK), Optional.of(Devices.VSOCK))
                .withMmioDevices(List.of(MmioDevice.of(0xd0005000L, 0x1000, 9)));
    }
}
