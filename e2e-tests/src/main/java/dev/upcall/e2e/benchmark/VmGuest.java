package dev.upcall.e2e.benchmark;

import dev.upcall.e2e.ProgramProcess;
import dev.upcall.e2e.Requirement;
import dev.upcall.e2e.SocketFolder;
import dev.upcall.e2e.vm.GuestVm;
import dev.upcall.e2e.vm.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A virtual machine with [the ports](ports.c) in it, behind somebody's vsock device.
///
/// The device shares its core with whoever measures; the emulated CPU has the other one.
final class VmGuest implements AutoCloseable {
    private static final Duration START_MAX = Duration.ofSeconds(60);
    private static final String PEER = "vhost-device-vsock";

    /// More streams than any row holds.
    private static final int STREAMS = 5000;

    private final SocketFolder folder;
    private final ProgramProcess backEnd;
    private final GuestVm vm;

    private VmGuest(SocketFolder folder, ProgramProcess backEnd, GuestVm vm) {
        this.folder = folder;
        this.backEnd = backEnd;
        this.vm = vm;
    }

    /// Throws [Row.SkippedException] where no guest can be booted.
    static void require() {
        Optional<String> missing = Requirement.QEMU.missing();
        if (missing.isPresent()) {
            throw new Row.SkippedException(missing.get());
        }
    }

    /// Behind `./upcall bridge`, as its launcher starts it.
    static VmGuest behindOurs(Workshop workshop, Path launcher) throws IOException {
        SocketFolder folder = SocketFolder.create();
        return start(
                workshop,
                folder,
                "bridge listens on ",
                List.of(
                        launcher.toString(),
                        "bridge",
                        "--vhost-user",
                        folder.file("vhost.sock").toString(),
                        "--cid",
                        "3",
                        "--listen",
                        "hvsock://" + folder.file("vm.sock"),
                        "--connections-max",
                        Integer.toString(STREAMS)));
    }

    /// Behind rust-vmm's back-end; empty where it is not installed.
    static Optional<VmGuest> behindPeer(Workshop workshop) throws IOException {
        boolean there = false;
        for (String place : System.getenv("PATH").split(":", -1)) {
            there |= Files.isExecutable(Path.of(place, PEER));
        }
        if (!there) {
            return Optional.empty();
        }
        SocketFolder folder = SocketFolder.create();
        String vm = "guest-cid=4,socket=" + folder.file("vhost.sock") + ",uds-path=" + folder.file("vm.sock");
        return Optional.of(start(workshop, folder, "", List.of(PEER, "--vm", vm)));
    }

    private static VmGuest start(Workshop workshop, SocketFolder folder, String ready, List<String> command)
            throws IOException {
        workshop.compileForGuest();
        ProgramProcess backEnd = new ProgramProcess(Workshop.pinned(Workshop.CLIENT_CORE, command));
        backEnd.start();
        try {
            Path socket = folder.file("vhost.sock");
            if (ready.isEmpty()) {
                awaitFile(socket);
            } else {
                backEnd.console().await("the back-end to listen", line -> line.startsWith(ready), START_MAX);
            }
            GuestVm vm = GuestVm.start(Machine.serving("ulimit -n 20000; exec ports vsock"), socket, folder);
            vm.awaitConsole("the guest's ports", 1, "ports 1");
            run(List.of("taskset", "-acp", Integer.toString(Workshop.OTHER_CORE), Long.toString(vm.pid())));
            return new VmGuest(folder, backEnd, vm);
        } catch (IOException | RuntimeException | AssertionError e) {
            backEnd.close();
            folder.close();
            throw e;
        }
    }

    /// The peer says nothing when it listens.
    private static void awaitFile(Path file) throws IOException {
        long deadline = System.nanoTime() + START_MAX.toNanos();
        while (!Files.exists(file)) {
            if (System.nanoTime() > deadline) {
                throw new IOException("expected " + file + " within " + START_MAX);
            }
            Thread.onSpinWait();
        }
    }

    private static void run(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            if (process.waitFor() != 0) {
                throw new IOException(String.join(" ", command) + " ended with " + process.exitValue());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /// Where programs say CONNECT.
    Path socket() {
        return folder.file("vm.sock");
    }

    /// Processor time of the back-end so far, in seconds.
    double cpuSeconds() throws IOException {
        // Behind the name in parentheses: the state, ten numbers, then utime and stime in ticks of 10 ms.
        String stat = Files.readString(Path.of("/proc", Long.toString(backEnd.pid()), "stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / 100.0;
    }

    /// What the back-end weighs now, in KiB.
    double rssKib() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc", Long.toString(backEnd.pid()), "status"))) {
            if (line.startsWith("VmRSS:")) {
                return Double.parseDouble(line.replaceAll("[^0-9]", ""));
            }
        }
        throw new IOException("no VmRSS of process " + backEnd.pid());
    }

    @Override
    public void close() {
        List<Runnable> ends = new ArrayList<>(List.of(vm::close, backEnd::close, folder::close));
        ends.forEach(Runnable::run);
    }
}
