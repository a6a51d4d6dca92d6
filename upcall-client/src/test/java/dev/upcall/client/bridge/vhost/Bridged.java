package dev.upcall.client.bridge.vhost;

import dev.upcall.client.bridge.Peer;
import dev.upcall.client.posix.PosixException;
import dev.upcall.proto.vsock.CloseReason;
import dev.upcall.proto.vsock.PacketHeader;
import dev.upcall.proto.vsock.PacketOp;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/// A bridge in a folder, and whatever a test lets loose on it.
final class Bridged implements AutoCloseable {
    final Path vhost;
    final Path hybrid;
    final VsockBridge bridge;
    final Ends ends = new Ends();
    final BlockingQueue<String> gone = new LinkedBlockingQueue<>();
    final BlockingQueue<String> broken = new LinkedBlockingQueue<>();
    private final ArrayDeque<AutoCloseable> closing = new ArrayDeque<>();

    record End(long guestPort, CloseReason reason, String detail, long toGuest, long toHost) {}

    /// The streams that have ended, in order.
    static final class Ends {
        private final BlockingQueue<End> queue = new LinkedBlockingQueue<>();

        End next() {
            try {
                return queue.take();
            } catch (InterruptedException e) {
                throw new AssertionError("no stream ended", e);
            }
        }
    }

    Bridged(Path folder) throws IOException {
        this.vhost = folder.resolve("vhost.sock");
        this.hybrid = folder.resolve("vm.sock");
        this.bridge =
                VsockBridge.start(vhost, VsockOptions.of(FakeVm.CID, hybrid).withObserver(new VsockObserver() {
                    @Override
                    public void frontEndGone(String reason) {
                        gone.add(reason);
                    }

                    @Override
                    public void broke(String reason) {
                        broken.add(reason);
                    }

                    @Override
                    public void closed(
                            long hostPort,
                            long guestPort,
                            CloseReason reason,
                            String detail,
                            long toGuest,
                            long toHost) {
                        ends.queue.add(new End(guestPort, reason, detail, toGuest, toHost));
                    }
                }));
    }

    <C extends AutoCloseable> C closing(C resource) {
        closing.push(resource);
        return resource;
    }

    FakeVm vm() throws PosixException {
        return closing(FakeVm.up(vhost));
    }

    Peer dial() throws IOException {
        return closing(Peer.dial(hybrid));
    }

    /// CONNECT, REQUEST, RESPONSE, OK.
    ///
    /// @return the stream's host port
    int opens(FakeVm vm, Peer host, int port) throws IOException {
        host.write("CONNECT " + port + "\n");
        PacketHeader request = vm.hears(PacketOp.REQUEST);
        int hostPort = request.srcPort();
        vm.says(PacketOp.RESPONSE, port, hostPort, 0);
        host.readOk();
        return hostPort;
    }

    @Override
    public void close() throws IOException {
        try {
            while (!closing.isEmpty()) {
                closing.pop().close();
            }
        } catch (Exception e) {
            throw new AssertionError("could not close", e);
        } finally {
            bridge.close();
        }
    }
}
