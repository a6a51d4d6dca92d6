package dev.upcall.proto.extension.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.extension.BootId;
import dev.upcall.proto.extension.Bytes;
import dev.upcall.proto.extension.DeviceReference;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.EventKind;
import dev.upcall.proto.extension.EventNotify;
import dev.upcall.proto.extension.ExecuteOnce;
import dev.upcall.proto.extension.ExtensionWriter;
import dev.upcall.proto.extension.Features;
import dev.upcall.proto.extension.FromGuest;
import dev.upcall.proto.extension.FromHost;
import dev.upcall.proto.extension.Handshake;
import dev.upcall.proto.extension.HandshakeReply;
import dev.upcall.proto.message.Operation;
import dev.upcall.proto.message.PciFunction;
import dev.upcall.proto.message.Reply;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.wire.ExtensionFrame;
import dev.upcall.proto.wire.FrameLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// A service to speak to, frame by frame, and what it ordered.
abstract class ServicePlay {

    static final Epoch GUEST = new Epoch(0x6E);
    static final Epoch CLIENT = new Epoch(0xC1);
    static final Reply.Answer DONE = new Reply.Answer(0, OptionalInt.empty());
    static final Features WITHOUT = Features.NONE;

    final List<ServiceOrder> out = new ArrayList<>();
    ExtensionService service = new ExtensionService(identity(Features.ALL));
    long now = 1000;

    void open(long connection, Epoch client) {
        open(connection, client, Features.ALL);
    }

    void open(long connection, Epoch client, Features features) {
        service.connected(connection);
        hear(connection, Handshake.Open.first(features, client));
        if (client.equals(CLIENT)) {
            out.removeIf(o -> o instanceof ServiceOrder.Send s && !(s.message() instanceof HandshakeReply.Open));
        }
        opening.clear();
        opening.addAll(out);
        out.clear();
    }

    final List<ServiceOrder> opening = new ArrayList<>();

    void reopen(long connection, Epoch client, long resumeAfter) {
        out.clear();
        opening.clear();
        service.connected(connection);
        hear(connection, new Handshake.Open(1, 1, Features.ALL, client, Optional.of(GUEST), 0, resumeAfter));
        opening.addAll(out);
    }

    boolean onceLost(long connection, Epoch client) {
        reopen(connection, client, 0);
        boolean lost = opened(connection).onceLost();
        service.closed(connection == 101 ? -1 : connection, now, out);
        return lost;
    }

    int interval(int wished) {
        service = new ExtensionService(identity(Features.ALL));
        out.clear();
        service.connected(1);
        hear(1, new Handshake.Open(1, 1, Features.ALL, CLIENT, Optional.empty(), wished, 0));
        return opened(1).intervalMs();
    }

    void close(long connection) {
        service.closed(connection, now, out);
    }

    void raise(EventKind kind) {
        service.raise(kind, DeviceReference.NONE, Bytes.EMPTY, 0, out);
    }

    boolean offerUser() {
        return service.offerUser(DeviceReference.NONE, Bytes.utf8("x"), 0, now, out);
    }

    void hear(long connection, FromHost message) {
        hear(connection, ExtensionWriter.toBytes(message));
    }

    void hear(long connection, byte[] frame) {
        service.received(connection, ExtensionFrame.readFromHost(ByteBuffer.wrap(frame), 0), now, out);
    }

    HandshakeReply.Open opened(long connection) {
        return java.util.stream.Stream.concat(out.stream(), opening.stream())
                .filter(ServiceOrder.Send.class::isInstance)
                .map(ServiceOrder.Send.class::cast)
                .filter(s -> s.connection() == connection)
                .map(ServiceOrder.Send::message)
                .filter(HandshakeReply.Open.class::isInstance)
                .map(HandshakeReply.Open.class::cast)
                .findFirst()
                .orElseThrow();
    }

    List<FromGuest> sent(long connection) {
        return out.stream()
                .filter(ServiceOrder.Send.class::isInstance)
                .map(ServiceOrder.Send.class::cast)
                .filter(s -> s.connection() == connection)
                .map(ServiceOrder.Send::message)
                .toList();
    }

    List<Long> sequences(long connection) {
        return sent(connection).stream()
                .filter(EventNotify.class::isInstance)
                .map(m -> ((EventNotify) m).sequence())
                .toList();
    }

    /// The result of the only order, which is taken away.
    int refusal() {
        assertThat(out).hasSize(1);
        return ((ServiceOrder.Refuse) out.removeFirst()).result();
    }

    CloseReason closeReason() {
        return ((ServiceOrder.Close) out.removeLast()).reason();
    }

    static EventNotify hostEvent(long sequence, EventKind kind) {
        return new EventNotify(CLIENT, sequence, kind, DeviceReference.NONE, Bytes.EMPTY, 0, 0);
    }

    static ExecuteOnce once(Epoch client, long id) {
        return ExecuteOnce.of(client, id, 0, new Request.AddPci(new PciFunction(0, 1, 0)));
    }

    static byte[] onceWithIdZero(Epoch client) {
        byte[] load = dev.upcall.proto.extension.v1.ExecuteOnce.newBuilder()
                .setClientEpoch(client.value())
                .build()
                .toByteArray();
        byte[] frame = garbage(0x104, 0, load.length);
        System.arraycopy(load, 0, frame, 16, load.length);
        return frame;
    }

    /// A frame whose load is no Protobuf message.
    static byte[] garbage(int type, int flags, int size) {
        byte[] frame = new byte[1024];
        FrameLayout.writeHeader(ByteBuffer.wrap(frame), 0, type, size, flags);
        frame[16] = 0x0a;
        frame[17] = 0x7f;
        return frame;
    }

    static GuestIdentity identity(Features features) {
        return new GuestIdentity(GUEST, new BootId(1, 2), "x86_64", "test", Set.of(Operation.ADD_CPU), features);
    }
}
