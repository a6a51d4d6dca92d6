package dev.upcall.stub.mood;

import dev.upcall.proto.message.Operation;
import dev.upcall.proto.wire.FrameLayout;
import java.util.Optional;

/// One way to behave badly. The package's table says what each does.
public sealed interface Mood {

    /// @param only the operation it is about, [Operation#CONNECT] for the CONNECT frame; empty for all replies
    record Delay(long nanos, Optional<Operation> only) implements Mood {
        public Delay {
            requireNotNegative("delay", nanos);
        }
    }

    record Silent() implements Mood {}

    record LoseNextReply() implements Mood {}

    /// @param atByte how many bytes are sent, 0 … 1023
    record CutNextFrame(int atByte) implements Mood {
        public CutNextFrame {
            if (atByte < 0 || atByte >= FrameLayout.FRAME_BYTES) {
                throw new IllegalArgumentException(
                        "a frame is cut at byte 0 to " + (FrameLayout.FRAME_BYTES - 1) + ": " + atByte);
            }
        }
    }

    record ResetNextRequest() implements Mood {}

    /// @param requests how many are still answered
    record RebootAfter(int requests) implements Mood {
        public RebootAfter {
            if (requests < 0) {
                throw new IllegalArgumentException("reboot after at least 0 requests: " + requests);
            }
        }
    }

    record Refuse() implements Mood {}

    /// @param bytes length of each piece but the last, 1 … 1024
    /// @param gapNanos time between two pieces
    record SplitFrames(int bytes, long gapNanos) implements Mood {
        public SplitFrames {
            if (bytes < 1 || bytes > FrameLayout.FRAME_BYTES) {
                throw new IllegalArgumentException(
                        "a frame is split into pieces of 1 to " + FrameLayout.FRAME_BYTES + " bytes: " + bytes);
            }
            requireNotNegative("gap", gapNanos);
        }
    }

    /// @param ending what the guest does in place of its next reply: CRASHES, RESTARTS or REBOOTS
    record Crash(Ending ending) implements Mood {
        public Crash {
            if (ending == Ending.GOES_ON || ending == Ending.CLOSES) {
                throw new IllegalArgumentException("a crash ends the guest, its agent or its boot: " + ending);
            }
        }
    }

    record BlackHole() implements Mood {}

    record OldDialect() implements Mood {}

    record NoService() implements Mood {}

    record Park(long nanos) implements Mood {
        public Park {
            requireNotNegative("park", nanos);
        }
    }

    record GarbageOk() implements Mood {}

    private static void requireNotNegative(String what, long nanos) {
        if (nanos < 0) {
            throw new IllegalArgumentException(what + " must not be negative: " + nanos + " ns");
        }
    }
}
