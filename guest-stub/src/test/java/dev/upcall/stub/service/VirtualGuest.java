package dev.upcall.stub.service;

import dev.upcall.stub.agent.Extensions;
import dev.upcall.stub.machine.GuestMachine;
import dev.upcall.stub.machine.MachineConfig;
import dev.upcall.stub.observe.ServerObserver;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;

/// A guest in virtual time, with a peer at the other end of each of its connections.
///
/// Time starts close below the overflow of a long: whoever compares times with `<` is found out.
final class VirtualGuest {
    private final UpcallServer server;
    private final Map<Long, Peer> peers = new HashMap<>();
    private long now = Long.MAX_VALUE - Duration.ofSeconds(5).toNanos();

    VirtualGuest(MachineConfig config) {
        this(config, Optional.empty());
    }

    VirtualGuest(MachineConfig config, Optional<Extensions> extensions) {
        server = new UpcallServer(new GuestMachine(config), ServerObserver.NONE, extensions);
    }

    /// An extended guest whose epochs and boot ids count on from 0x100.
    static VirtualGuest extended(MachineConfig config) {
        AtomicLong next = new AtomicLong(0x100);
        return new VirtualGuest(
                config, Optional.of(Extensions.of("virtual guest").withRandom(next::getAndIncrement)));
    }

    UpcallServer server() {
        return server;
    }

    GuestMachine machine() {
        return server.machine();
    }

    long now() {
        return now;
    }

    /// A connection that has seen its CONNECT frame.
    Peer connect() {
        Peer peer = dial();
        peer.write(new byte[] {0x64});
        if (peer.takeFrame().length != RequestBytes.FRAME) {
            throw new AssertionError("no CONNECT frame");
        }
        return peer;
    }

    /// A connection, nothing said yet.
    Peer dial() {
        return peer(server.open(now));
    }

    /// A connection to the VMM's socket, nothing said yet.
    Peer dialHybrid(long port) {
        return peer(server.openHybrid(port, now));
    }

    /// Lets time pass, stopping wherever the guest wants to.
    void pass(Duration time) {
        long until = now + time.toNanos();
        settle();
        for (OptionalLong wake = server.wakeAt();
                wake.isPresent() && wake.getAsLong() - until <= 0;
                wake = server.wakeAt()) {
            now = wake.getAsLong();
            settle();
        }
        now = until;
        settle();
    }

    /// Carries out what the server wants done now.
    void settle() {
        for (Output output : server.advance(now)) {
            Peer peer = peers.get(output.connection());
            if (peer == null) {
                throw new AssertionError("output for a connection nobody has: " + output);
            }
            switch (output) {
                case Output.Send send -> peer.received(send.bytes());
                case Output.Receive receive -> peer.mayWrite = receive.most();
                case Output.Close close -> peer.ended = "closed: " + close.why();
                case Output.Reset reset -> peer.ended = "reset: " + reset.why();
            }
        }
    }

    private Peer peer(long id) {
        Peer peer = new Peer(id);
        peers.put(id, peer);
        settle();
        return peer;
    }

    /// The host's end of one connection.
    final class Peer {
        final long id;
        private final ByteArrayOutputStream in = new ByteArrayOutputStream();
        int writes;
        int mayWrite;
        String ended = "";

        private Peer(long id) {
            this.id = id;
        }

        void write(byte[] bytes) {
            server.arrived(id, ByteBuffer.wrap(bytes), now);
            settle();
        }

        void close() {
            server.peerClosed(id, now);
            settle();
        }

        /// Sends a request and takes the reply that is there at once, "" when there is none.
        String ask(byte[] request) {
            write(request);
            return takeReply();
        }

        /// `result load size type` of one whole frame, "" when there is none.
        String takeReply() {
            byte[] frame = takeFrame();
            return frame.length == 0 ? "" : ReplyText.of(frame);
        }

        /// One whole frame, or nothing.
        byte[] takeFrame() {
            byte[] all = in.toByteArray();
            if (all.length < RequestBytes.FRAME) {
                return new byte[0];
            }
            in.reset();
            in.write(all, RequestBytes.FRAME, all.length - RequestBytes.FRAME);
            return Arrays.copyOf(all, RequestBytes.FRAME);
        }

        /// All bytes that have come.
        byte[] takeAll() {
            byte[] all = in.toByteArray();
            in.reset();
            return all;
        }

        private void received(ByteBuffer bytes) {
            writes++;
            byte[] copy = new byte[bytes.remaining()];
            bytes.get(copy);
            in.writeBytes(copy);
        }
    }
}
