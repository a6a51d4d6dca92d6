package dev.upcall.stub.service;

import dev.upcall.proto.message.Operation;
import dev.upcall.stub.mood.Delivery;
import dev.upcall.stub.mood.FrameKind;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/// A frame on its way out, and how much of it has left.
final class Outgoing {

    final FrameKind kind;
    final Optional<Operation> operation;

    /// Told when all of it has left, or was lost on purpose.
    final LongConsumer gone;

    private final ByteBuffer frame;
    private @Nullable Delivery delivery;
    private int pieces;
    private int sent;

    /// @param frame 1024 bytes, from now on this object's
    /// @param operation of the request it answers, if it answers an operation
    Outgoing(ByteBuffer frame, FrameKind kind, Optional<Operation> operation, LongConsumer gone) {
        this.frame = frame;
        this.kind = kind;
        this.operation = operation;
        this.gone = gone;
    }

    void leavesAs(Delivery decided) {
        delivery = decided;
    }

    Delivery delivery() {
        if (delivery == null) {
            throw new IllegalStateException("nobody has decided how this frame leaves");
        }
        return delivery;
    }

    boolean hasMore() {
        return pieces < delivery().pieces().size();
    }

    ByteBuffer nextPiece() {
        int length = delivery().pieces().get(pieces++);
        ByteBuffer piece = frame.slice(sent, length);
        sent += length;
        return piece;
    }
}
