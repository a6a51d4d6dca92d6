package dev.upcall.e2e.benchmark;

import java.io.IOException;
import java.util.List;

/// A C contender: started anew for each round.
record Program(String name, List<String> command) implements Contender {

    @Override
    public Answer round() throws IOException {
        return Child.once(command);
    }
}
