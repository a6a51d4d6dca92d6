package dev.upcall.stub.service;

import dev.upcall.proto.extension.EventNotify;
import dev.upcall.proto.extension.ExtensionReply;
import dev.upcall.proto.extension.ExtensionWriter;
import dev.upcall.proto.extension.FromGuest;
import dev.upcall.proto.extension.HandshakeReply;
import dev.upcall.proto.extension.Notification;
import dev.upcall.proto.extension.OnceReply;
import dev.upcall.proto.wire.FrameLayout;
import dev.upcall.stub.mood.FrameKind;
import dev.upcall.stub.observe.ServerObserver;
import java.nio.ByteBuffer;
import java.util.Optional;

/// Writes an agent's messages, each as a frame of its own: the stock reply buffer never sees them, so
/// none of them leaves a connection dirty. Connections that are gone are passed over.
final class AgentWriter {

    private final OpenConnections connections;
    private final FrameSender sender;
    private final ServerObserver observer;
    private final Pump pump;

    AgentWriter(OpenConnections connections, FrameSender sender, ServerObserver observer, Pump pump) {
        this.connections = connections;
        this.sender = sender;
        this.observer = observer;
        this.pump = pump;
    }

    void send(long id, FromGuest message, long now) {
        Connection connection = connections.get(id);
        if (connection == null) {
            return;
        }
        ByteBuffer frame = ByteBuffer.wrap(ExtensionWriter.toBytes(message));
        switch (message) {
            case Notification n -> {
                if (n instanceof EventNotify event) {
                    observer.eventSent(id, event);
                }
                sender.send(connection, new Outgoing(frame, FrameKind.NOTIFICATION, Optional.empty(), _ -> {}), now);
            }
            case OnceReply r -> {
                if (r.replayed()) {
                    observer.replayed(id);
                }
                answer(connection, frame, FrameKind.REPLY, now);
            }
            case HandshakeReply r -> {
                connection.fresh = false;
                observer.proved(id, r instanceof HandshakeReply.Probe);
                answer(connection, frame, FrameKind.ANSWER, now);
            }
            case ExtensionReply _ -> answer(connection, frame, FrameKind.ANSWER, now);
        }
    }

    void refuse(long id, int msgType, int result, long now) {
        Connection connection = connections.get(id);
        if (connection != null) {
            ByteBuffer frame = ByteBuffer.allocate(FrameLayout.FRAME_BYTES);
            ExtensionWriter.writeRefusal(msgType, result, frame, 0);
            answer(connection, frame, FrameKind.ANSWER, now);
        }
    }

    /// Behind what was sent before.
    void end(long id, String why, long now) {
        Connection connection = connections.get(id);
        if (connection != null) {
            sender.end(connection, why, now);
        }
    }

    /// The next request is read when this has left.
    private void answer(Connection connection, ByteBuffer frame, FrameKind kind, long now) {
        Outgoing answer = new Outgoing(frame, kind, connection.operation, at -> {
            connection.busy = false;
            pump.pump(connection, at);
        });
        sender.send(connection, answer, now);
    }
}
