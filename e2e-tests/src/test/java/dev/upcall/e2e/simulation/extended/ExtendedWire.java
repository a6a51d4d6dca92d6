package dev.upcall.e2e.simulation.extended;

import dev.upcall.e2e.simulation.Broken;
import dev.upcall.e2e.simulation.Truth;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.ExtensionType;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.session.Event;
import dev.upcall.proto.session.InboundStream;
import dev.upcall.proto.session.Trouble;
import dev.upcall.proto.wire.ExtensionFrame;
import dev.upcall.proto.wire.FrameHeader;
import dev.upcall.proto.wire.FrameLayout;
import dev.upcall.stub.machine.MachineDump;
import dev.upcall.stub.service.UpcallServer;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// One transport between a client and the guest, both directions: bytes that take their time, come in any
/// pieces, and end behind any byte. They keep their order. What is on its way when the client drops the wire
/// still arrives, as facts of an old number.
final class ExtendedWire {

    /// Nanoseconds within which every connection to a stock guest that is gone has ended.
    private static final long NOTICED = 100 * Climate.MILLI;

    final long number;

    /// The guest's end.
    @Nullable
    UpcallServer server;

    long link;

    /// The request of any kind whose answer the client waits for.
    @Nullable
    Object out;

    /// Of the kind that an outcome answers: a plain request or EXECUTE_ONCE.
    @Nullable
    Object operation;

    /// The plain request that the guest has read last, what it did with it, and how it was before.
    @Nullable
    Request plainAtGuest;

    @Nullable
    Truth truth;

    int onlineBefore;
    long plainReadAt;

    /// How the guest was when it told the last page of its inventory.
    @Nullable
    MachineDump inventoried;

    int runningThen;

    /// The life and the boot of the guest when it answered the opening; null before.
    @Nullable
    Epoch life;

    int boot;

    /// Somebody tampered with its bytes: any breach of the protocol is nobody's fault.
    boolean mangled;

    private final Host host;
    private final ExtendedSimulation world;
    private final SplittableRandom random;
    private final InboundStream inbound;
    private boolean opened;
    private boolean welcome;
    private boolean guestGone;
    private boolean ended;
    private boolean hole;
    private boolean mute;
    private boolean deaf;
    private boolean dropped;
    private long toGuestAt;
    private long fromGuestAt;
    private long frameBytes;

    ExtendedWire(long number, Host host) {
        this.number = number;
        this.host = host;
        this.world = host.world;
        this.random = world.random;
        this.inbound = new InboundStream(number, world.climate.hybrid(), host::happens);
    }

    // ------------------------------------------------------------------ dialling

    void dial() {
        boolean fails = world.strikesOf100(Fault.DIAL_FAILED);
        if (fails && random.nextInt(4) == 0) {
            world.trail.note(world.now, "nobody accepts", number);
        } else if (fails) {
            Trouble.Kind[] kinds = {Trouble.Kind.CONNECT_REFUSED, Trouble.Kind.BACKLOG_FULL, Trouble.Kind.NO_SOCKET_FILE
            };
            Trouble trouble = Trouble.of(kinds[random.nextInt(kinds.length)]);
            world.agenda.at(world.now + world.latency(), () -> host.happens(new Event.DialFailed(number, trouble)));
        } else {
            world.agenda.at(world.now + world.latency(), () -> {
                if (dropped) {
                    return;
                }
                opened = true;
                world.guest.open(this);
                host.happens(new Event.TransportOpened(number));
            });
        }
    }

    // ------------------------------------------------------------------ to the guest

    /// Line and service byte: small enough to stay whole.
    void send(byte[] bytes) {
        toGuestAt = Math.max(toGuestAt, world.now + world.latency());
        later(toGuestAt, bytes, null);
    }

    /// A frame. An extended guest gathers it from any pieces, a stock one must get it whole.
    ///
    /// @param plain the request it is, where it is a plain one
    void sendFrame(byte[] frame, @Nullable Request plain) {
        toGuestAt = Math.max(toGuestAt, world.now + world.latency());
        boolean gathers = world.guest.isExtended() && (host.isOpened() || isOpening(frame));
        if (world.strikes(Fault.RESET_IN_FRAME_TO_GUEST)) {
            int length = gathers ? random.nextInt(frame.length + 1) : random.nextBoolean() ? frame.length : 0;
            world.tally.cut(true, length);
            if (length > 0 && length < frame.length) {
                world.agenda.at(toGuestAt, () -> mute = true); // whoever tore it carries nothing back
            }
            if (length > 0) {
                later(toGuestAt, Arrays.copyOf(frame, length), plain);
            }
            world.agenda.at(toGuestAt, () -> reset("reset behind " + length + " bytes to the guest"));
        } else if (gathers && world.strikes(Fault.SPLIT_TO_GUEST)) {
            for (int at = 0; at < frame.length; ) {
                int length = random.nextInt(4) == 0 ? 1 + random.nextInt(3) : 1 + random.nextInt(frame.length);
                // By its header a guest knows a HANDSHAKE, and waits for the rest.
                length = at == 0 && isOpening(frame) ? Math.max(length, FrameLayout.HEADER_BYTES) : length;
                byte[] piece = Arrays.copyOfRange(frame, at, Math.min(frame.length, at + length));
                at += piece.length;
                later(toGuestAt, piece, plain);
                toGuestAt += world.latency();
            }
        } else {
            if (world.strikes(Fault.DELAYED)) {
                toGuestAt += world.around(world.climate.latency() * 100);
            }
            later(toGuestAt, frame, plain);
        }
    }

    private void later(long at, byte[] bytes, @Nullable Request plain) {
        world.agenda.at(at, () -> {
            if (!guestGone && !hole && !deaf) {
                plainAtGuest = plain == null ? plainAtGuest : plain;
                world.guest.arrived(this, bytes);
            }
        });
    }

    /// A request of any kind leaves.
    void asks(Object request, boolean isOperation) {
        if (out != null) {
            throw new Broken(request + " leaves while " + out + " is out");
        }
        out = request;
        operation = isOperation ? request : null;
        truth = isOperation ? null : truth;
    }

    /// Its answer has come.
    void answered() {
        out = null;
        operation = null;
    }

    /// The client has dropped it.
    void dropped() {
        dropped = true;
        toGuestAt = Math.max(toGuestAt, world.now + world.latency());
        world.aftermath(noticed(toGuestAt), this::leaveGuest);
    }

    private void leaveGuest() {
        if (opened && !guestGone) {
            guestGone = true;
            world.guest.peerClosed(this);
        }
    }

    // ------------------------------------------------------------------ what the guest's side knows

    /// The guest has answered the opening.
    void welcomed() {
        if (!welcome) {
            welcome = true;
            life = world.guest.epoch();
            boot = world.guest.boot;
            host.absence.cameBack(world.now);
        }
    }

    /// The guest has forgotten it.
    void forgotten() {
        if (welcome) {
            welcome = false;
            host.absence.wentAway(world.now);
        }
    }

    // ------------------------------------------------------------------ from the guest

    void fromGuest(byte[] sent) {
        if (mute || hole) {
            return;
        }
        boolean frame = sent.length == FrameLayout.FRAME_BYTES;
        FrameHeader header = frame ? FrameHeader.read(ByteBuffer.wrap(sent), 0) : null;
        boolean reply = header != null && !isNotification(header);
        byte[] bytes = sent;
        if (reply && world.strikes(Fault.REPLY_LOST)) {
            world.trail.note(world.now, "answer lost on", number);
            return;
        }
        if (reply && operation != null && world.strikes(Fault.GONE_BEFORE_REPLY)) {
            mute = true;
            world.agenda.at(world.now, world.misfortune::guestDies);
            return;
        }
        if (frame && world.strikes(Fault.MANGLED)) {
            mangled = true;
            bytes = mangledFrame(sent);
        }
        if (world.strikes(Fault.RESET_IN_FRAME_FROM_GUEST)) {
            int length = random.nextInt(bytes.length + 1);
            world.tally.cut(false, length);
            deliver(Arrays.copyOf(bytes, length));
            reset("reset behind " + length + " bytes from the guest");
            return;
        }
        if (world.strikes(Fault.DELAYED)) {
            fromGuestAt = Math.max(fromGuestAt, world.now) + world.longWhile();
        }
        frameBytes += frame || frameBytes > 0 ? bytes.length : 0;
        deliver(bytes);
    }

    /// A frame nobody asked for, where it does not tear another one apart.
    void unasked() {
        if (isOpen() && frameBytes % FrameLayout.FRAME_BYTES == 0) {
            byte[] frame = new byte[FrameLayout.FRAME_BYTES];
            frame[1] = 0x01;
            frame[2] = 0x4D;
            frame[3] = 0x44;
            frame[8] = (byte) (random.nextBoolean() ? 0 : 99);
            frame[9] = (byte) random.nextInt(2);
            mangled = true;
            deliver(frame);
        }
    }

    void closedByGuest(String why) {
        guestGone = true;
        ends(why);
    }

    /// A stock guest's connections end long before it can be back, and what is on its way is lost: that is
    /// all that a client can notice.
    private void endsAtOnce(String why) {
        world.aftermath(world.now + random.nextLong(NOTICED), () -> {
            if (!ended) {
                ended = true;
                inbound.end(why);
            }
        });
    }

    /// Both ends lose it, each in its own time.
    void reset(String why) {
        world.trail.note(world.now, "wire " + number + " of host " + host.number, why);
        mute = true;
        deaf = true;
        ends(why);
        world.aftermath(noticed(world.now + world.latency()), this::leaveGuest);
    }

    /// Nothing comes through any more, and nobody is told.
    void fallsSilent() {
        hole = true;
    }

    /// The faults are over: what was silent ends.
    void mends() {
        if (hole) {
            endsAtOnce("mended");
            leaveGuest();
        }
    }

    boolean isOpen() {
        return opened && !guestGone && !ended && !hole;
    }

    private void ends(String why) {
        if (life == null) {
            endsAtOnce(why);
            return;
        }
        if (hole) {
            return;
        }
        fromGuestAt = Math.max(fromGuestAt, world.now + world.latency());
        world.aftermath(noticed(fromGuestAt), () -> {
            if (!ended) {
                ended = true;
                inbound.end(why);
            }
        });
    }

    private long noticed(long at) {
        return life != null && world.strikesOf100(Fault.NOTICED_LATE) ? at + world.longWhile() : at;
    }

    private void deliver(byte[] bytes) {
        fromGuestAt = Math.max(fromGuestAt, world.now + world.latency());
        boolean split = bytes.length > 1 && world.strikes(Fault.SPLIT_FROM_GUEST);
        boolean tiny = split && random.nextInt(8) == 0;
        for (int at = 0; at < bytes.length; ) {
            int length = tiny ? 1 + random.nextInt(3) : split ? 1 + random.nextInt(bytes.length) : bytes.length;
            byte[] piece = Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + length));
            at += piece.length;
            world.agenda.at(fromGuestAt, () -> {
                if (!ended) {
                    inbound.accept(ByteBuffer.wrap(piece));
                }
            });
            fromGuestAt += split && !tiny ? world.latency() : 0;
        }
    }

    private static boolean isOpening(byte[] frame) {
        return FrameHeader.read(ByteBuffer.wrap(frame), 0).msgType() == ExtensionType.HANDSHAKE.msgType();
    }

    private static boolean isNotification(FrameHeader header) {
        return ExtensionFrame.is(header) && (header.msgFlags() & FrameLayout.FLAG_NOTIFICATION) != 0;
    }

    /// Magic, size or type: what no frame's load can hide.
    private byte[] mangledFrame(byte[] frame) {
        byte[] bad = frame.clone();
        int at = new int[] {random.nextInt(4), 6, 7, 10}[random.nextInt(4)];
        bad[at] ^= (byte) (1 + random.nextInt(255));
        return bad;
    }
}
