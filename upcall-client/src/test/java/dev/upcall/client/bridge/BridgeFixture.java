package dev.upcall.client.bridge;

import dev.upcall.client.transport.IoKind;
import dev.upcall.client.transport.UnixTarget;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/// A folder with a bridge in it, and whatever a test opens there, closed at its end.
final class BridgeFixture implements AutoCloseable {
    final Path socket;
    final Path guestFolder;
    final Ends ends = new Ends();
    private final List<AutoCloseable> opened = new ArrayList<>();

    BridgeFixture(Path folder) throws IOException {
        this.socket = folder.resolve("vm.sock");
        this.guestFolder = Files.createDirectory(folder.resolve("guest"));
    }

    Bridge start(IoKind kind) throws IOException {
        return start(kind, options -> options);
    }

    Bridge start(IoKind kind, UnaryOperator<BridgeOptions> change) throws IOException {
        return start(kind, GuestEnd.folder(guestFolder), change);
    }

    Bridge start(IoKind kind, GuestEnd guest, UnaryOperator<BridgeOptions> change) throws IOException {
        BridgeOptions options =
                BridgeOptions.of(new UnixTarget(socket), guest).withIo(kind).withObserver(ends);
        return closing(Bridge.start(change.apply(options)));
    }

    /// A service of the guest.
    ServerSocketChannel guestPort(long port) throws IOException {
        return closing(Peer.listen(guestFolder.resolve(Long.toString(port))));
    }

    <T extends AutoCloseable> T closing(T resource) {
        opened.add(resource);
        return resource;
    }

    @Override
    public void close() throws IOException {
        for (AutoCloseable resource : opened.reversed()) {
            try {
                resource.close();
            } catch (IOException e) {
                throw e;
            } catch (Exception e) {
                throw new IOException(e);
            }
        }
    }
}
