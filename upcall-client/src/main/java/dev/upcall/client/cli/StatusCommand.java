package dev.upcall.client.cli;

import dev.upcall.client.ExtensionStatus;
import dev.upcall.client.UpcallStatus;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/// `upcall status`: is the guest there, and what does this command line say of it?
@Command(
        name = "status",
        description = {
            "Connect, and say whether the guest can be asked, and what an extended guest says of itself.",
            "Plugs nothing; --extensions off sends no request at all."
        },
        footer = {"", "Example: upcall -t hvsock:///run/vm.sock status"})
final class StatusCommand implements Callable<Integer> {
    private final Program program;

    StatusCommand(Program program) {
        this.program = program;
    }

    @Override
    public Integer call() throws Failure {
        GuestSettings settings = program.settings();
        try (Guest connected = Guest.connect(program, settings)) {
            UpcallStatus status = connected.status();
            var time = connected.watcher().connectTime();
            String target = settings.requireTarget().toString();
            String said = "connected to " + target + " in " + Answers.millis(time) + "; rules of " + settings.profile()
                    + ", CPUs said to be present: " + status.picture();
            Report report = Report.of(status.extension()
                            .map(guest -> said + "\n" + text(guest))
                            .orElse(said))
                    .with("command", "status")
                    .with("target", target)
                    .with("state", status.state().label())
                    .with("connect_ms", Answers.millisNumber(time))
                    .with("kernel", settings.profile().id())
                    .with("present", Answers.numbers(status.picture().presentInSlotOrder()))
                    .with("extended", status.extension().isPresent());
            program.printer()
                    .print(status.extension().map(guest -> with(report, guest)).orElse(report));
        }
        return ExitCode.DONE.code();
    }

    private static String text(ExtensionStatus guest) {
        return "extended guest " + guest.product() + " on " + guest.architecture() + ", epoch " + guest.guestEpoch()
                + "\nfeatures " + guest.features() + "\nlast proof of life "
                + Answers.millis(guest.sinceProofOfLife()) + " ago";
    }

    private static Report with(Report report, ExtensionStatus guest) {
        return report.with("guest_epoch", guest.guestEpoch().toString())
                .with("boot_id", guest.bootId().toString())
                .with("product", guest.product())
                .with("architecture", guest.architecture())
                .with("features", List.of(guest.features().toString().split(" ")))
                .with("since_proof_of_life_ms", Answers.millisNumber(guest.sinceProofOfLife()));
    }
}
