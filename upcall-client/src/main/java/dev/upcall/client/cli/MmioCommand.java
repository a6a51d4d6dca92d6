package dev.upcall.client.cli;

import dev.upcall.proto.message.MmioDevice;
import dev.upcall.proto.message.Request;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `upcall mmio add|del`.
@Command(name = "mmio", description = "Add and remove virtio-mmio devices.")
final class MmioCommand {
    private MmioCommand() {}

    static void addTo(CommandLine top, Program program) {
        CommandLine mmio = new CommandLine(new MmioCommand());
        top.addSubcommand(mmio);
        mmio.addSubcommand(new Add(program));
        mmio.addSubcommand(new Del(program));
    }

    /// The three numbers that name a device.
    static final class Device {
        @Option(names = "--base", required = true, paramLabel = "ADDR", description = "First address of its registers.")
        String base = "";

        @Option(names = "--size", required = true, paramLabel = "BYTES", description = "Size of its registers.")
        String size = "";

        @Option(names = "--irq", required = true, paramLabel = "N", description = "Its interrupt; 5 may be shared.")
        String irq = "";

        MmioDevice read() throws Failure {
            try {
                return MmioDevice.of(
                        Syntax.address("--base", base),
                        Syntax.address("--size", size),
                        Syntax.integer("--irq", irq, 1, Integer.MAX_VALUE));
            } catch (IllegalArgumentException e) {
                throw Failure.usage("--base, --size: " + e.getMessage());
            }
        }
    }

    @Command(
            name = "add",
            description = "Register a device. Success says that the guest knows it, not that a driver works.",
            footer = {"", "Example: upcall mmio add --base 0xd0000000 --size 0x1000 --irq 6"})
    static final class Add implements Callable<Integer> {
        private final Program program;

        @Mixin
        Device device = new Device();

        Add(Program program) {
            this.program = program;
        }

        @Override
        public Integer call() throws Failure {
            GuestSettings settings = program.settings();
            return new Hotplugging(program, settings).run(new Request.AddMmio(device.read()), false);
        }
    }

    @Command(
            name = "del",
            description = "Remove a device; base, size and IRQ must be exactly those it was added with.",
            footer = {"", "Example: upcall mmio del --base 0xd0000000 --size 0x1000 --irq 6"})
    static final class Del implements Callable<Integer> {
        private final Program program;

        @Mixin
        Device device = new Device();

        Del(Program program) {
            this.program = program;
        }

        @Override
        public Integer call() throws Failure {
            GuestSettings settings = program.settings();
            return new Hotplugging(program, settings).run(new Request.DelMmio(device.read()), false);
        }
    }
}
