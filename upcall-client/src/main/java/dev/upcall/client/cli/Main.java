package dev.upcall.client.cli;

import dev.upcall.client.ClientRuntime;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// Where the JVM enters: ties the command line to a process.
public final class Main {
    private Main() {}

    /// Runs one command and ends the process with its exit code.
    public static void main(String[] words) {
        LeanStart.prepare(words);
        Interruption interruption = new Interruption();
        Runtime runtime = Runtime.getRuntime();
        runtime.addShutdownHook(new Thread(
                () -> interruption.signalled().ifPresent(exit -> runtime.halt(exit.code())), "interruption"));
        List<ClientRuntime> threads = new CopyOnWriteArrayList<>();
        int exit = new Cli(Surroundings.ofProcess(threads::add), interruption).run(words);
        // A JVM that ends gives threads in the kernel 0.3 s to come back: an event loop that still waits costs all of
        // it.
        threads.forEach(ClientRuntime::close);
        // Everything is closed and flushed by now; an orderly exit would load the JDK's logging first.
        runtime.halt(exit);
    }
}
