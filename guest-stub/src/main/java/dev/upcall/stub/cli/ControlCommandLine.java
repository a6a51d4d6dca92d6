package dev.upcall.stub.cli;

import dev.upcall.proto.hybrid.Escaped;
import dev.upcall.stub.control.ControlClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `upcall guest-stub control PATH WORDS…`
@Command(
        name = "control",
        mixinStandardHelpOptions = true,
        versionProvider = GuestStub.Version.class,
        description = "Sends one command to a running stub and prints its answer, one line of JSON.",
        footer = {
            "",
            "Commands:",
            "  mood NAME [ARGS] | mood clear     the table of moods is in guest-stub --help",
            "  vcpu add|remove IDS               vCPUs that appear in the VMM, or vanish",
            "  pci add|remove FUNCTIONS          PCI functions likewise",
            "  cpu offline|online N              the guest's own sysfs, CPU number N",
            "  event TEXT                        an application's event to every client (extended guests)",
            "  needs-reset DEVICE                a device has failed: cpu:2, mmio:0xd0000000+0x1000, pci:00:04.0",
            "  config-changed [DEVICE]           its configuration, or the guest's, is another one",
            "  pause | resume                    the guest stops, and goes on where it stood",
            "  restart [orderly]                 its agent starts anew: same boot, another epoch",
            "  reboot [orderly]                  the guest boots anew; orderly: behind a terminal event",
            "  crash                             the stub is gone without a word",
            "  exit [app-exit|vm-shutdown]       it ends in order",
            "  dump                              the whole machine as JSON",
            "",
            "An agent with --machine linux knows event, pause, resume, restart, crash, exit and dump; what plays a guest's bad",
            "days or its VMM it refuses.",
            "",
            "Examples:",
            "  upcall guest-stub control /tmp/vm.ctl vcpu add 2-3",
            "  upcall guest-stub control /tmp/vm.ctl cpu offline 1",
            "  upcall guest-stub control /tmp/vm.ctl event 'disk is full'"
        })
final class ControlCommandLine implements Callable<Integer> {

    @Parameters(index = "0", paramLabel = "PATH", description = "The stub's --control socket.")
    private String path = "";

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "WORDS", description = "The command.")
    private List<String> words = new ArrayList<>();

    @Override
    public Integer call() throws IOException {
        String line = String.join(" ", words);
        if (line.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    "a command has no control characters, found \"" + Escaped.text(line) + "\"");
        }
        String answer = ControlClient.ask(GuestStub.path(path), line);
        System.out.println(answer);
        return (ControlClient.isOk(answer) ? ExitCode.OK : ExitCode.USAGE).number();
    }
}
