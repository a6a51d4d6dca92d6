package dev.upcall.stub;

import dev.upcall.client.transport.GuestPort;
import dev.upcall.proto.extension.Bytes;
import dev.upcall.proto.extension.EventKind;
import dev.upcall.proto.message.PciFunction;
import dev.upcall.stub.control.ControlServer;
import dev.upcall.stub.listen.GuestThread;
import dev.upcall.stub.listen.InProcessPort;
import dev.upcall.stub.listen.ListenTarget;
import dev.upcall.stub.listen.Listener;
import dev.upcall.stub.machine.Machine;
import dev.upcall.stub.mood.Ending;
import dev.upcall.stub.mood.Mood;
import dev.upcall.stub.observe.ServerDump;
import dev.upcall.stub.service.UpcallServer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/// A guest that runs: a machine, its thread, and where it listens.
///
/// ```java
/// var options = StubOptions.of(MachineConfig.of(GuestProfile.KATA_6_12,
/// 4)).withListen("hvsock:///run/vm.sock");
/// try (StubGuest guest = StubGuest.start(options)) {
///     guest.become(new Mood.Delay(500_000_000, Optional.empty()));
/// }
/// ```
///
/// An extended guest is made with [StubOptions#withExtensions].
///
/// Thread-safe; its methods wait for the guest's thread, which is never busy for long. For virtual time use
/// [UpcallServer] directly.
public final class StubGuest implements AutoCloseable {

    /// A guest leaves within 500 ms; a machine under load gets some more.
    private static final Duration LEAVE_MAX = Duration.ofSeconds(5);

    private final GuestThread thread;
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final List<String> listening = new ArrayList<>();
    private final CountDownLatch ended = new CountDownLatch(1);

    private StubGuest(UpcallServer server, StubOptions options) {
        this.thread = new GuestThread(server, new GuestThread.Ends() {
            @Override
            public void crashed() {
                options.onCrash().run();
            }

            @Override
            public void left() {
                ended.countDown();
            }
        });
    }

    /// Boots the guest and listens everywhere it shall; ready when this returns.
    ///
    /// @throws IOException in one sentence: where nobody can listen and why; nothing is left behind then
    public static StubGuest start(StubOptions options) throws IOException {
        CompletableFuture<GuestThread> started = new CompletableFuture<>();
        Machine machine = options.machine().start(() -> {
            var _ = started.thenAccept(GuestThread::nudge);
        });
        StubGuest guest = new StubGuest(new UpcallServer(machine, options.observer(), options.extensions()), options);
        guest.parts.push(machine);
        started.complete(guest.thread);
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

    /// The guest boots anew without a word: another boot id, another epoch.
    public void reboot() {
        run(UpcallServer::reboot);
    }

    /// The guest's agent starts anew without a word: same boot id, another epoch.
    ///
    /// @throws IllegalStateException on a stock guest
    public void restart() {
        run(UpcallServer::restart);
    }

    /// The guest stops: no byte is read or written, and time goes on without it.
    public void pause() {
        run(UpcallServer::pause);
    }

    /// It goes on where it stood, in the same epoch.
    public void resume() {
        run(UpcallServer::resume);
    }

    /// All connections end without a word, and new ones too, before [#restart] or [#reboot].
    public void crash() {
        run(UpcallServer::crash);
    }

    /// A user event to every client, at most 512 bytes.
    ///
    /// @return false when too many wait for room already: come again
    /// @throws IllegalStateException on a stock guest
    /// @throws IllegalArgumentException when it is too long
    public boolean offerEvent(String text) {
        return offerEvents(List.of(Bytes.utf8(text))) == 1;
    }

    /// User events, in order, as many as there is room for.
    ///
    /// @return how many were taken: offer the rest later
    public int offerEvents(List<Bytes> details) {
        return thread.ask((server, now) -> {
            int taken = 0;
            while (taken < details.size() && server.userEvent(details.get(taken), now)) {
                taken++;
            }
            return taken;
        });
    }

    /// Ends in order: a terminal event, at most 500 ms for its acknowledgement, then all connections
    /// are closed and [#awaitEnd] returns. Waits for that. A stock guest only closes.
    ///
    /// @param kind a terminal one
    public void leave(EventKind kind) {
        run((server, now) -> server.leave(kind, Ending.CLOSES, now));
        try {
            if (!ended.await(LEAVE_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException("the guest has not left within " + LEAVE_MAX.toMillis() + " ms");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// As [#leave], and then [#restart] or [#reboot]. Does not wait.
    ///
    /// @param booted reboot
    public void restartInOrder(boolean booted) {
        run((server, now) -> server.leave(EventKind.RESTARTING, booted ? Ending.REBOOTS : Ending.RESTARTS, now));
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
