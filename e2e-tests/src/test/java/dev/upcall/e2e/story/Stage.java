package dev.upcall.e2e.story;

import dev.upcall.client.ClientRuntime;
import dev.upcall.client.UpcallClient;
import dev.upcall.client.UpcallOptions;
import dev.upcall.client.transport.Target;
import dev.upcall.e2e.Bridge;
import dev.upcall.e2e.ClientDiary;
import dev.upcall.e2e.CompiledPeer;
import dev.upcall.e2e.ConsoleLog;
import dev.upcall.e2e.Guest;
import dev.upcall.e2e.Lodging;
import dev.upcall.e2e.Program;
import dev.upcall.e2e.Requirement;
import dev.upcall.e2e.SocketFolder;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.opentest4j.TestAbortedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where a story is played: whatever appears on it leaves when the test ends, last come, first gone, and when the
/// test failed everybody's console is printed.
///
/// Before that it looks whether this machine can play the story at all. If it cannot, the test is skipped with
/// the reason, or fails with it when `UPCALL_REQUIRE` says that it must be played.
final class Stage implements BeforeEachCallback, AfterEachCallback {
    private static final Logger LOG = LoggerFactory.getLogger(Stage.class);

    private final Lodging lodging;
    private final Set<Requirement> requirements;
    private final Deque<AutoCloseable> leaving = new ArrayDeque<>();
    private final List<Told> told = new ArrayList<>();

    private record Told(String who, Supplier<String> text) {}

    private Stage(Lodging lodging, Set<Requirement> requirements) {
        this.lodging = lodging;
        this.requirements = requirements;
    }

    /// A stage where guests and bridges live as said.
    static Stage with(Lodging lodging) {
        return new Stage(lodging, lodging == Lodging.CONTAINER ? Set.of(Requirement.DOCKER) : Set.of());
    }

    /// A stage of plain processes that needs more than Java.
    static Stage needing(Requirement... requirements) {
        return new Stage(Lodging.PROCESS, Set.of(requirements));
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        for (Requirement requirement : requirements) {
            require(context, requirement);
        }
    }

    /// Ends a story that lacks this.
    static void require(ExtensionContext context, Requirement requirement) {
        requirement.missing().ifPresent(why -> skip(context, requirement, why));
    }

    private static void skip(ExtensionContext context, Requirement requirement, String why) {
        LOG.info("missing: {}: {}", context.getRequiredTestClass().getSimpleName(), why);
        doWithout(requirement, why, System.getenv());
    }

    /// Ends a story that lacks something.
    ///
    /// @throws TestAbortedException which JUnit counts as skipped
    /// @throws AssertionError where the environment insists on the requirement
    static void doWithout(Requirement requirement, String why, Map<String, String> environment) {
        if (requirement.isInsistedOn(environment)) {
            throw new AssertionError(why + ", and " + Requirement.VARIABLE + " insists on it");
        }
        throw new TestAbortedException("skipped: " + why);
    }

    SocketFolder folder() {
        return leaves(SocketFolder.create());
    }

    /// A guest behind a hybrid socket, not started yet.
    ///
    /// @param flags of `upcall guest-stub`
    Guest guest(SocketFolder folder, String... flags) {
        return watched(leaves(Guest.behindHybrid(lodging, folder, flags)));
    }

    Guest guestAt(Target target, SocketFolder folder, String... flags) {
        return watched(leaves(Guest.at(target, lodging, folder, flags)));
    }

    Bridge bridge(Path guestPorts, SocketFolder folder) {
        Bridge bridge = leaves(Bridge.before(guestPorts, lodging, folder));
        tells("the bridge", bridge.console());
        return bridge;
    }

    /// A peer in C, started.
    Program peer(String name, Path socket) {
        Program peer = leaves(CompiledPeer.of(name, socket));
        tells(name + ".c", peer.console());
        peer.start();
        return peer;
    }

    UpcallClient client(Target target) {
        return client(target, UpcallOptions.DEFAULT, new ClientDiary());
    }

    UpcallClient client(Target target, UpcallOptions options, ClientDiary diary) {
        told.add(new Told("the diary of a client", diary::text));
        return leaves(UpcallClient.open(target, options, ClientRuntime.shared(), List.of(diary)));
    }

    /// Makes it leave when the test ends.
    <T extends AutoCloseable> T leaves(T someone) {
        leaving.push(someone);
        return someone;
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        if (context.getExecutionException().filter(Stage::isFailure).isPresent()) {
            for (Told each : told) {
                LOG.info(
                        "{} of the story that failed:\n{}",
                        each.who(),
                        each.text().get());
            }
        }
        while (!leaving.isEmpty()) {
            leaving.pop().close();
        }
    }

    private static boolean isFailure(Throwable end) {
        return !(end instanceof TestAbortedException);
    }

    private Guest watched(Guest guest) {
        tells("the guest", guest.console());
        return guest;
    }

    private void tells(String who, ConsoleLog console) {
        told.add(new Told(who, console::text));
    }
}
