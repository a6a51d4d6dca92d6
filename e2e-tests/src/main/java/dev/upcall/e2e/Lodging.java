package dev.upcall.e2e;

import java.util.ArrayList;
import java.util.List;

/// Where a story's guests and bridges live. The same story is told in both places.
public enum Lodging {
    /// Processes of this machine.
    PROCESS {
        @Override
        Program program(Image image, SocketFolder folder, List<String> arguments) {
            List<String> command = new ArrayList<>(List.of(
                    Repository.java(),
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "--enable-native-access=ALL-UNNAMED",
                    "-cp",
                    Repository.classPath(),
                    image.mainClass()));
            command.addAll(image.command());
            command.addAll(arguments);
            return new ProgramProcess(command);
        }
    },

    /// Containers of the images in `docker/`.
    CONTAINER {
        @Override
        Program program(Image image, SocketFolder folder, List<String> arguments) {
            image.build();
            return new ProgramContainer(image.reference(), folder, arguments);
        }
    };

    /// A program that can be started there.
    abstract Program program(Image image, SocketFolder folder, List<String> arguments);

    @Override
    public String toString() {
        return this == PROCESS ? "as processes" : "in containers";
    }
}
