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
    private @Nullable OkLine okLine;
    private boolean announced;
    private boolean broken;

    public InboundStream(long epoch, boolean hybrid) {
        this.epoch = epoch;
        this.okLine = hybrid ? new OkLine() : null;
    }

    /// Takes all bytes of `input`; nothing more is understood after a breach of the protocol.
    public void accept(ByteBuffer input, Consumer<Event> sink) {
        if (broken) {
            input.position(input.limit());
            return;
        }
        if (okLine != null && !takeOkLine(okLine, input, sink)) {
            return;
        }
        assembler.accept(input, (buffer, base) -> {
            ReplyFrame frame = ReplyFrame.read(buffer, base);
            if (announced) {
                sink.accept(new Event.FrameArrived(epoch, frame));
            } else {
                announced = true;
                sink.accept(new Event.ServiceAnnounced(epoch, frame));
            }
        });
    }

    /// The stream ended.
    ///
    /// @param how end of stream or the error, for people
    public void end(String how, Consumer<Event> sink) {
        int cut = assembler.gathered();
        sink.accept(new Event.PeerClosed(epoch, cut == 0 ? how : how + " after " + cut + " bytes of a frame"));
    }

    private boolean takeOkLine(OkLine line, ByteBuffer input, Consumer<Event> sink) {
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
}
