package dev.upcall.client.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.client.transport.GuestPort.GuestEnd;
import dev.upcall.client.transport.GuestPort.HostEnd;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class InProcessTest {
    private final Loops loops = new Loops();
    private final CompletableFuture<HostEnd> opened = new CompletableFuture<>();
    private final CompletableFuture<Boolean> closed = new CompletableFuture<>();
    private final Received received = new Received();

    @AfterEach
    void the_loops_end() {
        loops.close();
    }

    @ParameterizedTest
    @EnumSource
    void bytes_go_there_and_back(IoKind kind) {
        Channel channel = dial(kind, new Echo());
        var _ = channel.writeAndFlush(ascii("hello"));
        assertThat(received.next(5)).isEqualTo("hello");
    }

    @ParameterizedTest
    @EnumSource
    void the_guest_may_speak_first_and_from_any_thread(IoKind kind) {
        dial(kind, new Echo());
        assertThat(Await.result(opened).deliver(bytes("boo"))).isTrue();
        assertThat(received.next(3)).isEqualTo("boo");
    }

    @ParameterizedTest
    @EnumSource
    void a_refusing_port_fails_the_dial(IoKind kind) {
        Target target = new InProcessTarget("vm", _ -> {
            throw new IOException("no such port");
        });
        assertThat(Await.failure(Transports.dial(target, loops.next(kind), received)))
                .hasMessageContaining("no such port");
    }

    @ParameterizedTest
    @EnumSource
    void the_guest_is_told_that_the_host_has_gone(IoKind kind) {
        Await.result(dial(kind, new Echo()).close());
        assertThat(Await.result(closed)).isTrue();
        assertThat(Await.result(opened).deliver(bytes("late"))).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void what_was_delivered_before_the_end_is_read(IoKind kind) {
        dial(kind, new Echo());
        HostEnd host = Await.result(opened);
        host.deliver(bytes("last words"));
        host.close();
        assertThat(received.next(10)).isEqualTo("last words");
        Await.result(received.inactive);
    }

    @ParameterizedTest
    @EnumSource
    void a_host_that_does_not_read_is_not_buried(IoKind kind) {
        Channel channel = dial(kind, new Echo());
        channel.config().setAutoRead(false);
        Await.result(channel.eventLoop().submit(() -> {}));
        HostEnd host = Await.result(opened);
        byte[] kilobyte = new byte[1024];
        int taken = 0;
        while (taken < 1000 && host.deliver(ByteBuffer.wrap(kilobyte))) {
            taken++;
        }
        // one read of 16 pieces may have been asked for before auto-read went off
        assertThat(taken).isBetween(64, 64 + 16);
        channel.config().setAutoRead(true);
        received.next(taken * 1024);
        assertThat(host.deliver(bytes("again"))).isTrue();
    }

    private Channel dial(IoKind kind, Echo guest) {
        Target target = new InProcessTarget("vm", host -> {
            guest.host = host;
            opened.complete(host);
            return guest;
        });
        assertThat(target).hasToString("in-process:vm");
        return Await.channel(Transports.dial(target, loops.next(kind), received));
    }

    private static ByteBuf ascii(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    private final class Echo implements GuestEnd {
        private HostEnd host = new HostEnd() {
            @Override
            public boolean deliver(ByteBuffer bytes) {
                return false;
            }

            @Override
            public void close() {}
        };

        @Override
        public void received(ByteBuffer bytes) {
            host.deliver(bytes);
        }

        @Override
        public void closed() {
            closed.complete(true);
        }
    }
}
