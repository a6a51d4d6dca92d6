package dev.upcall.client.bridge;

import dev.upcall.client.bridge.BridgeObserver.Direction;
import dev.upcall.client.bridge.RelayState.Closed;
import dev.upcall.client.bridge.RelayState.DialingCallee;
import dev.upcall.client.bridge.RelayState.Open;
import dev.upcall.client.bridge.RelayState.ReadingConnect;
import dev.upcall.proto.hybrid.ConnectLine;
import dev.upcall.proto.hybrid.Escaped;
import dev.upcall.proto.hybrid.MalformedLineException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Carries out one [Relay]: turns what its two streams say into events, and actions into calls on them.
///
/// Confined to the bridge's event loop. An action may cause the next event before it returns (a write that
/// fills the buffer, say): events queue up, and each meets the state that all earlier ones have made.
final class RelayDriver {
    private final Switchboard board;
    private final Direction direction;
    private final GuestEnd calleeEnd;
    private final long id;

    private final ChannelStream caller;
    private final ConnectLine line = new ConnectLine();
    private final Deque<ByteBuf> kept = new ArrayDeque<>();
    private final Deque<Arrived> arrived = new ArrayDeque<>();

    private RelayState state;
    private @Nullable BridgeStream callee;
    private @Nullable Future<?> timer;
    private String detail = "";
    private boolean stepping;

    /// An event with its bytes, if it has any.
    private record Arrived(RelayEvent event, @Nullable ByteBuf bytes) {}

    RelayDriver(Switchboard board, Direction direction, GuestEnd calleeEnd, long id) {
        this.board = board;
        this.direction = direction;
        this.calleeEnd = calleeEnd;
        this.id = id;
        this.caller = new ChannelStream(new CallerSide(), board.options().bufferBytes());
        this.state = board.relay().begin(System.nanoTime());
    }

    /// The caller's channel has been registered with [#callerStream] as its handler.
    ///
    /// @param port the one it wants, when where it came in says that; empty: it says so in a line
    void begin(OptionalLong port) {
        schedule();
        caller.read(true);
        port.ifPresent(known -> happened(new RelayEvent.PortKnown(known), null));
    }

    ChannelStream callerStream() {
        return caller;
    }

    long id() {
        return id;
    }

    Direction direction() {
        return direction;
    }

    void closeAsked() {
        happened(new RelayEvent.CloseAsked(), null);
    }

    private void happened(RelayEvent event, @Nullable ByteBuf bytes) {
        arrived.add(new Arrived(event, bytes));
        if (stepping) {
            return;
        }
        stepping = true;
        try {
            Arrived next;
            while ((next = arrived.poll()) != null) {
                step(next);
            }
        } finally {
            stepping = false;
        }
    }

    private void step(Arrived now) {
        RelayState before = state;
        Relay.Step step = board.relay().step(before, now.event(), System.nanoTime());
        state = step.next();
        boolean taken = false;
        for (RelayAction action : step.actions()) {
            taken |= perform(action, now.bytes());
        }
        if (!taken) {
            ReferenceCountUtil.release(now.bytes());
        }
        if (!Relay.deadline(before).equals(Relay.deadline(state))) {
            schedule();
        }
        if (state instanceof Open && before instanceof DialingCallee dialled) {
            board.opened(this, dialled.port());
        }
        if (state instanceof Closed closed && !(before instanceof Closed)) {
            kept.forEach(ReferenceCountUtil::release);
            kept.clear();
            board.closed(this, closed, detail);
        }
    }

    /// True when the event's bytes have found their way.
    private boolean perform(RelayAction action, @Nullable ByteBuf bytes) {
        BridgeStream other = callee;
        switch (action) {
            case RelayAction.DialCallee dial -> dial(dial.port());
            case RelayAction.SayOk _ ->
                caller.write(Unpooled.copiedBuffer("OK " + id + "\n", StandardCharsets.US_ASCII));
            case RelayAction.Keep _
            when bytes != null -> {
                kept.add(bytes);
                return true;
            }
            case RelayAction.ForwardToCallee _
            when bytes != null && other != null -> {
                other.write(bytes);
                return true;
            }
            case RelayAction.ForwardToCaller _
            when bytes != null -> {
                caller.write(bytes);
                return true;
            }
            case RelayAction.ForwardKept _
            when other != null -> {
                while (!kept.isEmpty()) {
                    other.write(kept.remove());
                }
            }
            case RelayAction.ReadCaller read -> caller.read(read.on());
            case RelayAction.ReadCallee read when other != null -> other.read(read.on());
            case RelayAction.EndCaller _ -> caller.end();
            case RelayAction.EndCallee _ when other != null -> other.end();
            case RelayAction.FinishCaller _ -> caller.finish();
            case RelayAction.FinishCallee _ when other != null -> other.finish();
            case RelayAction.DropCaller _ -> caller.close();
            case RelayAction.DropCallee _ when other != null -> other.close();
            case RelayAction.DropCallee _ -> {} // still being dialled: closed when it opens
            case RelayAction.Keep _,
                    RelayAction.ForwardToCallee _,
                    RelayAction.ForwardToCaller _,
                    RelayAction.ForwardKept _,
                    RelayAction.ReadCallee _,
                    RelayAction.EndCallee _,
                    RelayAction.FinishCallee _ ->
                throw new IllegalStateException(action + " in " + state + " without bytes or callee");
        }
        return false;
    }

    private void dial(long port) {
        CompletionStage<BridgeStream> opening;
        try {
            opening = calleeEnd.open(port, board.loop(), board.options().bufferBytes(), new CalleeSide());
        } catch (RuntimeException e) {
            opening = CompletableFuture.failedStage(e); // a guest end of somebody else
        }
        opening.whenComplete((stream, refused) -> {
            if (board.loop().inEventLoop()) {
                answered(stream, refused);
            } else {
                board.loop().execute(() -> answered(stream, refused));
            }
        });
    }

    private void answered(@Nullable BridgeStream stream, @Nullable Throwable refused) {
        if (stream == null) {
            remember(refused);
            happened(new RelayEvent.CalleeRefused(), null);
        } else if (state instanceof DialingCallee) {
            callee = stream;
            happened(new RelayEvent.CalleeOpened(), null);
        } else {
            stream.close(); // too late: nobody waits any more
        }
    }

    private void schedule() {
        Future<?> old = timer;
        if (old != null) {
            old.cancel(false);
        }
        OptionalLong deadline = Relay.deadline(state);
        timer = deadline.isEmpty()
                ? null
                : board.loop()
                        .schedule(
                                () -> happened(new RelayEvent.TimePassed(), null),
                                Math.max(0, deadline.getAsLong() - System.nanoTime()),
                                TimeUnit.NANOSECONDS);
    }

    /// The line, and what already stands behind it.
    private void readLine(ByteBuf bytes) {
        ByteBuffer view = bytes.nioBuffer();
        try {
            OptionalLong port = line.accept(view);
            if (port.isEmpty()) {
                return;
            }
            bytes.skipBytes(bytes.readableBytes() - view.remaining());
            happened(new RelayEvent.ConnectRead(port.getAsLong()), null);
            if (bytes.isReadable()) {
                happened(new RelayEvent.CallerBytes(bytes.readableBytes()), bytes.retainedSlice());
            }
        } catch (MalformedLineException e) {
            detail = e.getMessage() == null ? "" : e.getMessage();
            happened(new RelayEvent.LineRefused(), null);
        } finally {
            bytes.release();
        }
    }

    private void remember(@Nullable Throwable cause) {
        if (cause != null) {
            String message = cause.getMessage();
            detail = Escaped.text(message == null ? cause.toString() : message);
        }
    }

    private final class CallerSide implements BridgeStream.Receiver {
        @Override
        public void received(ByteBuf bytes) {
            if (state instanceof ReadingConnect) {
                readLine(bytes);
            } else {
                happened(new RelayEvent.CallerBytes(bytes.readableBytes()), bytes);
            }
        }

        @Override
        public void writable(boolean writable) {
            happened(new RelayEvent.CallerWritable(writable), null);
        }

        @Override
        public void ended() {
            happened(new RelayEvent.CallerEnded(), null);
        }

        @Override
        public void closed(@Nullable Throwable cause) {
            remember(cause);
            happened(new RelayEvent.CallerGone(), null);
        }
    }

    private final class CalleeSide implements BridgeStream.Receiver {
        @Override
        public void received(ByteBuf bytes) {
            happened(new RelayEvent.CalleeBytes(bytes.readableBytes()), bytes);
        }

        @Override
        public void writable(boolean writable) {
            happened(new RelayEvent.CalleeWritable(writable), null);
        }

        @Override
        public void ended() {
            happened(new RelayEvent.CalleeEnded(), null);
        }

        @Override
        public void closed(@Nullable Throwable cause) {
            remember(cause);
            happened(new RelayEvent.CalleeGone(), null);
        }
    }
}
