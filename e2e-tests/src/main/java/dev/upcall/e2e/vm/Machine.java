package dev.upcall.e2e.vm;

import java.util.ArrayList;
import java.util.List;

/// What one VM is made of, beside its vsock device.
///
/// @param memoryMb the initramfs lies in it twice while the guest boots, and a JVM runs in it
/// @param cpusMax how many CPUs can be plugged in; it boots with one
/// @param devices further `-device` arguments
/// @param serves a line of shell that the guest runs in the background from its boot on; empty for none
public record Machine(int memoryMb, int cpusMax, List<String> devices, String serves) {
    private static final int MEMORY_MB = 1024;

    /// What the kernel takes as its command line, at most; the rest would be cut off without a word.
    private static final int SERVES_CHARS_MAX = 1500;

    public Machine {
        devices = List.copyOf(devices);
        if (serves.indexOf('"') >= 0 || serves.length() > SERVES_CHARS_MAX) {
            throw new IllegalArgumentException("expected a line without double quotes, of at most " + SERVES_CHARS_MAX
                    + " characters, for it travels on the kernel's command line: " + serves);
        }
    }

    /// One CPU, and nothing that it would serve.
    public static Machine idle() {
        return new Machine(MEMORY_MB, 1, List.of(), "");
    }

    public static Machine serving(String line) {
        return idle().withServes(line);
    }

    public Machine withServes(String line) {
        return new Machine(memoryMb, cpusMax, devices, line);
    }

    public Machine withCpusMax(int count) {
        return new Machine(memoryMb, count, devices, serves);
    }

    public Machine withDevice(String argument) {
        List<String> more = new ArrayList<>(devices);
        more.add(argument);
        return new Machine(memoryMb, cpusMax, more, serves);
    }
}
