package dev.upcall.client.session;

import dev.upcall.proto.wire.FrameLayout;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.concurrent.FastThreadLocal;

/// The two buffers that all sessions of one event loop share: what is read is understood before the next read, and a
/// frame that is written has left before the next one is made. So a request needs no buffer of its own, and ten
/// thousand idle guests need none at all.
///
/// A buffer that is still held by somebody (a socket that is full, a read inside a read) is left to them and another
/// one is allocated. Confined to its event loop.
final class LoopBuffers {

    /// Thirty-two frames: a guest answers one request at a time, but an extended one may have sent 256 events, and a
    /// read for each two of them would cost more than all the rest.
    private static final int INBOUND_BYTES = 32 * FrameLayout.FRAME_BYTES;

    /// The buffers live as long as their loop: there is nothing to detect a leak of.
    private static final ByteBufAllocator LASTING = new UnpooledByteBufAllocator(true, true);

    private static final FastThreadLocal<LoopBuffers> OF_THIS_LOOP = new FastThreadLocal<>() {
        @Override
        protected LoopBuffers initialValue() {
            return new LoopBuffers();
        }

        @Override
        protected void onRemoval(LoopBuffers ended) {
            ended.inbound.release();
            ended.outbound.release();
        }
    };

    private final ByteBuf inbound = LASTING.directBuffer(INBOUND_BYTES, INBOUND_BYTES);
    private final ByteBuf outbound = LASTING.directBuffer(FrameLayout.FRAME_BYTES, FrameLayout.FRAME_BYTES);
    private final RecvByteBufAllocator reader = new Reader();

    private LoopBuffers() {}

    /// Those of the event loop that calls.
    static LoopBuffers ofThisLoop() {
        return OF_THIS_LOOP.get();
    }

    /// An empty buffer for one frame, to be written and released.
    ByteBuf frame(ByteBufAllocator otherwise) {
        return lend(outbound, otherwise);
    }

    /// For channels whose handler releases what it is given before it returns.
    RecvByteBufAllocator reader() {
        return reader;
    }

    private static ByteBuf lend(ByteBuf buffer, ByteBufAllocator otherwise) {
        return buffer.refCnt() == 1
                ? buffer.clear().retain()
                : otherwise.directBuffer(buffer.capacity(), buffer.capacity());
    }

    private final class Reader extends DefaultMaxMessagesRecvByteBufAllocator {
        @Override
        public MaxMessageHandle newHandle() {
            return new MaxMessageHandle() {
                @Override
                public ByteBuf allocate(ByteBufAllocator otherwise) {
                    return lend(inbound, otherwise);
                }

                @Override
                public int guess() {
                    return INBOUND_BYTES;
                }
            };
        }
    }
}
