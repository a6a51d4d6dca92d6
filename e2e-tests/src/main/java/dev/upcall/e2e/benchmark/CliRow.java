package dev.upcall.e2e.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The wall time of `./upcall status`, beyond what starting a JVM takes anyway.
///
/// @param launcher the script `upcall`
record CliRow(Path launcher) implements Row {

    private static final int ROUNDS = 11;
    private static final double BEYOND_JVM_MILLIS_MAX = 150;

    @Override
    public String name() {
        return "cli";
    }

    @Override
    public List<Measure> measure(Workshop workshop) throws IOException, InterruptedException {
        if (!Files.isExecutable(launcher)) {
            throw new SkippedException("no launcher " + launcher.getFileName() + " in this checkout");
        }
        Path path = workshop.socket("cli");
        List<String> status = List.of(launcher.toString(), "status", "-t", "hvsock://" + path);
        List<String> bare = List.of(
                Workshop.java(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "-cp",
                System.getProperty("java.class.path"),
                Nothing.class.getName());
        List<Double> jvm = new ArrayList<>();
        List<Double> beyond = new ArrayList<>();
        try (Child _ = workshop.server(Workshop.OTHER_CORE, path)) {
            millis(status); // builds itself the first time
            for (int i = 0; i < ROUNDS; i++) {
                double floor = millis(bare);
                jvm.add(floor);
                beyond.add(millis(status) - floor);
            }
        }
        return List.of(
                Measure.of(name(), "bare JVM", "wall time", "ms", jvm),
                Measure.of(name(), "upcall status", "beyond it", "ms", beyond).atMost(BEYOND_JVM_MILLIS_MAX));
    }

    private static double millis(List<String> command) throws IOException, InterruptedException {
        long before = System.nanoTime();
        Process process = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        int code = process.waitFor();
        if (code != 0) {
            throw new IOException(String.join(" ", command) + " ended with " + code);
        }
        return (System.nanoTime() - before) / 1e6;
    }

    /// What a JVM can do least.
    static final class Nothing {
        private Nothing() {}

        public static void main(String[] arguments) {}
    }
}
