package dev.upcall.e2e.benchmark;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// A process that is talked to in lines. Its errors go where ours go. Confined to one thread.
final class Child implements AutoCloseable {

    private final List<String> command;
    private final Process process;
    private final BufferedReader answers;
    private final Writer questions;

    private Child(List<String> command, Process process) {
        this.command = command;
        this.process = process;
        this.answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        this.questions = process.outputWriter(StandardCharsets.UTF_8);
    }

    static Child start(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        return new Child(command, process);
    }

    /// Runs a program to its end.
    static Answer once(List<String> command) throws IOException {
        try (Child child = start(command)) {
            return child.hear();
        }
    }

    Answer ask(String question) throws IOException {
        say(question);
        return hear();
    }

    void say(String question) throws IOException {
        questions.write(question + "\n");
        questions.flush();
    }

    Answer hear() throws IOException {
        String line = answers.readLine();
        if (line == null) {
            throw new IOException("ended without an answer: " + String.join(" ", command));
        }
        return Answer.parse(line);
    }

    /// Ends the process and waits until it is gone.
    @Override
    public void close() {
        process.destroy();
        try {
            process.waitFor();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
