package dev.upcall.stub.listen;

import dev.upcall.client.transport.GuestPort;
import dev.upcall.stub.service.Output;
import java.nio.ByteBuffer;

/// The guest's port for a client in the same process: no socket, no thread of its own.
///
/// Bytes are not held back while the guest works, as a socket would; the server keeps them, up to its limit.
public final class InProcessPort implements GuestPort {

    private final GuestThread guest;

    public InProcessPort(GuestThread guest) {
        this.guest = guest;
    }

    @Override
    public GuestEnd open(HostEnd host) {
        Peer peer = new Peer(host);
        guest.opened(peer, null);
        return new GuestEnd() {
            @Override
            public void received(ByteBuffer bytes) {
                ByteBuffer copy = ByteBuffer.allocate(bytes.remaining());
                guest.arrived(peer, copy.put(bytes).flip());
            }

            @Override
            public void closed() {
                guest.peerClosed(peer);
            }
        };
    }

    private static final class Peer extends GuestThread.Stream {
        private final HostEnd host;

        Peer(HostEnd host) {
            this.host = host;
        }

        @Override
        public void carryOut(Output output) {
            switch (output) {
                case Output.Send send -> {
                    if (!host.deliver(send.bytes())) {
                        host.close();
                    }
                }
                case Output.Receive _ -> {}
                case Output.Close _, Output.Reset _ -> host.close();
            }
        }
    }
}
