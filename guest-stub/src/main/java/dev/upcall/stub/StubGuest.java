package dev.upcall.stub;

import dev.upcall.client.transport.GuestPort;
import dev.upcall.proto.message.PciFunction;
import dev.upcall.stub.control.ControlServer;
import dev.upcall.stub.listen.GuestThread;
import dev.upcall.stub.listen.InProcessPort;
import dev.upcall.stub.listen.ListenTarget;
import dev.upcall.stub.listen.Listener;
import dev.upcall.stub.machine.GuestMachine;
import dev.upcall.stub.mood.Mood;
import dev.upcall.stub.service.ServerDump;
import dev.upcall.stub.service.UpcallServer;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;

/// A guest that runs: a machine, its thread, and where it listens.
///
/// ```java
/// var options = StubOptions.of(MachineConfig.of(GuestProfile.KATA_6_12, 4)).withListen("hvsock:///run/vm.sock");
/// try (StubGuest guest = StubGuest.start(options)) {
///     guest.become(new Mood.Delay(500_000_000, Optional.empty()));
/// }
/// ```
///
/// Thread-safe; its methods wait for the guest's thread, which is never busy for long. For virtual time use
/// [UpcallServer] directly.
public final class StubGuest implements AutoCloseable {

    private final GuestThread thread;
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final List<String> listening = new ArrayList<>();
    private final CountDownLatch ended = new CountDownLatch(1);

    private StubGuest(GuestThread thread) {
        this.thread = thread;
    }

    /// Boots the guest and listens everywhere it shall; ready when this returns.
    ///
    /// @throws IOException in one sentence: where nobody can listen and why; nothing is left behind then
    public static StubGuest start(StubOptions options) throws IOException {
        UpcallServer server = new UpcallServer(new GuestMachine(options.machine()), options.observer());
        StubGuest guest = new StubGuest(new GuestThread(server));
        try {
            options.moods().forEach(guest::become);
            if (options.control().isPresent()) {
                guest.parts.push(
                        ControlServer.start(guest.thread, options.control().get()));
            }
            for (ListenTarget target : options.listen()) {
                Listener listener = target.start(guest.thread, guest.ended::countDown);
                guest.parts.push(listener);
                guest.listening.add(listener.target());
            }
            return guest;
        } catch (IOException e) {
            guest.close();
            throw e;
        }
    }

    /// The targets that can be dialled, in the order they were given.
    public List<String> listening() {
        return List.copyOf(listening);
    }

    /// The guest's port for a client in this process.
    public GuestPort port() {
        return new InProcessPort(thread);
    }

    public void become(Mood mood) {
        run((server, now) -> server.become(mood, now));
    }

    public void clearMoods() {
        run(UpcallServer::clearMoods);
    }

    public void addVcpus(Integer... ids) {
        run((server, _) -> server.machine().vmm().addVcpus(Arrays.asList(ids)));
    }

    public void removeVcpus(Integer... ids) {
        run((server, _) -> server.machine().vmm().removeVcpus(Arrays.asList(ids)));
    }

    /// @param functions like `00:04.0`
    public void addPci(String... functions) {
        run((server, _) -> server.machine().vmm().addPci(functionsOf(functions)));
    }

    public void removePci(String... functions) {
        run((server, _) -> server.machine().vmm().removePci(functionsOf(functions)));
    }

    /// The guest's administrator takes a CPU offline, or brings it back.
    ///
    /// @param number the CPU number, not the APIC id
    /// @throws IllegalStateException when the guest refuses, with the reason
    public void sysfsCpu(int number, boolean online) {
        thread.ask((server, now) -> server.machine().sysfsCpu(number, online, now))
                .ifPresent(why -> {
                    throw new IllegalStateException(why);
                });
    }

    public void reboot() {
        run(UpcallServer::reboot);
    }

    public ServerDump dump() {
        return thread.ask((server, _) -> server.dump());
    }

    /// Waits until [#close] is called, or the connection on standard input is over.
    public void awaitEnd() throws InterruptedException {
        ended.await();
    }

    /// Ends all connections and listeners and removes their files. Idempotent.
    @Override
    public void close() throws IOException {
        List<String> failures = new ArrayList<>();
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (Exception e) {
                failures.add(String.valueOf(e.getMessage()));
            }
        }
        thread.close();
        ended.countDown();
        if (!failures.isEmpty()) {
            throw new IOException(failures.stream().collect(Collectors.joining("; ")));
        }
    }

    /// What a caller does that wants no answer.
    @FunctionalInterface
    private interface Deed {
        void run(UpcallServer server, long now);
    }

    private void run(Deed deed) {
        thread.ask((server, now) -> {
            deed.run(server, now);
            return true;
        });
    }

    private static Collection<PciFunction> functionsOf(String... functions) {
        return Arrays.stream(functions).map(PciFunction::parse).toList();
    }
}
