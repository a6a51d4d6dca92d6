package dev.upcall.stub.cli;

import dev.upcall.client.metrics.MetricsEndpoint;
import dev.upcall.proto.extension.EventKind;
import dev.upcall.proto.hybrid.Escaped;
import dev.upcall.stub.StubGuest;
import dev.upcall.stub.StubOptions;
import dev.upcall.stub.linux.LinuxPlan;
import dev.upcall.stub.listen.ListenTarget;
import dev.upcall.stub.machine.MachinePlan;
import dev.upcall.stub.metrics.MicrometerServerObserver;
import dev.upcall.stub.mood.Mood;
import dev.upcall.stub.mood.MoodSyntax;
import dev.upcall.stub.observe.BothObservers;
import dev.upcall.stub.observe.ServerObserver;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `upcall guest-stub`: answers like a real guest kernel until it is told to end.
@Command(
        name = "guest-stub",
        mixinStandardHelpOptions = true,
        versionProvider = GuestStub.Version.class,
        sortOptions = false,
        subcommands = ControlCommandLine.class,
        description = {
            "A guest without a guest: answers upcall requests like a real kernel, byte for byte, and on demand badly.",
            "Or, with --machine linux, the agent inside a real one: carries them out on the kernel it runs on.",
            ""
        },
        footer = {
            "",
            "Lists: ids like 0,2 or 0-3; PCI functions like 00:00.0,00:02.0; durations like 250ms or 10s.",
            "",
            "Moods (--mood, or at run time: control PATH mood ...):",
            "  delay D [op]   replies D late; op: connect, add-cpu, del-cpu, add-mmio, del-mmio, add-pci, del-pci",
            "  silent         nothing is read, nothing is sent",
            "  lose           the next request is run, its reply lost",
            "  cut N          the next frame ends behind N bytes, and the stream with it",
            "  reset          the next request's connection is closed abruptly, and the request not run",
            "  reboot N       answers N requests; the one after them makes the guest boot anew",
            "  refuse         new connections are closed without a word",
            "  split N [D]    frames leave in pieces of N bytes, D apart",
            "  crash [restart|reboot]  the next operation is run; in its reply's place the process is gone,",
            "                 or its agent or the guest starts anew",
            "  black-hole     what comes is swallowed, nothing leaves",
            "  old-dialect    the CONNECT frame is that of 2021",
            "  no-service     closes after the service byte",
            "  park D         hybrid: no OK for D, then closes",
            "  garbage-ok     hybrid: a line that is no OK",
            "",
            "Examples:",
            "  upcall guest-stub --listen hvsock:///tmp/vm.sock",
            "  upcall guest-stub --listen unix:///tmp/vm.sock --kernel kata-6.1 --vcpus 0-1 -v",
            "  upcall guest-stub --listen hvsock:///tmp/vm.sock --control /tmp/vm.ctl &",
            "  upcall guest-stub control /tmp/vm.ctl mood delay 2s add-cpu",
            "  upcall guest-stub control /tmp/vm.ctl dump",
            "  upcall guest-stub --listen unix:///tmp/vm.sock --metrics-listen 127.0.0.1:9465",
            "",
            "  upcall guest-stub --listen hvsock:///tmp/vm.sock --kernel extended",
            "",
            "Inside a guest with an unpatched kernel, as root:",
            "  guest-stub --machine linux --listen vsock://any:219",
            "  guest-stub --machine linux --listen vsock://any:219 --dry-run",
            "",
            "SIGTERM ends an extended guest in order: a terminal event, at most 500 ms for its acknowledgement.",
            "",
            "Exit codes: 0 done, 2 wrong usage, 70 cannot listen or nobody answers."
        })
public final class GuestStub implements Callable<Integer> {

    /// slf4j's own switch: the named provider is taken without looking for others.
    private static final String LOG_PROVIDER = "slf4j.provider";

    @Option(
            names = "--listen",
            paramLabel = "TARGET",
            description = "Where connections come from, may be given again: unix:///path (the port itself),"
                    + " hvsock:///path[:port] (a VMM's socket, port 219), vsock://any[:port], or stdio:.")
    private List<String> listen = new ArrayList<>();

    @Option(names = "--control", paramLabel = "PATH", description = "A socket for commands at run time.")
    private @Nullable String control;

    @Mixin
    private MachineArguments machine = new MachineArguments();

    @Mixin
    private LinuxArguments linux = new LinuxArguments();

    @Option(
            names = "--mood",
            paramLabel = "MOOD",
            description = "In a mood from the start, may be given again, like --mood 'delay 1s'.")
    private List<String> moods = new ArrayList<>();

    @Option(
            names = "--metrics-listen",
            paramLabel = "HOST:PORT",
            description = "Show Prometheus text at http://HOST:PORT/metrics; port 0 takes a free one.")
    private @Nullable String metricsListen;

    @Option(
            names = {"-v", "--verbose"},
            description = "Say on standard error what happens, as key=value events.")
    private boolean verbose;

    public static void main(String... args) {
        // What there is to say is said by the stub itself; the libraries' own logging stays quiet unless it is
        // configured.
        if (System.getProperty(LOG_PROVIDER) == null) {
            System.setProperty(LOG_PROVIDER, "org.slf4j.helpers.NOP_FallbackServiceProvider");
            System.setProperty("slf4j.internal.verbosity", "WARN");
        }
        System.exit(run(args));
    }

    /// The program without the exit. Returns when the stub is closed.
    static int run(String... args) {
        return new CommandLine(new GuestStub())
                .setExpandAtFiles(false)
                .setParameterExceptionHandler((e, _) -> complain(e, ExitCode.USAGE))
                .setExecutionExceptionHandler((e, _, _) ->
                        complain(e, e instanceof IllegalArgumentException ? ExitCode.USAGE : ExitCode.FAILED))
                .execute(args);
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        StubOptions options = options();
        String address = metricsListen;
        if (address == null) {
            return serve(options);
        }
        try (MetricsEndpoint metrics = MachineArguments.named("--metrics-listen", address, GuestStub::endpoint)) {
            System.err.println("metrics at http://" + metrics.address().getHostString() + ":"
                    + metrics.address().getPort() + "/metrics");
            return serve(options.withObserver(
                    new BothObservers(options.observer(), new MicrometerServerObserver(metrics.registry()))));
        }
    }

    private static int serve(StubOptions options) throws IOException, InterruptedException {
        boolean stdio = options.listen().stream().anyMatch(t -> t.socket().isEmpty());
        try (StubGuest guest = StubGuest.start(options)) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> leaveQuietly(guest), "leave"));
            // On standard output a client may be waiting for frames.
            PrintStream news = stdio ? System.err : System.out;
            guest.listening().forEach(target -> news.println("listening on " + target));
            news.flush();
            guest.awaitEnd();
        }
        return ExitCode.OK.number();
    }

    private StubOptions options() {
        if (listen.isEmpty()) {
            throw new IllegalArgumentException("--listen is missing: say where connections come from, for example"
                    + " --listen hvsock:///tmp/vm.sock");
        }
        List<ListenTarget> targets = listen.stream()
                .map(text -> MachineArguments.named("--listen", text, ListenTarget::parse))
                .toList();
        if (targets.stream().filter(t -> t.socket().isEmpty()).count() > 1) {
            throw new IllegalArgumentException("--listen: there is only one stdio:, found several");
        }
        List<Mood> all = moods.stream()
                .map(text -> MachineArguments.named(
                        "--mood", text, t -> MoodSyntax.parse(List.of(t.strip().split(" +")))))
                .toList();
        ServerObserver observer = verbose ? new LogLines(System.err) : ServerObserver.NONE;
        Optional<LinuxPlan> kernel = linux.plan(System.getProperty("os.arch"), GuestStub::note);
        return new StubOptions(
                kernel.<MachinePlan>map(plan -> plan).orElseGet(machine::config),
                targets,
                Optional.ofNullable(control).map(GuestStub::path),
                all,
                observer,
                kernel.map(plan -> LinuxArguments.extensions(plan, machine.extensionsWanted()))
                        .orElseGet(machine::extensions),
                () -> Runtime.getRuntime().halt(ExitCode.CRASHED.number()));
    }

    /// What a real guest's agent has to say; standard output may be a client's.
    private static void note(String line) {
        System.err.println("guest-stub: " + line);
    }

    private static MetricsEndpoint endpoint(String address) {
        try {
            return MetricsEndpoint.listen(address);
        } catch (IOException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /// @throws IllegalArgumentException in one sentence that quotes what was found
    static Path path(String text) {
        try {
            if (text.isEmpty() || text.chars().anyMatch(Character::isISOControl)) {
                throw new IllegalArgumentException("a socket path has no control characters and is not empty, found \""
                        + Escaped.text(text) + "\"");
            }
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("no such path can be: \"" + Escaped.text(text) + "\"", e);
        }
    }

    private static int complain(Exception e, ExitCode code) {
        StringBuilder safe = new StringBuilder();
        String.valueOf(e.getMessage())
                .codePoints()
                .forEach(c -> safe.append(
                        c < 0x20 || c == 0x7f ? Escaped.text(Character.toString(c)) : Character.toString(c)));
        System.err.println("guest-stub: " + safe);
        return code.number();
    }

    /// The process was told to end: the clients of an extended guest are told why.
    private static void leaveQuietly(StubGuest guest) {
        try (guest) {
            guest.leave(EventKind.APP_EXIT);
        } catch (IOException | IllegalStateException _) {
            // The process ends; nobody can be told.
        }
    }

    /// The jar's version.
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = GuestStub.class.getPackage().getImplementationVersion();
            return new String[] {"guest-stub " + (version == null ? "(not from a jar)" : version)};
        }
    }
}
