package dev.upcall.client.cli;

import dev.upcall.client.UpcallStatus;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/// `upcall status`: is the guest there, and what does this command line say of it?
@Command(
        name = "status",
        description = "Connect, and say whether the guest can be asked. Sends no request.",
        footer = {"", "Example: upcall -t hvsock:///run/vm.sock status"})
final class StatusCommand implements Callable<Integer> {
    private final Program program;

    StatusCommand(Program program) {
        this.program = program;
    }

    @Override
    public Integer call() throws Failure {
        GuestSettings settings = program.settings();
        try (Guest guest = Guest.connect(program, settings)) {
            UpcallStatus status = guest.status();
            var time = guest.watcher().connectTime();
            String target = settings.requireTarget().toString();
            program.printer()
                    .print(Report.of("connected to " + target + " in " + Answers.millis(time) + "; rules of "
                                    + settings.profile() + ", CPUs said to be present: " + status.picture())
                            .with("command", "status")
                            .with("target", target)
                            .with("state", status.state().label())
                            .with("connect_ms", Answers.millisNumber(time))
                            .with("kernel", settings.profile().id())
                            .with("present", Answers.numbers(status.picture().presentInSlotOrder())));
        }
        return ExitCode.DONE.code();
    }
}
