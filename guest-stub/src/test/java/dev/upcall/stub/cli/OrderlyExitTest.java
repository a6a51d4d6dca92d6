package dev.upcall.stub.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.extension.Decoded;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.EventAck;
import dev.upcall.proto.extension.EventKind;
import dev.upcall.proto.extension.EventNotify;
import dev.upcall.proto.extension.ExtensionReader;
import dev.upcall.proto.extension.ExtensionWriter;
import dev.upcall.proto.extension.Features;
import dev.upcall.proto.extension.FromGuest;
import dev.upcall.proto.extension.Handshake;
import dev.upcall.proto.wire.ExtensionFrame;
import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// "Extended guests" §3 by the program itself, as a process of its own.
@Timeout(60)
class OrderlyExitTest {
    @TempDir
    private Path folder = Path.of("");

    @Test
    void s3_on_sigterm_the_terminal_event_comes_then_the_end_of_the_stream_and_the_process_ends() throws Exception {
        Process stub = start();
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket()))) {
            DataInputStream in = new DataInputStream(Channels.newInputStream(channel));
            open(channel, in);

            stub.destroy(); // SIGTERM

            EventNotify event = (EventNotify) hear(in);
            assertThat(event.kind()).isEqualTo(EventKind.APP_EXIT);
            write(channel, ExtensionWriter.toBytes(new EventAck(event.epoch(), event.sequence())));
            assertThat(in.read()).isEqualTo(-1);
            assertThat(stub.waitFor()).as("SIGTERM").isEqualTo(143);
            assertThat(socket()).doesNotExist();
        } finally {
            stub.destroyForcibly();
        }
    }

    @Test
    void s2_a_crash_on_demand_is_the_end_without_a_word() throws Exception {
        Process stub = start("--mood", "crash");
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket()))) {
            DataInputStream in = new DataInputStream(Channels.newInputStream(channel));
            open(channel, in);
            byte[] addCpu1 = new byte[1024];
            ByteBuffer.wrap(addCpu1)
                    .putInt(0x00014D44)
                    .putInt(0)
                    .put(8, (byte) 1)
                    .put(16, (byte) 1)
                    .put(18, (byte) 1);
            write(channel, addCpu1);
            assertThat(stub.waitFor()).isEqualTo(ExitCode.CRASHED.number());
            assertThat(in.read()).isEqualTo(-1);
        } finally {
            stub.destroyForcibly();
        }
    }

    private Process start(String... more) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                GuestStub.class.getName(),
                "--kernel",
                "extended",
                "--listen",
                "unix://" + socket());
        builder.command().addAll(List.of(more));
        Process stub = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        BufferedReader out = stub.inputReader();
        assertThat(out.readLine()).isEqualTo("listening on unix://" + socket());
        return stub;
    }

    private static void open(SocketChannel channel, DataInputStream in) throws IOException {
        write(channel, new byte[] {'d'});
        in.readNBytes(1024);
        write(channel, ExtensionWriter.toBytes(Handshake.Open.first(Features.ALL, new Epoch(0xC1))));
        hear(in);
    }

    private static FromGuest hear(DataInputStream in) throws IOException {
        ExtensionFrame frame = ExtensionFrame.readFromGuest(ByteBuffer.wrap(in.readNBytes(1024)), 0);
        if (ExtensionReader.fromGuest(frame) instanceof Decoded.Message<FromGuest>(FromGuest message)) {
            return message;
        }
        throw new AssertionError("unreadable: " + frame);
    }

    private static void write(SocketChannel channel, byte[] bytes) throws IOException {
        ByteBuffer all = ByteBuffer.wrap(bytes);
        while (all.hasRemaining()) {
            channel.write(all);
        }
    }

    private Path socket() {
        return folder.resolve("vm.sock");
    }
}
