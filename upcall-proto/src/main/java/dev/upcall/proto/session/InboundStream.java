package dev.upcall.proto.session;

import dev.upcall.proto.hybrid.MalformedLineException;
import dev.upcall.proto.hybrid.OkLine;
import dev.upcall.proto.wire.FrameAssembler;
import dev.upcall.proto.wire.ReplyFrame;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One transport's bytes as events, whatever the pieces they come in: first the `OK` line where the target is hybrid,
/// then the CONNECT frame, then replies. Pure; made anew for each transport. Not thread-safe.
public final class InboundStream {

    private final long epoch;
    private final FrameAssembler assembler = new FrameAssembler();
    private final FrameAssembler.FrameSink frames = this::frame;
    private final Consumer<Event> sink;
    private @Nullable OkLine okLine;
    private boolean announced;
    private boolean broken;

    /// @param sink receives what the bytes mean
    public InboundStream(long epoch, boolean hybrid, Consumer<Event> sink) {
        this.epoch = epoch;
        this.sink = sink;
        this.okLine = hybrid ? new OkLine() : null;
    }

    /// Takes all bytes of `input`; nothing more is understood after a breach of the protocol.
    public void accept(ByteBuffer input) {
        if (broken) {
            input.position(input.limit());
            return;
        }
        if (okLine != null && !takeOkLine(okLine, input)) {
            return;
        }
        assembler.accept(input, frames);
    }

    /// The stream ended.
    ///
    /// @param how end of stream or the error, for people
    public void end(String how) {
        int cut = assembler.gathered();
        sink.accept(new Event.PeerClosed(epoch, cut == 0 ? how : how + " after " + cut + " bytes of a frame"));
    }

    private boolean takeOkLine(OkLine line, ByteBuffer input) {
        try {
            if (!line.accept(input)) {
                return false;
            }
        } catch (MalformedLineException e) {
            broken = true;
            input.position(input.limit());
            sink.accept(new Event.PeerMisbehaved(epoch, String.valueOf(e.getMessage())));
            return false;
        }
        okLine = null;
        sink.accept(new Event.ServerAccepted(epoch));
        return true;
    }

    private void frame(ByteBuffer buffer, int base) {
        ReplyFrame frame = ReplyFrame.read(buffer, base);
        if (announced) {
            sink.accept(new Event.FrameArrived(epoch, frame));
        } else {
            announced = true;
            sink.accept(new Event.ServiceAnnounced(epoch, frame));
        }
    }
}
