package dev.upcall.stub.service;

import dev.upcall.proto.extension.Bytes;
import dev.upcall.proto.extension.Decoded;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.EventAck;
import dev.upcall.proto.extension.EventNotify;
import dev.upcall.proto.extension.ExecuteOnce;
import dev.upcall.proto.extension.ExtensionReader;
import dev.upcall.proto.extension.ExtensionWriter;
import dev.upcall.proto.extension.Features;
import dev.upcall.proto.extension.FromGuest;
import dev.upcall.proto.extension.FromHost;
import dev.upcall.proto.extension.Handshake;
import dev.upcall.proto.extension.HandshakeReply;
import dev.upcall.proto.extension.InventoryPage;
import dev.upcall.proto.extension.OnceReply;
import dev.upcall.proto.extension.Refusal;
import dev.upcall.proto.extension.inventory.Inventory;
import dev.upcall.proto.extension.inventory.InventoryWalk;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.wire.ExtensionFrame;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A client that speaks the extensions over a connection in virtual time.
final class ExtendedHost {
    static final Epoch CLIENT = new Epoch(0xC1);

    final VirtualGuest.Peer peer;
    final Epoch client;

    ExtendedHost(VirtualGuest.Peer peer, Epoch client) {
        this.peer = peer;
        this.client = client;
    }

    /// A connection with its CONNECT frame, nothing asked.
    static ExtendedHost connected(VirtualGuest guest) {
        return new ExtendedHost(guest.connect(), CLIENT);
    }

    /// An opened connection.
    static ExtendedHost opened(VirtualGuest guest) {
        return opened(guest, CLIENT);
    }

    static ExtendedHost opened(VirtualGuest guest, Epoch client) {
        ExtendedHost host = new ExtendedHost(guest.connect(), client);
        host.open(Optional.empty(), 0);
        return host;
    }

    HandshakeReply.Open open(Optional<Epoch> known, long resumeAfter) {
        say(new Handshake.Open(1, 1, Features.ALL, client, known, 0, resumeAfter));
        return (HandshakeReply.Open) hear();
    }

    void say(FromHost message) {
        peer.write(ExtensionWriter.toBytes(message));
    }

    /// The next message; it must be there.
    FromGuest hear() {
        byte[] frame = peer.takeFrame();
        if (frame.length == 0) {
            throw new AssertionError("the guest says nothing; " + peer.ended);
        }
        return read(frame);
    }

    /// All that has come.
    List<FromGuest> hearAll() {
        List<FromGuest> all = new ArrayList<>();
        for (byte[] frame = peer.takeFrame(); frame.length > 0; frame = peer.takeFrame()) {
            all.add(read(frame));
        }
        return all;
    }

    List<EventNotify> events() {
        return hearAll().stream()
                .filter(EventNotify.class::isInstance)
                .map(EventNotify.class::cast)
                .toList();
    }

    /// Kinds and devices, as `CPU_ONLINE cpu:2`.
    List<String> told() {
        return events().stream().map(e -> e.kind() + " " + e.device()).toList();
    }

    /// Everything that has come, extensions or not, in words.
    List<String> told(VirtualGuest guest) {
        guest.settle();
        List<String> all = new ArrayList<>();
        for (byte[] frame = peer.takeFrame(); frame.length > 0; frame = peer.takeFrame()) {
            ExtensionFrame read = ExtensionFrame.readFromGuest(ByteBuffer.wrap(frame), 0);
            all.add(
                    !ExtensionFrame.is(read.header())
                            ? ReplyText.of(frame)
                            : switch (read(frame)) {
                                case EventNotify e -> e.kind() + " " + e.device();
                                case HandshakeReply.Probe p ->
                                    (p.mask() == Handshake.MASK ? "MASK " : "mask? ") + p.sequence();
                                case FromGuest other -> other.toString();
                            });
        }
        return all;
    }

    void acknowledge(EventNotify event) {
        say(new EventAck(event.epoch(), event.sequence()));
    }

    void once(long id, Request request) {
        say(ExecuteOnce.of(client, id, 0, request));
    }

    /// The result of a request that is answered at once; events on the way are passed over.
    int result(long id, Request request) {
        once(id, request);
        return reply().result();
    }

    /// The result of an operation with a load of its own making.
    int raw(long id, int msgType, int... load) {
        byte[] bytes = new byte[load.length];
        for (int i = 0; i < load.length; i++) {
            bytes[i] = (byte) load[i];
        }
        say(new ExecuteOnce(client, id, 0, msgType, Bytes.of(bytes)));
        return reply().result();
    }

    /// The result of a refusal; events on the way are passed over.
    int refused() {
        return hearAll().stream()
                .filter(Refusal.class::isInstance)
                .mapToInt(m -> ((Refusal) m).result())
                .findFirst()
                .orElseThrow(() -> new AssertionError("no refusal"));
    }

    OnceReply reply() {
        return (OnceReply) hearAll().stream()
                .filter(m -> !(m instanceof EventNotify))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no answer"));
    }

    int refusal() {
        return ((Refusal) hear()).result();
    }

    Inventory inventory() {
        InventoryWalk walk = InventoryWalk.begin();
        while (true) {
            hearAll();
            say(walk.request());
            switch (walk.take(page())) {
                case InventoryWalk.More more -> walk = more.walk();
                case InventoryWalk.Complete complete -> {
                    return complete.inventory();
                }
                case InventoryWalk.Unstable u -> throw new AssertionError(u.why());
                case InventoryWalk.Broken b -> throw new AssertionError(b.why());
            }
        }
    }

    private InventoryPage page() {
        return (InventoryPage) hearAll().stream()
                .filter(InventoryPage.class::isInstance)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no page"));
    }

    static FromGuest read(byte[] frame) {
        return switch (ExtensionReader.fromGuest(ExtensionFrame.readFromGuest(ByteBuffer.wrap(frame), 0))) {
            case Decoded.Message<FromGuest> m -> m.message();
            case Decoded.Unreadable<FromGuest> u -> throw new AssertionError(u.why());
            case Decoded.UnknownType<FromGuest> u -> throw new AssertionError(u.why());
            case Decoded.Faulty<FromGuest> f -> throw new AssertionError(f.why());
        };
    }
}
