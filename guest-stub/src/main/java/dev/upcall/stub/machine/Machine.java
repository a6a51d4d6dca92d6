package dev.upcall.stub.machine;

import dev.upcall.proto.guest.CpuModel;
import dev.upcall.proto.message.Operation;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

/// What carries requests out: a kernel that is only a model ([GuestMachine]), or a real one.
///
/// Feed it in the order of time: [#begin] when a connection has read a request, [#advance] when
/// [#wakeAt] has come or it has waked its owner ([MachinePlan#start]). Closing a connection stops
/// nothing: its completion still comes out.
///
/// Confined to one thread, whatever threads a real one has of its own.
public interface Machine extends AutoCloseable {

    /// What the patched kernels serve, all of them.
    Set<Operation> EVERY_OPERATION = Set.of(
            Operation.ADD_CPU,
            Operation.DEL_CPU,
            Operation.ADD_MMIO,
            Operation.DEL_MMIO,
            Operation.ADD_PCI,
            Operation.DEL_PCI);

    /// How CPUs are named in requests.
    CpuModel cpuModel();

    /// What an opening is told; at most 16 bytes.
    String architecture();

    /// What it has a handler for; anything else is −1, whatever its load.
    default Set<Operation> operations() {
        return EVERY_OPERATION;
    }

    /// The kernel's own boot id; empty when it has none and its agent must make one up.
    Optional<UUID> bootId();

    /// `one` is told of every change from now on, while it is advanced or begins something: it must not
    /// call back.
    void watch(Consumer<? super MachineChange> one);

    /// `connection` has read `request` at `now`.
    ///
    /// @throws IllegalArgumentException when the request is of the other architecture
    Began begin(long connection, GuestRequest request, Quirks quirks, long now);

    /// Everything that has ended up to `now`, in the order in which it did.
    List<Completion> advance(long now);

    /// When [#advance] will have something to do; empty while only a request can change anything.
    OptionalLong wakeAt();

    /// The guest boots anew, if it is one that can be told to.
    ///
    /// @throws IllegalStateException when it cannot
    void reboot();

    /// The guest has removed the device its connections run over: it hears nothing and says nothing
    /// until it boots.
    boolean wireCut();

    /// What it has now.
    Contents contents();

    /// The machine as it is, for people and for tests.
    MachineDump dump();

    /// Nobody asks it any more. Idempotent.
    @Override
    default void close() throws IOException {}
}
