package dev.upcall.client.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// The end of a test's pipeline: keeps what came, and lets the test wait for it.
final class Received extends SimpleChannelInboundHandler<ByteBuf> {
    private final BlockingQueue<String> pieces = new LinkedBlockingQueue<>();
    final CompletableFuture<Boolean> inactive = new CompletableFuture<>();

    @Override
    protected void channelRead0(ChannelHandlerContext context, ByteBuf bytes) {
        pieces.add(bytes.toString(StandardCharsets.US_ASCII));
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        inactive.complete(true);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        var _ = context.close();
    }

    /// The next bytes, as many as the text has.
    String next(int length) {
        StringBuilder text = new StringBuilder();
        try {
            while (text.length() < length) {
                String piece = pieces.poll(Await.DEADLINE_SECONDS, TimeUnit.SECONDS);
                if (piece == null) {
                    throw new AssertionError("expected " + length + " bytes, found only \"" + text + "\"");
                }
                text.append(piece);
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return text.toString();
    }

    boolean isEmpty() {
        return pieces.isEmpty();
    }
}
