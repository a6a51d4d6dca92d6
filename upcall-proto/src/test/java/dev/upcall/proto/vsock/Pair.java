package dev.upcall.proto.vsock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.vsock.driver.EchoHost;
import dev.upcall.proto.vsock.driver.GuestVsock;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A device with an echoing host on the one side and a guest's driver on the other, in one process.
final class Pair {

    static final int CID = 3;

    final GuestVsock guest;
    final EchoHost host = new EchoHost();
    final VsockDevice device = new VsockDevice(VsockRules.of(CID), host);
    final PacketHeader packet = new PacketHeader();
    int sent;
    int forwarded;
    long now;

    Pair(GuestVsock guest) {
        this.guest = guest;
        start(0, 0);
    }

    static Pair up() {
        return new Pair(new GuestVsock());
    }

    void start(int base0, int base1) {
        device.start(0, guest.memory(), guest.place(0), base0);
        device.start(1, guest.memory(), guest.place(1), base1);
        guest.offerBuffers();
    }

    /// Lets both sides work until nothing is left to do.
    int work() {
        int did = device.work(now);
        while (host.report(device.streams()) || (did & VsockDevice.MORE) != 0) {
            did = (did & ~VsockDevice.MORE) | device.work(now);
        }
        return did;
    }

    void says(PacketOp op, int guestPort, int flags) {
        says(op.code(), guestPort, flags, 0, 0);
    }

    void says(int op, int guestPort, int flags, int len, int load) {
        packet.from(CID, guestPort).to(2, 52).says(1, op, flags, len).credits(262_144, forwarded);
        guest.send(packet, load);
    }

    /// The guest opens a stream to the host.
    void opens(int guestPort) {
        says(PacketOp.REQUEST, guestPort, 0);
        work();
        gets(PacketOp.RESPONSE);
    }

    /// The next packet that the guest got is this.
    void gets(PacketOp op) {
        assertThat(guest.receive()).as("a packet came").isTrue();
        assertThat(PacketOp.of(guest.received().op())).isEqualTo(op);
    }

    void getsNothing() {
        assertThat(guest.receive()).as("a packet came").isFalse();
    }

    Pair fill(int count) {
        MemorySegment data = guest.data();
        for (int i = 0; i < count; i++) {
            data.set(ValueLayout.JAVA_BYTE, i, (byte) (i * 31 + i / 1000));
        }
        return this;
    }

    byte[] filled(int from, int count) {
        return guest.data().asSlice(from, count).toArray(ValueLayout.JAVA_BYTE);
    }

    byte[] data() {
        byte[] bytes = new byte[guest.received().len()];
        guest.receivedData(bytes, bytes.length);
        return bytes;
    }
}
