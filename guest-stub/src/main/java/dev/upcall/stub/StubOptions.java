package dev.upcall.stub;

import dev.upcall.stub.listen.ListenTarget;
import dev.upcall.stub.machine.MachineConfig;
import dev.upcall.stub.mood.Mood;
import dev.upcall.stub.service.ServerObserver;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// What a running stub is made of. Start from [#of] and add.
///
/// @param machine the guest
/// @param listen where connections come from; none is right for in-process use
/// @param control where it listens for commands, if it does
/// @param moods it is in these from the start
/// @param observer told what happens, on the guest's thread
public record StubOptions(
        MachineConfig machine,
        List<ListenTarget> listen,
        Optional<Path> control,
        List<Mood> moods,
        ServerObserver observer) {

    public StubOptions {
        listen = List.copyOf(listen);
        moods = List.copyOf(moods);
    }

    public static StubOptions of(MachineConfig machine) {
        return new StubOptions(machine, List.of(), Optional.empty(), List.of(), ServerObserver.NONE);
    }

    /// @param targets as [ListenTarget#parse] reads them
    public StubOptions withListen(String... targets) {
        return withListen(List.of(targets).stream().map(ListenTarget::parse).toList());
    }

    public StubOptions withListen(List<ListenTarget> targets) {
        return new StubOptions(machine, targets, control, moods, observer);
    }

    public StubOptions withControl(Path path) {
        return new StubOptions(machine, listen, Optional.of(path), moods, observer);
    }

    public StubOptions withMoods(Mood... all) {
        return withMoods(List.of(all));
    }

    public StubOptions withMoods(List<Mood> all) {
        return new StubOptions(machine, listen, control, all, observer);
    }

    public StubOptions withObserver(ServerObserver one) {
        return new StubOptions(machine, listen, control, moods, one);
    }
}
