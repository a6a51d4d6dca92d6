package dev.upcall.e2e.simulation;

import dev.upcall.proto.message.Request;
import dev.upcall.proto.message.RequestWriter;
import dev.upcall.proto.session.Event;
import dev.upcall.proto.session.InboundStream;
import dev.upcall.proto.session.Trouble;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// One transport, both directions: bytes that take their time, come in pieces, and sometimes do not come.
///
/// Bytes keep their order. What is on its way when the client drops the wire still arrives, as facts of an old number.
final class Wire {

    final long epoch;

    /// The request whose reply the client waits for.
    @Nullable
    Request out;

    /// The request that the guest has read last from this wire.
    @Nullable
    Request atGuest;

    /// What the guest did with it.
    @Nullable
    Truth truth;

    long guestId;
    int onlineBefore;
    private final Simulation world;
    private final SplittableRandom random;
    private final InboundStream inbound;
    private boolean opened;
    private boolean guestGone;
    private boolean ended;
    private boolean mute;
    private long toGuestAt;
    private long fromGuestAt;
    private long frameBytes;

    Wire(long epoch, Simulation world) {
        this.epoch = epoch;
        this.world = world;
        this.random = world.random;
        this.inbound = new InboundStream(epoch, world.weather.hybrid(), world::happens);
    }

    // ------------------------------------------------------------------ dialling

    void dial() {
        if (world.fileMissing) {
            fails(Trouble.Kind.NO_SOCKET_FILE);
        } else if (!world.calm && random.nextInt(100) < world.weather.dialFailures()) {
            switch (random.nextInt(4)) {
                case 0 -> fails(Trouble.Kind.CONNECT_REFUSED);
                case 1 -> fails(Trouble.Kind.BACKLOG_FULL);
                case 2 -> fails(Trouble.Kind.NO_SOCKET_FILE);
                default -> world.trail.note(world.now, "nobody accepts", epoch);
            }
        } else if (!world.weather.hybrid() && world.now < world.guestUpAt) {
            fails(Trouble.Kind.CANNOT_DIAL);
        } else {
            world.agenda.at(world.now + world.latency(), () -> {
                opened = true;
                world.guest.open(this, world.weather.hybrid(), world.now);
                world.happens(new Event.TransportOpened(epoch));
            });
        }
    }

    private void fails(Trouble.Kind kind) {
        world.agenda.at(
                world.now + world.latency(), () -> world.happens(new Event.DialFailed(epoch, Trouble.of(kind))));
    }

    // ------------------------------------------------------------------ to the guest

    void sendLine(byte[] line) {
        if (world.now < world.guestUpAt) {
            if (random.nextBoolean()) {
                closedByGuest("booting");
            } else {
                toGuestAt = world.guestUpAt; // parked until the guest's driver is up
                send(line);
            }
        } else {
            send(line);
        }
    }

    void send(byte[] bytes) {
        toGuestAt = Math.max(toGuestAt, world.now + world.latency());
        world.agenda.at(toGuestAt, () -> {
            if (!guestGone) {
                world.guest.arrived(this, bytes, world.now);
            }
        });
    }

    void transmit(Request request) {
        if (out != null) {
            throw new Broken(request + " leaves while " + out + " is out");
        }
        out = request;
        truth = null;
        byte[] frame = RequestWriter.toBytes(request);
        if (world.calm || random.nextInt(1000) >= world.weather.cut()) {
            toGuestAt = Math.max(toGuestAt, world.now + world.latency());
            world.agenda.at(toGuestAt, () -> reaches(request, frame));
            return;
        }
        int length = world.weather.torn() ? random.nextInt(1024) : random.nextBoolean() ? 1024 : 0;
        toGuestAt = Math.max(toGuestAt, world.now + world.latency());
        world.agenda.at(toGuestAt, () -> {
            if (length > 0) {
                if (length < 1024) {
                    world.guest.excuse(); // the guest runs what its buffer held before
                    mute = true; // whoever tore it carries nothing back
                }
                reaches(request, Arrays.copyOf(frame, length));
            }
            reset("reset behind " + length + " bytes of the request");
        });
    }

    private void reaches(Request request, byte[] bytes) {
        if (!guestGone) {
            atGuest = request;
            world.guest.arrived(this, bytes, world.now);
        }
    }

    /// The client has dropped it.
    void dropped() {
        toGuestAt = Math.max(toGuestAt, world.now + world.latency());
        world.agenda.at(toGuestAt, this::leaveGuest);
    }

    private void leaveGuest() {
        if (opened && !guestGone) {
            guestGone = true;
            world.guest.peerClosed(this, world.now);
        }
    }

    // ------------------------------------------------------------------ from the guest

    void fromGuest(byte[] sent) {
        if (mute) {
            return;
        }
        byte[] bytes = sent;
        boolean frame = bytes.length == 1024;
        if (!world.calm) {
            if (random.nextInt(1000) < world.weather.slow()) {
                fromGuestAt = Math.max(fromGuestAt, world.now) + world.longWhile();
            }
            boolean whole = frame || (bytes.length < 20 && frameBytes == 0);
            if (whole && random.nextInt(1000) < world.weather.lost()) {
                world.trail.note(world.now, "lost on the way, bytes", bytes.length);
                return;
            }
            if (whole && random.nextInt(1000) < world.weather.mangled()) {
                bytes = frame ? mangledFrame(bytes) : mangledLine();
                world.trail.note(world.now, "mangled on the way, bytes", bytes.length);
            }
            if (random.nextInt(1000) < world.weather.cut()) {
                deliver(Arrays.copyOf(bytes, random.nextInt(bytes.length)));
                reset("cut");
                return;
            }
        }
        frameBytes += bytes.length >= 20 || frameBytes > 0 ? bytes.length : 0;
        deliver(bytes);
    }

    /// A frame nobody asked for, where it does not tear another one apart.
    void noise() {
        if (opened && !guestGone && frameBytes % 1024 == 0) {
            byte[] frame = new byte[1024];
            frame[1] = 0x01;
            frame[2] = 0x4D;
            frame[3] = 0x44;
            frame[8] = (byte) (random.nextBoolean() ? 0 : 99);
            deliver(frame);
        }
    }

    void closedByGuest(String why) {
        guestGone = true;
        if (world.now < world.guestUpAt) {
            fromGuestAt = Math.max(fromGuestAt, world.now + random.nextLong(Storm.REBOOT_NOTICED));
        }
        ends(why);
    }

    /// Both ends lose it at about the same time.
    void reset(String why) {
        ends(why);
        world.agenda.at(world.now + world.latency(), this::leaveGuest);
    }

    boolean isOpen() {
        return opened && !guestGone && !ended;
    }

    private void ends(String why) {
        fromGuestAt = Math.max(fromGuestAt, world.now + world.latency());
        world.agenda.at(fromGuestAt, () -> {
            if (!ended) {
                ended = true;
                inbound.end(why);
            }
        });
    }

    /// In one piece, in a few, or byte by byte.
    private void deliver(byte[] bytes) {
        fromGuestAt = Math.max(fromGuestAt, world.now + world.latency());
        int kind = random.nextInt(64);
        for (int at = 0; at < bytes.length; ) {
            int length = switch (kind) {
                case 0 -> 1 + random.nextInt(3);
                case 1, 2, 3, 4, 5, 6, 7, 8, 9 -> 1 + random.nextInt(700);
                default -> bytes.length;
            };
            byte[] piece = Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + length));
            at += piece.length;
            world.agenda.at(fromGuestAt, () -> {
                if (!ended) {
                    inbound.accept(ByteBuffer.wrap(piece));
                }
            });
            fromGuestAt += kind == 1 ? world.latency() : 0;
        }
    }

    private byte[] mangledFrame(byte[] frame) {
        byte[] bad = frame.clone();
        switch (random.nextInt(4)) {
            case 0 -> bad[random.nextInt(4)] ^= (byte) (1 + random.nextInt(255)); // magic
            case 1 -> bad[8] ^= (byte) (1 + random.nextInt(255)); // type
            case 2 -> bad[5] ^= (byte) (1 + random.nextInt(255)); // size
            default -> {
                bad[10] = (byte) 0xe0; // the older dialect
                bad[11] = (byte) 0xdb;
            }
        }
        return bad;
    }

    private byte[] mangledLine() {
        String[] lines = {"KO 1\n", "OK\n", "OK x\n", "HTTP/1.1 400 Bad Request\r\n", "x".repeat(40), "\n", "OK 1\r\n"};
        return lines[random.nextInt(lines.length)].getBytes(StandardCharsets.US_ASCII);
    }
}
