package dev.upcall.e2e;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.StreamType;
import com.github.dockerjava.api.model.Volume;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.utility.DockerImageName;

/// A program in a container of its own: not root, no network, and of the host's files only the socket folder, at
/// the same path as on the host.
public final class ProgramContainer implements Program {
    /// The engine opens the stream in milliseconds; only a stuck one takes longer.
    private static final Duration ATTACH_MAX = Duration.ofSeconds(10);

    private final Attached container;
    private final ConsoleLog console = new ConsoleLog();

    public ProgramContainer(String image, SocketFolder folder, List<String> arguments) {
        container = new Attached(DockerImageName.parse(image));
        container
                .withNetworkMode("none")
                .withCommand(arguments.toArray(String[]::new))
                .withCreateContainerCmdModifier(command -> lend(folder, command));
    }

    private static void lend(SocketFolder folder, CreateContainerCmd command) {
        String path = folder.path().toString();
        command.withUser(folder.containerUser());
        Objects.requireNonNull(command.getHostConfig()).withBinds(new Bind(path, new Volume(path)));
    }

    @Override
    public void start() {
        if (container.getContainerId() == null) {
            container.start();
        } else {
            container.attach(container.getContainerId());
            engine().startContainerCmd(container.getContainerId()).exec();
        }
    }

    @Override
    public void kill() {
        engine().killContainerCmd(container.getContainerId()).exec();
        // Killing returns before the engine has noticed the end, and a container that has not ended cannot start.
        try (var end = engine().waitContainerCmd(container.getContainerId()).start()) {
            end.awaitStatusCode(ATTACH_MAX.toSeconds(), TimeUnit.SECONDS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void pause() {
        engine().pauseContainerCmd(container.getContainerId()).exec();
    }

    @Override
    public void unpause() {
        engine().unpauseContainerCmd(container.getContainerId()).exec();
    }

    @Override
    public ConsoleLog console() {
        return console;
    }

    @Override
    public void close() {
        container.stop();
    }

    private static DockerClient engine() {
        return DockerClientFactory.instance().client();
    }

    /// The console is attached before the program starts, so that its first line is not missed.
    private final class Attached extends GenericContainer<Attached> {
        private Attached(DockerImageName image) {
            super(image);
        }

        @Override
        protected void containerIsCreated(String id) {
            attach(id);
        }

        private void attach(String id) {
            Consumer<byte[]> out = console.pieces();
            Consumer<byte[]> err = console.pieces();
            ResultCallback.Adapter<Frame> frames = new ResultCallback.Adapter<>() {
                @Override
                public void onNext(Frame frame) {
                    (frame.getStreamType() == StreamType.STDERR ? err : out).accept(frame.getPayload());
                }
            };
            engine().attachContainerCmd(id)
                    .withStdOut(true)
                    .withStdErr(true)
                    .withFollowStream(true)
                    .exec(frames);
            try {
                if (!frames.awaitStarted(ATTACH_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
                    throw new IllegalStateException("the console of " + id + " did not open within " + ATTACH_MAX);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while a console opened", e);
            }
        }
    }
}
