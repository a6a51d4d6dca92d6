package dev.upcall.e2e.vm;

import dev.upcall.client.posix.PosixException;
import dev.upcall.client.posix.VsockAddress;
import dev.upcall.client.posix.VsockSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;

/// A program that runs inside the guest: AF_VSOCK ports at which streams are tried, by our own sockets.
///
/// | port       | what it does                                                                            |
/// |------------|-----------------------------------------------------------------------------------------|
/// | [#ECHO]    | says what it hears; ends its direction when the host has ended the other                |
/// | [#SINK]    | reads to the end, then says SHA-256 of it in hexadecimal                                |
/// | [#SOURCE]  | reads a number of blocks, a line, and says so many of [Pattern]; then ends              |
/// | [#PARTING] | says `bye`, ends its direction, reads to the end; the console is told how many bytes came |
/// | [#DIALLER] | reads a port of the host and a text, a line; dials, says the text, ends its direction   |
/// |            | and says what it heard, or why not, and how many ms the dialling took                   |
///
/// One platform thread for each stream, because the calls hold their thread.
public final class GuestPorts {
    public static final long ECHO = 1000;
    public static final long SINK = 1001;
    public static final long SOURCE = 1002;
    public static final long PARTING = 1003;
    public static final long DIALLER = 1004;

    /// Nobody listens there.
    public static final long NOBODY = 1999;

    /// On the console once all ports are there.
    public static final String READY = "guest-ports: ready";

    private static final long HOST_CID = 2;

    /// No story is longer.
    private static final Duration FOR_EVER = Duration.ofDays(1);

    /// Much longer than a guest kernel's own patience.
    private static final Duration DIAL_MAX = Duration.ofSeconds(20);

    private static final int BUFFER_BYTES = 64 * 1024;

    private GuestPorts() {}

    /// What is done with one stream.
    @FunctionalInterface
    private interface Service {
        void serve(VsockSocket stream) throws PosixException;
    }

    public static void main(String... args) throws PosixException {
        listen(ECHO, GuestPorts::echo);
        listen(SINK, GuestPorts::sink);
        listen(SOURCE, GuestPorts::source);
        listen(PARTING, GuestPorts::part);
        listen(DIALLER, GuestPorts::dial);
        System.out.println(READY);
    }

    private static void listen(long port, Service service) throws PosixException {
        VsockSocket listening = VsockSocket.listen(new VsockAddress(VsockAddress.CID_ANY, port));
        Thread.ofPlatform().start(() -> {
            try {
                while (true) {
                    listening
                            .accept(FOR_EVER)
                            .ifPresent(stream -> Thread.ofPlatform().start(() -> serve(service, stream)));
                }
            } catch (PosixException e) {
                System.out.println("guest-ports: " + port + " is lost: " + e.getMessage());
            }
        });
    }

    private static void serve(Service service, VsockSocket stream) {
        try (stream) {
            service.serve(stream);
        } catch (PosixException e) {
            // A host that leaves early is what half of the stories are about.
            if (!e.errno().meansLost()) {
                System.out.println("guest-ports: " + e.getMessage());
            }
        }
    }

    private static void echo(VsockSocket stream) throws PosixException {
        ByteBuffer bytes = ByteBuffer.allocate(BUFFER_BYTES);
        while (stream.read(bytes.clear()) >= 0) {
            stream.write(bytes.flip());
        }
        stream.shutdownOutput();
    }

    private static void sink(VsockSocket stream) throws PosixException {
        MessageDigest digest = Pattern.digest();
        ByteBuffer bytes = ByteBuffer.allocate(BUFFER_BYTES);
        while (stream.read(bytes.clear()) >= 0) {
            digest.update(bytes.flip());
        }
        say(stream, Pattern.hex(digest));
    }

    private static void source(VsockSocket stream) throws PosixException {
        int blocks = Integer.parseInt(line(stream));
        Pattern pattern = new Pattern();
        for (int i = 0; i < blocks; i++) {
            stream.write(pattern.next());
        }
    }

    private static void part(VsockSocket stream) throws PosixException {
        say(stream, "bye");
        stream.shutdownOutput();
        long count = 0;
        ByteBuffer bytes = ByteBuffer.allocate(BUFFER_BYTES);
        for (int n = stream.read(bytes.clear()); n >= 0; n = stream.read(bytes.clear())) {
            count += n;
        }
        System.out.println(partedAfter(count));
    }

    /// What [#PARTING] writes on the console in the end.
    public static String partedAfter(long bytes) {
        return "guest-ports: parted after " + bytes + " bytes";
    }

    private static void dial(VsockSocket stream) throws PosixException {
        String[] order = line(stream).split(" ", 2);
        long began = System.nanoTime();
        String result;
        try (VsockSocket host = VsockSocket.connect(new VsockAddress(HOST_CID, Long.parseLong(order[0])), DIAL_MAX)) {
            long millis = millisSince(began);
            say(host, order[1]);
            host.shutdownOutput();
            result = millis + " ms, heard " + line(host);
        } catch (PosixException e) {
            result = millisSince(began) + " ms, " + e.getMessage();
        }
        say(stream, result);
    }

    private static long millisSince(long nanos) {
        return Duration.ofNanos(System.nanoTime() - nanos).toMillis();
    }

    private static void say(VsockSocket stream, String line) throws PosixException {
        stream.write(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8)));
    }

    /// Up to the next line feed, or to the end.
    private static String line(VsockSocket stream) throws PosixException {
        StringBuilder line = new StringBuilder();
        ByteBuffer one = ByteBuffer.allocate(1);
        while (stream.read(one.clear()) > 0 && one.get(0) != '\n') {
            line.append((char) one.get(0));
        }
        return line.toString();
    }
}
