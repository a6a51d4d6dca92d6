package dev.upcall.stub;

import dev.upcall.stub.agent.Extensions;
import dev.upcall.stub.listen.ListenTarget;
import dev.upcall.stub.machine.MachinePlan;
import dev.upcall.stub.mood.Mood;
import dev.upcall.stub.observe.ServerObserver;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// What a running stub is made of. Start from [#of] and add.
///
/// @param machine the guest: a model, or the kernel that runs
/// @param listen where connections come from; none is right for in-process use
/// @param control where it listens for commands, if it does
/// @param moods it is in these from the start
/// @param observer told what happens, on the guest's thread
/// @param extensions what makes it an extended guest; empty for a stock one
/// @param onCrash what a crash of the guest does besides ending its connections; run on the guest's thread
public record StubOptions(
        MachinePlan machine,
        List<ListenTarget> listen,
        Optional<Path> control,
        List<Mood> moods,
        ServerObserver observer,
        Optional<Extensions> extensions,
        Runnable onCrash) {

    public StubOptions {
        listen = List.copyOf(listen);
        moods = List.copyOf(moods);
    }

    public static StubOptions of(MachinePlan machine) {
        return new StubOptions(
                machine, List.of(), Optional.empty(), List.of(), ServerObserver.NONE, Optional.empty(), () -> {});
    }

    /// @param targets as [ListenTarget#parse] reads them
    public StubOptions withListen(String... targets) {
        return withListen(List.of(targets).stream().map(ListenTarget::parse).toList());
    }

    public StubOptions withListen(List<ListenTarget> targets) {
        return new StubOptions(machine, targets, control, moods, observer, extensions, onCrash);
    }

    public StubOptions withControl(Path path) {
        return new StubOptions(machine, listen, Optional.of(path), moods, observer, extensions, onCrash);
    }

    public StubOptions withMoods(Mood... all) {
        return withMoods(List.of(all));
    }

    public StubOptions withMoods(List<Mood> all) {
        return new StubOptions(machine, listen, control, all, observer, extensions, onCrash);
    }

    public StubOptions withObserver(ServerObserver one) {
        return new StubOptions(machine, listen, control, moods, one, extensions, onCrash);
    }

    /// Makes it an extended guest.
    public StubOptions withExtensions(Extensions some) {
        return withExtensions(Optional.of(some));
    }

    public StubOptions withExtensions(Optional<Extensions> some) {
        return new StubOptions(machine, listen, control, moods, observer, some, onCrash);
    }

    /// A crash shall do this besides ending all connections: a process of its own is halted.
    public StubOptions withOnCrash(Runnable one) {
        return new StubOptions(machine, listen, control, moods, observer, extensions, one);
    }
}
