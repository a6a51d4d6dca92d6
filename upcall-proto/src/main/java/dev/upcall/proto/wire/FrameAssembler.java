package dev.upcall.proto.wire;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/// Gathers bytes that arrive in any pieces into whole frames.
///
/// A frame that lies whole in the input is handed on where it lies, without a copy; only a cut one is collected in a
/// buffer of 1 KiB, which is made when it is first needed (ten thousand idle guests cost nothing). Never holds more
/// than one unfinished frame, whatever the peer sends. Not thread-safe: confined to the session's thread.
public final class FrameAssembler {

    /// Receives each whole frame. `base` is where it starts; the bytes are valid only during the call.
    @FunctionalInterface
    public interface FrameSink {
        void frame(ByteBuffer buffer, int base);
    }

    private @Nullable ByteBuffer partial;
    private int gathered;

    /// Takes all remaining bytes of `input` and hands every frame that is now complete to `sink`, in order.
    public void accept(ByteBuffer input, FrameSink sink) {
        while (input.hasRemaining()) {
            if (gathered == 0 && input.remaining() >= FrameLayout.FRAME_BYTES) {
                int base = input.position();
                input.position(base + FrameLayout.FRAME_BYTES);
                sink.frame(input, base);
            } else {
                gather(input, sink);
            }
        }
    }

    /// How many bytes of an unfinished frame are held, 0 … 1023. Not 0 at end of stream: the peer cut a frame.
    public int gathered() {
        return gathered;
    }

    private void gather(ByteBuffer input, FrameSink sink) {
        ByteBuffer buffer = partial;
        if (buffer == null) {
            buffer = ByteBuffer.allocate(FrameLayout.FRAME_BYTES).order(ByteOrder.LITTLE_ENDIAN);
            partial = buffer;
        }
        int taken = Math.min(input.remaining(), FrameLayout.FRAME_BYTES - gathered);
        buffer.put(gathered, input, input.position(), taken);
        input.position(input.position() + taken);
        gathered += taken;
        if (gathered == FrameLayout.FRAME_BYTES) {
            gathered = 0;
            sink.frame(buffer, 0);
        }
    }
}
