package dev.upcall.client.cli;

import dev.upcall.client.ClientRuntime;
import dev.upcall.client.transport.IoKind;
import dev.upcall.client.transport.Target;
import dev.upcall.client.transport.VsockTarget;
import java.io.BufferedWriter;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;

/// What a process gets from outside; tests bring their own.
///
/// @param terminal whether a person looks at stderr: only then progress is shown
/// @param ticker nanoseconds, never going back
/// @param runtimes the threads a client runs on, by what it dials
record Surroundings(
        InputStream in,
        PrintWriter out,
        PrintWriter err,
        Map<String, String> environment,
        boolean terminal,
        LongSupplier ticker,
        Function<Target, ClientRuntime> runtimes) {
    /// Set by the launcher when stderr is a terminal: Java itself cannot tell.
    private static final String TERMINAL_PROPERTY = "upcall.terminal";

    /// @param made told each runtime that is made, for whoever ends the process
    static Surroundings ofProcess(Consumer<ClientRuntime> made) {
        return new Surroundings(
                System.in,
                writer(FileDescriptor.out),
                writer(FileDescriptor.err),
                System.getenv(),
                Boolean.getBoolean(TERMINAL_PROPERTY),
                System::nanoTime,
                target -> {
                    ClientRuntime runtime = oneLoop(target);
                    made.accept(runtime);
                    return runtime;
                });
    }

    /// The JDK's selector is a tenth slower than epoll and ready 40 ms sooner, which is what counts for one command.
    /// AF_VSOCK needs epoll.
    private static ClientRuntime oneLoop(Target target) {
        boolean asUsual = target instanceof VsockTarget || System.getProperty(IoKind.PROPERTY) != null;
        return ClientRuntime.create(1, asUsual ? IoKind.best() : IoKind.NIO);
    }

    private static PrintWriter writer(FileDescriptor descriptor) {
        return new PrintWriter(
                new BufferedWriter(new OutputStreamWriter(new FileOutputStream(descriptor), StandardCharsets.UTF_8)));
    }
}
