package dev.upcall.e2e.benchmark;

import dev.upcall.proto.vsock.PacketHeader;
import dev.upcall.proto.vsock.PacketOp;
import dev.upcall.proto.vsock.VsockDevice;
import dev.upcall.proto.vsock.VsockRules;
import dev.upcall.proto.vsock.driver.EchoHost;
import dev.upcall.proto.vsock.driver.GuestVsock;

/// A vsock device, a guest's driver and an echoing host on one thread: a packet each way, over real rings in memory,
/// without a VM, an eventfd or a socket.
final class VsockPackets implements Peer.Work {
    private static final int GUEST_PORT = 1024;
    private static final int HOST_PORT = 52;

    /// Between two looks at the clock.
    private static final int BATCH = 1000;

    private final int bytes;
    private final GuestVsock guest = new GuestVsock();
    private final EchoHost host = new EchoHost();
    private final VsockDevice device = new VsockDevice(VsockRules.of(3), host);
    private final PacketHeader packet = new PacketHeader();
    private int forwarded;

    /// @param bytes of data in each packet, at most what one receive buffer of a Linux guest takes
    VsockPackets(int bytes) {
        this.bytes = bytes;
        for (int ring = VsockDevice.TO_GUEST; ring <= VsockDevice.FROM_GUEST; ring++) {
            device.start(ring, guest.memory(), guest.place(ring), 0);
        }
        guest.offerBuffers();
        say(PacketOp.REQUEST, 0);
        turn();
        if (!guest.receive() || guest.received().op() != PacketOp.RESPONSE.code()) {
            throw new IllegalStateException("the device has not opened the stream");
        }
    }

    @Override
    public String run(long millis) {
        long allocated = Cost.allocatedBytes();
        long begin = System.nanoTime();
        long now = begin;
        long packets = 0;
        long carried = 0;
        while (now - begin < millis * 1_000_000) {
            for (int i = 0; i < BATCH; i++) {
                say(PacketOp.RW, bytes);
                turn();
                packets++;
                while (guest.receive()) {
                    packets++;
                    carried += guest.received().len();
                    forwarded += guest.received().len();
                }
                guest.offerBuffers();
            }
            now = System.nanoTime();
        }
        if (carried * 2 < packets * bytes) {
            throw new IllegalStateException("expected every byte back, found " + carried + " in " + packets);
        }
        return "packet " + (double) (now - begin) / packets + " bytes "
                + (double) (Cost.allocatedBytes() - allocated) / packets;
    }

    private void say(PacketOp op, int data) {
        packet.from(3, GUEST_PORT).to(2, HOST_PORT).says(1, op.code(), 0, data).credits(262_144, forwarded);
        guest.send(packet, data);
        guest.canSend(); // takes back what the device has read
    }

    private void turn() {
        int did = device.work(0);
        while (host.report(device.streams()) || (did & VsockDevice.MORE) != 0) {
            did = device.work(0);
        }
    }
}
