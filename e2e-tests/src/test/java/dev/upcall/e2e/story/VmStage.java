package dev.upcall.e2e.story;

import dev.upcall.e2e.Bridge;
import dev.upcall.e2e.ConsoleLog;
import dev.upcall.e2e.Repository;
import dev.upcall.e2e.Requirement;
import dev.upcall.e2e.SocketFolder;
import dev.upcall.e2e.vm.GuestVm;
import dev.upcall.e2e.vm.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.opentest4j.TestAbortedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where a VM and the bridge in front of it are played with. Both come when they are first asked for and stay for the
/// whole class, because a boot takes longer than a story; both leave after it whatever happened.
///
/// When a test failed its guest's whole console is kept in a file, the end of it is printed, and the next test gets
/// another VM: nobody knows what this one is like.
final class VmStage implements BeforeAllCallback, AfterEachCallback, AfterAllCallback {
    private static final Logger LOG = LoggerFactory.getLogger(VmStage.class);

    /// The guest's address. One VM at a time, and no other user of AF_VSOCK: any will do.
    private static final long CID = 3;

    /// How the bridge's lines about streams begin; their host port follows, and a colon.
    private static final String STREAM = "upcall: stream ";

    private static final int TAIL_LINES = 40;

    private final Machine machine;
    private final String[] bridgeFlags;
    private @Nullable SocketFolder folder;
    private @Nullable Bridge bridge;
    private @Nullable GuestVm vm;

    private VmStage(Machine machine, String... bridgeFlags) {
        this.machine = machine;
        this.bridgeFlags = bridgeFlags;
    }

    /// @param bridgeFlags further ones, of `upcall bridge`
    static VmStage with(Machine machine, String... bridgeFlags) {
        return new VmStage(machine, bridgeFlags);
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        Stage.require(context, Requirement.QEMU);
    }

    /// For sockets; the same for the whole class.
    SocketFolder folder() {
        SocketFolder there = folder;
        if (there == null) {
            there = SocketFolder.create();
            folder = there;
        }
        return there;
    }

    /// The bridge, started.
    Bridge bridge() {
        Bridge there = bridge;
        if (there == null) {
            there = Bridge.deviceAt(vhostSocket(), CID, folder(), bridgeFlags).start();
            bridge = there;
        }
        return there;
    }

    /// Where the host's programs say CONNECT.
    Path socket() {
        return bridge().socket();
    }

    /// The VM, booted: the one that is there, or a new one.
    GuestVm vm() {
        GuestVm there = vm;
        if (there == null) {
            bridge();
            there = GuestVm.start(machine, vhostSocket(), folder());
            vm = there;
        }
        return there;
    }

    /// Waits until the bridge has seen the end of every stream that was open: a guest confirms a little later.
    void awaitStreamsGone() {
        ConsoleLog console = bridge().console();
        List<String> opened = console.lines().stream()
                .filter(line -> line.startsWith(STREAM) && line.endsWith(" open"))
                .map(line -> line.substring(STREAM.length(), line.indexOf(':', STREAM.length()) + 1))
                .toList();
        for (String hostPort : opened) {
            console.await(
                    "the end of " + hostPort,
                    line -> line.startsWith(STREAM + hostPort) && line.contains(" closed: "),
                    Times.SOON);
        }
    }

    /// Power is cut.
    void killVm() {
        vm().kill();
        vm().close();
        vm = null;
    }

    private Path vhostSocket() {
        return folder().file("vhost.sock");
    }

    @Override
    public void afterEach(ExtensionContext context) throws IOException {
        boolean failed = context.getExecutionException()
                .filter(e -> !(e instanceof TestAbortedException))
                .isPresent();
        if (failed) {
            String name = context.getRequiredTestClass().getSimpleName() + "."
                    + context.getRequiredTestMethod().getName();
            if (bridge != null) {
                keep(name + ".bridge", bridge.console());
            }
            if (vm != null) {
                keep(name + ".console", vm.console());
            }
            leave();
        }
    }

    private static void keep(String name, ConsoleLog console) throws IOException {
        Path file = Repository.file("e2e-tests/target/guest-vm/failed/" + name);
        Files.createDirectories(file.getParent());
        List<String> lines = console.lines();
        Files.write(file, lines);
        LOG.info(
                "the end of {}:\n{}",
                file,
                String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size())));
    }

    @Override
    public void afterAll(ExtensionContext context) {
        leave();
        SocketFolder there = folder;
        if (there != null) {
            there.close();
        }
    }

    private void leave() {
        GuestVm machineThere = vm;
        vm = null;
        Bridge bridgeThere = bridge;
        bridge = null;
        try {
            if (machineThere != null) {
                machineThere.close();
            }
        } finally {
            if (bridgeThere != null) {
                bridgeThere.close();
            }
        }
    }
}
