package dev.upcall.proto.vsock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.vsock.driver.GuestVsock;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.TreeMap;

/// A guest that obeys, as Linux does: it accepts every stream, sends what its credit allows, reads when
/// it likes and says so, ends its half when it has sent all, and answers a SHUTDOWN with RST, twice, once
/// it has read everything.
final class ModelGuest {

    /// One stream. Byte number i of either direction is `(byte) (i * 7 + i / 256)`.
    private static final class Socket {
        final int port;
        final int hostPort;
        final int toSend;
        int sent;
        int received;
        int read;
        int hostAllowance;
        int hostForwarded;
        boolean endSaid;
        boolean shutDown;

        Socket(int port, int hostPort, int toSend) {
            this.port = port;
            this.hostPort = hostPort;
            this.toSend = toSend;
        }
    }

    final GuestVsock vsock;
    final Map<Integer, Integer> readInAll = new TreeMap<>();
    private final Map<Integer, Socket> sockets = new TreeMap<>();
    private final Queue<PacketHeader> answers = new ArrayDeque<>();
    private final Random random;
    private final int allowance;
    private final byte[] bytes = new byte[VsockRules.BUFFER_BYTES];

    /// The data to send is in one place, so there is one such packet until the device has worked.
    private boolean dataOut;

    ModelGuest(Random random) {
        this.random = random;
        this.vsock = new GuestVsock(8, 600 + random.nextInt(3000));
        this.allowance = 1500 + random.nextInt(10_000);
        vsock.offerBuffers();
    }

    static byte pattern(int at) {
        return (byte) (at * 7 + at / 256);
    }

    static boolean isPattern(byte[] bytes, int at, int count) {
        for (int i = 0; i < count; i++) {
            if (bytes[i] != pattern(at + i)) {
                return false;
            }
        }
        return true;
    }

    static int plan(int hostPort) {
        return new Random(hostPort * 0x9E3779B97F4A7C15L).nextInt(150_000);
    }

    /// What a guest does between two turns of the device.
    ///
    /// @return whether it kicks: it did something, and the device had asked to be told
    boolean act() {
        int offered = vsock.toGuest().announced();
        int sent = vsock.fromGuest().announced();
        dataOut &= vsock.fromGuest().usedIndex() != sent;
        if (random.nextInt(3) > 0) {
            while (vsock.receive()) {
                heard(vsock.received());
            }
            vsock.offerBuffers();
        }
        while (!answers.isEmpty() && vsock.canSend()) {
            vsock.send(answers.remove(), 0);
        }
        sockets.values().forEach(this::goOn);
        sockets.keySet().removeAll(readInAll.keySet());
        boolean refilled = vsock.toGuest().announced() != offered;
        boolean said = vsock.fromGuest().announced() != sent;
        return (refilled && vsock.toGuest().wantsKick())
                || (said && vsock.fromGuest().wantsKick());
    }

    private void heard(PacketHeader h) {
        Socket s = sockets.get(h.srcPort());
        PacketOp op = PacketOp.of(h.op());
        if (s == null) {
            assertThat(op).isIn(PacketOp.REQUEST, PacketOp.RST);
            if (op == PacketOp.REQUEST) {
                Socket fresh = new Socket(h.dstPort(), h.srcPort(), plan(h.srcPort()));
                fresh.hostAllowance = h.bufAlloc();
                sockets.put(h.srcPort(), fresh);
                answer(fresh, PacketOp.RESPONSE, 0);
            }
            return;
        }
        s.hostAllowance = h.bufAlloc();
        s.hostForwarded = h.fwdCnt();
        switch (op) {
            case RW -> take(s, h.len());
            case SHUTDOWN -> s.shutDown |= h.flags() == PacketHeader.SHUTDOWN_BOTH;
            case CREDIT_REQUEST -> answer(s, PacketOp.CREDIT_UPDATE, 0);
            case CREDIT_UPDATE -> {}
            case null, default -> throw new AssertionError("a good guest got " + h);
        }
    }

    private void take(Socket s, int len) {
        vsock.receivedData(bytes, len);
        assertThat(isPattern(bytes, s.received, len))
                .as("bytes from %d on", s.received)
                .isTrue();
        s.received += len;
        assertThat(s.received - s.read).as("never more than there is room for").isLessThanOrEqualTo(allowance);
        assertThat(s.shutDown).as("data after the end").isFalse();
    }

    private void goOn(Socket s) {
        if (s.read < s.received && random.nextInt(4) == 0) {
            s.read += random.nextInt(s.received - s.read) + 1;
            answer(s, PacketOp.CREDIT_UPDATE, 0);
        }
        int free = s.hostAllowance - (s.sent - s.hostForwarded);
        int count = Math.min(Math.min(s.toSend - s.sent, free), 1 + random.nextInt(5000));
        if (count > 0 && !dataOut && answers.isEmpty() && vsock.canSend() && random.nextInt(3) == 0) {
            for (int i = 0; i < count; i++) {
                vsock.data().set(ValueLayout.JAVA_BYTE, i, pattern(s.sent + i));
            }
            s.sent += count;
            vsock.send(packet(s, PacketOp.RW, 0, count), count);
            dataOut = true;
        } else if (s.sent == s.toSend && !s.endSaid) {
            s.endSaid = true;
            answer(s, PacketOp.SHUTDOWN, PacketHeader.NO_MORE_SEND);
        } else if (s.shutDown && s.read == s.received) {
            readInAll.put(s.hostPort, s.read);
            answer(s, PacketOp.RST, 0);
            answer(s, PacketOp.RST, 0);
        }
    }

    private void answer(Socket s, PacketOp op, int flags) {
        answers.add(packet(s, op, flags, 0));
    }

    private PacketHeader packet(Socket s, PacketOp op, int flags, int len) {
        return new PacketHeader()
                .from(Pair.CID, s.port)
                .to(2, s.hostPort)
                .says(1, op.code(), flags, len)
                .credits(allowance, s.read);
    }
}
