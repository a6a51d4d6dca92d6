package dev.upcall.client.cli;

import dev.upcall.proto.extension.EventNotify;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `upcall event send`.
@Command(name = "event", description = "Tell an extended guest something.")
final class EventCommand {
    private EventCommand() {}

    static void addTo(CommandLine top, Program program) {
        CommandLine event = new CommandLine(new EventCommand());
        top.addSubcommand(event);
        event.addSubcommand(new Send(program));
    }

    /// Where the event's bytes come from.
    static final class Detail {
        @Parameters(
                index = "0",
                paramLabel = "TEXT",
                description = "The event, as UTF-8; at most " + EventNotify.DETAIL_BYTES_MAX + " bytes.")
        @Nullable
        String text;

        @Option(names = "--file", paramLabel = "FILE", description = "The event's bytes are in this file; - is stdin.")
        @Nullable
        Path file;

        byte[] read(InputStream stdin) throws Failure {
            String chosen = text;
            byte[] bytes = chosen != null ? chosen.getBytes(StandardCharsets.UTF_8) : fileBytes(stdin);
            if (bytes.length > EventNotify.DETAIL_BYTES_MAX) {
                throw Failure.usage("event: expected at most " + EventNotify.DETAIL_BYTES_MAX + " bytes, found "
                        + (file == null ? String.valueOf(bytes.length) : "more") + ": send less");
            }
            return bytes;
        }

        /// One byte more than may be shows that there is too much, however long the file is.
        private byte[] fileBytes(InputStream stdin) throws Failure {
            Path path = file;
            if (path == null) {
                throw new IllegalStateException("the command line asks for a text or a file");
            }
            boolean fromStdin = path.toString().equals("-");
            try (InputStream in = fromStdin ? stdin : Files.newInputStream(path)) {
                return in.readNBytes(EventNotify.DETAIL_BYTES_MAX + 1);
            } catch (IOException e) {
                throw Failure.usage("--file: cannot read " + path + ": " + Syntax.reason(e));
            }
        }
    }

    @Command(
            name = "send",
            description = {
                "Send the guest an application's event, and wait until it has it.",
                "A stock guest knows no events: exit code 1."
            },
            footer = {"", "Example: upcall -t hvsock:///run/vm.sock event send 'backup begins'"})
    static final class Send implements Callable<Integer> {
        private final Program program;

        @ArgGroup(multiplicity = "1")
        Detail detail = new Detail();

        Send(Program program) {
            this.program = program;
        }

        @Override
        public Integer call() throws Failure {
            byte[] bytes = detail.read(program.surroundings().in());
            GuestSettings settings = program.settings();
            try (Guest guest = Guest.connect(program, settings)) {
                guest.send(bytes);
                program.printer()
                        .print(Report.of("the guest has the event of " + bytes.length + " bytes")
                                .with("command", "event send")
                                .with("target", settings.requireTarget().toString())
                                .with("bytes", bytes.length));
            }
            return ExitCode.DONE.code();
        }
    }
}
