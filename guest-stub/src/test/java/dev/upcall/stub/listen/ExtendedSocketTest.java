package dev.upcall.stub.listen;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.extension.Decoded;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.EventAck;
import dev.upcall.proto.extension.EventKind;
import dev.upcall.proto.extension.EventNotify;
import dev.upcall.proto.extension.ExecuteOnce;
import dev.upcall.proto.extension.ExtensionReader;
import dev.upcall.proto.extension.ExtensionWriter;
import dev.upcall.proto.extension.Features;
import dev.upcall.proto.extension.FromGuest;
import dev.upcall.proto.extension.FromHost;
import dev.upcall.proto.extension.Handshake;
import dev.upcall.proto.extension.HandshakeReply;
import dev.upcall.proto.extension.OnceReply;
import dev.upcall.proto.extension.Refusal;
import dev.upcall.proto.guest.GuestProfile;
import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.wire.ExtensionFrame;
import dev.upcall.stub.StubGuest;
import dev.upcall.stub.StubOptions;
import dev.upcall.stub.agent.Extensions;
import dev.upcall.stub.machine.MachineConfig;
import dev.upcall.stub.mood.Mood;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// "Extended guests" over a real socket: both directions at once, and every limit at its edge.
@Timeout(30)
class ExtendedSocketTest {
    private static final Epoch CLIENT = new Epoch(0xC1);

    @TempDir
    private Path folder = Path.of("");

    private @Nullable StubGuest running;

    @BeforeEach
    void listen() throws IOException {
        running = StubGuest.start(StubOptions.of(MachineConfig.of(GuestProfile.KATA_6_12, 8)
                        .withVcpus(0, 1, 2, 3, 4)
                        .withVcpuStartTimeoutNanos(200_000_000))
                .withExtensions(Extensions.of("test"))
                .withListen("unix://" + socket()));
    }

    @AfterEach
    void close() throws IOException {
        guest().close();
    }

    @Test
    void s3_an_event_comes_while_an_operation_runs_and_its_acknowledgement_is_read() throws IOException {
        try (SocketPeer peer = opened(CLIENT)) {
            say(peer, ExecuteOnce.of(CLIENT, 1, 0, add(7)));
            guest().offerEvent("meanwhile");
            EventNotify event = (EventNotify) hear(peer);
            assertThat(event.detail().toUtf8()).isEqualTo("meanwhile");
            say(peer, new EventAck(event.epoch(), event.sequence()));
            assertThat(((OnceReply) hear(peer)).result()).isEqualTo(-5);
            assertThat(guest().dump().agent().orElseThrow().acknowledged()).isEqualTo(1);
        }
    }

    @Test
    void s1_an_opened_connection_is_read_byte_by_byte_and_two_frames_at_once() throws IOException {
        try (SocketPeer peer = opened(CLIENT)) {
            for (byte b : ExtensionWriter.toBytes(new Handshake.Probe(2))) {
                peer.write(b);
            }
            assertThat(((HandshakeReply.Probe) hear(peer)).sequence()).isEqualTo(2);
            byte[] two = new byte[2048];
            ExtensionWriter.write(new Handshake.Probe(3), ByteBuffer.wrap(two), 0);
            ExtensionWriter.write(new Handshake.Probe(4), ByteBuffer.wrap(two), 1024);
            peer.write(two);
            assertThat(((HandshakeReply.Probe) hear(peer)).sequence()).isEqualTo(3);
            assertThat(((HandshakeReply.Probe) hear(peer)).sequence()).isEqualTo(4);
        }
    }

    @Test
    void s2_the_end_of_the_stream_is_noticed_while_an_operation_runs() throws IOException, InterruptedException {
        try (SocketPeer peer = opened(CLIENT)) {
            say(peer, ExecuteOnce.of(CLIENT, 1, 0, add(7)));
        }
        try (SocketPeer peer = opened(new Epoch(2))) {
            while (guest().dump().agent().orElseThrow().clients().stream()
                    .anyMatch(c -> c.epoch().equals(CLIENT) && c.connections() > 0)) {
                say(peer, new Handshake.Probe(2));
                hear(peer);
            }
            assertThat(guest().dump().machine().lockHeld()).as("it still runs").isTrue();
        }
    }

    @Test
    void s3_at_most_256_events_are_on_their_way_and_all_come_in_order() throws IOException {
        try (SocketPeer peer = opened(CLIENT)) {
            int offered = 0;
            while (guest().offerEvent("event " + offered)) {
                offered++;
            }
            assertThat(offered).isEqualTo(512);
            List<String> heard = new ArrayList<>();
            while (heard.size() < offered) {
                EventNotify event = (EventNotify) hear(peer);
                heard.add(event.detail().toUtf8());
                if (event.sequence() % 256 == 0) {
                    say(peer, new EventAck(event.epoch(), event.sequence()));
                }
            }
            assertThat(heard).startsWith("event 0").endsWith("event 511").doesNotHaveDuplicates();
        }
    }

    @Test
    void s5_the_64th_client_is_served_and_the_65th_is_told_to_come_again() throws IOException {
        List<SocketPeer> all = new ArrayList<>();
        try {
            for (int i = 1; i <= 64; i++) {
                all.add(opened(new Epoch(i)));
            }
            SocketPeer late = SocketPeer.connect(socket());
            all.add(late);
            say(late, Handshake.Open.first(Features.ALL, new Epoch(65)));
            assertThat(((Refusal) hear(late)).result()).isEqualTo(-11);
            assertThat(late.bytesToTheEnd()).isZero();
        } finally {
            for (SocketPeer peer : all) {
                peer.close();
            }
        }
    }

    @Test
    void s3_a_guest_that_leaves_is_heard_to_and_then_closed() throws Exception {
        try (SocketPeer peer = opened(CLIENT);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> leaving = threads.submit(() -> guest().leave(EventKind.APP_EXIT));
            EventNotify event = (EventNotify) hear(peer);
            assertThat(event.kind()).isEqualTo(EventKind.APP_EXIT);
            say(peer, new EventAck(event.epoch(), event.sequence()));
            assertThat(peer.bytesToTheEnd()).isZero();
            leaving.get();
        }
    }

    @Test
    void s3_a_client_that_reads_and_acknowledges_nothing_does_not_hold_up_the_end() throws IOException {
        try (SocketPeer peer = opened(CLIENT)) {
            for (int i = 0; i < 512; i++) {
                guest().offerEvent("x".repeat(512));
            }
            guest().leave(EventKind.APP_EXIT);
            guest().close();
            assertThat(peer.bytesToTheEnd()).isPositive();
        }
    }

    @Test
    void s2_a_black_hole_keeps_the_socket_open_and_notices_its_end() throws IOException {
        try (SocketPeer peer = opened(CLIENT)) {
            guest().become(new Mood.BlackHole());
            say(peer, new Handshake.Probe(2));
        }
        guest().clearMoods();
        try (SocketPeer peer = opened(new Epoch(2))) {
            while (guest().dump().connections().size() > 1) {
                say(peer, new Handshake.Probe(2));
                hear(peer);
            }
            assertThat(guest().dump().connections()).hasSize(1);
        }
    }

    @Test
    void s2_a_crash_is_the_end_of_the_stream_at_once() throws IOException {
        try (SocketPeer peer = opened(CLIENT)) {
            guest().crash();
            assertThat(peer.bytesToTheEnd()).isZero();
        }
        guest().restart();
        opened(CLIENT).close();
    }

    @Test
    void s2_a_paused_guest_answers_when_it_goes_on() throws IOException {
        try (SocketPeer peer = opened(CLIENT)) {
            guest().pause();
            say(peer, new Handshake.Probe(2));
            guest().resume();
            assertThat(((HandshakeReply.Probe) hear(peer)).sequence()).isEqualTo(2);
        }
    }

    private StubGuest guest() {
        return Objects.requireNonNull(running);
    }

    private SocketPeer opened(Epoch client) throws IOException {
        SocketPeer peer = SocketPeer.connect(socket());
        say(peer, Handshake.Open.first(Features.ALL, client));
        assertThat(hear(peer)).isInstanceOf(HandshakeReply.Open.class);
        return peer;
    }

    private static void say(SocketPeer peer, FromHost message) throws IOException {
        peer.write(ExtensionWriter.toBytes(message));
    }

    private static FromGuest hear(SocketPeer peer) throws IOException {
        ExtensionFrame frame = ExtensionFrame.readFromGuest(ByteBuffer.wrap(peer.bytes(1024)), 0);
        if (ExtensionReader.fromGuest(frame) instanceof Decoded.Message<FromGuest>(FromGuest message)) {
            return message;
        }
        throw new AssertionError("unreadable: " + frame);
    }

    private static Request add(int id) {
        return new Request.AddCpu(List.of(new ApicId(id)));
    }

    private Path socket() {
        return folder.resolve("vm.sock");
    }
}
