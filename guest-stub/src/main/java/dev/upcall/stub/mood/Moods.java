package dev.upcall.stub.mood;

import dev.upcall.proto.message.Operation;
import dev.upcall.proto.wire.FrameLayout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// The moods a guest is in, and what follows from them. A mood that works once is gone when it has worked.
///
/// Confined to the thread of its guest.
public final class Moods {

    private static final int OLD_DIALECT_CONNECT = 0xdbe0_0000;

    private final Map<Object, Mood> moods = new LinkedHashMap<>();

    /// Falls into a mood; the one of its kind it was in before is gone.
    public void become(Mood mood) {
        moods.put(kindOf(mood), mood);
    }

    public void clear() {
        moods.clear();
    }

    /// Gets over one kind of mood.
    public void leave(Class<? extends Mood> kind) {
        moods.remove(kind);
    }

    public List<Mood> all() {
        return List.copyOf(moods.values());
    }

    public boolean silent() {
        return is(Mood.Silent.class);
    }

    /// Whatever comes is swallowed, whatever would leave is lost.
    public boolean blackHole() {
        return is(Mood.BlackHole.class);
    }

    public boolean refusing() {
        return is(Mood.Refuse.class);
    }

    public boolean withoutService() {
        return is(Mood.NoService.class);
    }

    public boolean garbageOk() {
        return is(Mood.GarbageOk.class);
    }

    public boolean aboutToReset() {
        return is(Mood.ResetNextRequest.class);
    }

    /// For how long a hybrid connection is left without its OK, if it is.
    public OptionalLong parkNanos() {
        return moods.get(Mood.Park.class) instanceof Mood.Park park
                ? OptionalLong.of(park.nanos())
                : OptionalLong.empty();
    }

    /// `msg_type` of the CONNECT frame.
    public int connectType() {
        return is(Mood.OldDialect.class) ? OLD_DIALECT_CONNECT : Operation.CONNECT.msgType();
    }

    /// A request has arrived: what shall be done with it? Asked once for each.
    public RequestFate fateOfRequest() {
        if (moods.remove(Mood.ResetNextRequest.class) != null) {
            return RequestFate.RESET_CONNECTION;
        }
        if (moods.get(Mood.RebootAfter.class) instanceof Mood.RebootAfter reboot) {
            if (reboot.requests() == 0) {
                moods.remove(Mood.RebootAfter.class);
                return RequestFate.REBOOT_GUEST;
            }
            become(new Mood.RebootAfter(reboot.requests() - 1));
        }
        return RequestFate.RUN;
    }

    /// A frame is ready: how shall it leave? Asked once for each.
    ///
    /// @param operation of the request it answers; empty for a type without one
    public Delivery deliver(Optional<Operation> operation, FrameKind kind) {
        if (kind == FrameKind.REPLY && moods.remove(Mood.Crash.class) instanceof Mood.Crash crash) {
            return new Delivery(0, List.of(), 0, crash.ending());
        }
        if (kind == FrameKind.REPLY && moods.remove(Mood.LoseNextReply.class) != null) {
            return new Delivery(0, List.of(), 0, Ending.GOES_ON);
        }
        int length = FrameLayout.FRAME_BYTES;
        boolean cut = false;
        boolean cuttable = kind == FrameKind.REPLY || kind == FrameKind.GREETING;
        if (cuttable && moods.remove(Mood.CutNextFrame.class) instanceof Mood.CutNextFrame c) {
            length = c.atByte();
            cut = true;
        }
        int piece = FrameLayout.FRAME_BYTES;
        long gap = 0;
        if (moods.get(Mood.SplitFrames.class) instanceof Mood.SplitFrames s) {
            piece = s.bytes();
            gap = s.gapNanos();
        }
        List<Integer> pieces = new ArrayList<>();
        for (int at = 0; at < length; at += piece) {
            pieces.add(Math.min(piece, length - at));
        }
        return new Delivery(delayNanos(operation, kind), pieces, gap, cut ? Ending.CLOSES : Ending.GOES_ON);
    }

    private long delayNanos(Optional<Operation> operation, FrameKind kind) {
        boolean greeting = kind == FrameKind.GREETING;
        if (kind == FrameKind.NOTIFICATION) {
            return 0;
        }
        Optional<Operation> about = greeting ? Optional.of(Operation.CONNECT) : operation;
        Mood mood = about.map(op -> moods.get(delayKind(Optional.of(op)))).orElse(null);
        if (mood == null && !greeting) {
            mood = moods.get(delayKind(Optional.empty()));
        }
        return mood instanceof Mood.Delay delay ? delay.nanos() : 0;
    }

    private boolean is(Class<? extends Mood> kind) {
        return moods.containsKey(kind);
    }

    private static Object kindOf(Mood mood) {
        return mood instanceof Mood.Delay delay ? delayKind(delay.only()) : mood.getClass();
    }

    private static Object delayKind(Optional<Operation> only) {
        return List.of(Mood.Delay.class, only);
    }
}
