package dev.upcall.client.bridge.vhost;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.client.posix.Epoll;
import dev.upcall.client.posix.EventFd;
import dev.upcall.client.posix.Fd;
import dev.upcall.client.posix.FdSocket;
import dev.upcall.client.posix.Mapping;
import dev.upcall.client.posix.MemoryFile;
import dev.upcall.client.posix.PosixException;
import dev.upcall.proto.virtqueue.RingPlace;
import dev.upcall.proto.virtqueue.driver.GuestRam;
import dev.upcall.proto.vsock.PacketHeader;
import dev.upcall.proto.vsock.PacketOp;
import dev.upcall.proto.vsock.driver.GuestVsock;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A VMM with a small guest: says what QEMU 7.2 was recorded to say, in its order, with real memory and
/// real eventfds. The guest's driver is the published fake. Confined to the test's thread.
final class FakeVm implements AutoCloseable {
    static final int CID = 3;

    /// Guest memory does not begin where the file does.
    private static final long MAP_OFFSET = 8192;

    /// Where the VMM would have it mapped.
    private static final long FRONT_END = 0x7f00_0000_0000L;

    private static final int ENTRIES = 128;
    private static final int AWAIT_MILLIS = 60_000;

    final FdSocket socket;
    final MemoryFile file;
    private final Mapping mapping;
    private final List<EventFd> kicks = new ArrayList<>();
    private final List<EventFd> given = new ArrayList<>();
    private final Epoll epoll = Epoll.open();
    GuestVsock guest;
    private final PacketHeader packet = new PacketHeader();
    int forwarded;

    FakeVm(Path backend) throws PosixException {
        this.socket = FdSocket.connect(backend);
        epoll.add(socket.fd(), Epoll.IN | Epoll.RDHUP, 0);
        long bytes = GuestVsock.ramBytes(ENTRIES, GuestVsock.RECEIVE_BYTES);
        this.file = MemoryFile.create("guest", MAP_OFFSET + bytes);
        this.mapping = Mapping.of(file.fd(), MAP_OFFSET, bytes);
        this.guest = boot();
    }

    private GuestVsock boot() {
        mapping.bytes().fill((byte) 0);
        GuestVsock fresh = new GuestVsock(new GuestRam(mapping.bytes()), ENTRIES, GuestVsock.RECEIVE_BYTES);
        fresh.offerBuffers();
        return fresh;
    }

    /// Stopped, and the guest's memory as after a reboot.
    void resetGuest() throws PosixException {
        stop();
        guest = boot();
        forwarded = 0;
    }

    /// Device created, rings started: a guest whose driver is up.
    static FakeVm up(Path backend) throws PosixException {
        FakeVm vm = new FakeVm(backend);
        vm.create();
        vm.start(0, 0);
        return vm;
    }

    // ------------------------------------------------------------------------------------------ the VMM

    void create() throws PosixException {
        assertThat(ask(1)).isEqualTo(0x140000000L);
        assertThat(ask(15)).isEqualTo(0x200);
        say(16, u64(0x200));
        say(3, ByteBuffer.allocate(0));
        ask(1);
        for (int ring = 0; ring < 2; ring++) {
            sayFd(13, ring);
            sayFd(14, ring);
        }
        say(24, buffer(20).putInt(0).putInt(8).putInt(0).putLong(0).flip());
        ByteBuffer config = answer();
        assertThat(config.getLong(24)).isEqualTo(CID);
    }

    void start(int base0, int base1) throws PosixException {
        sayFd(13, 0);
        sayFd(13, 1);
        say(2, u64(0x140000000L));
        sayMemory();
        kicks.clear();
        for (int ring = 0; ring < 2; ring++) {
            say(8, two(ring, ENTRIES));
            say(10, two(ring, ring == 0 ? base0 : base1));
            sayPlace(ring);
            kicks.add(sayFd(12, ring));
        }
        say(18, two(0, 1));
        say(18, two(1, 1));
        interruptsOf(sayFd(13, 0));
        interruptsOf(sayFd(13, 1));
    }

    void sayMemory() throws PosixException {
        sayMemory(0);
    }

    /// @param lie how many bytes more there are said to be
    void sayMemory(long lie) throws PosixException {
        say(
                5,
                buffer(40)
                        .putInt(1)
                        .putInt(0)
                        .putLong(GuestRam.BASE)
                        .putLong(mapping.bytes().byteSize() + lie)
                        .putLong(FRONT_END)
                        .putLong(MAP_OFFSET)
                        .flip(),
                file.fd());
    }

    private void sayPlace(int ring) throws PosixException {
        RingPlace place = guest.place(ring);
        say(
                9,
                buffer(40)
                        .putInt(ring)
                        .putInt(0)
                        .putLong(frontEnd(place.descriptors()))
                        .putLong(frontEnd(place.used()))
                        .putLong(frontEnd(place.available()))
                        .putLong(0)
                        .flip());
    }

    /// @return where the rings stood
    int[] stop() throws PosixException {
        say(18, two(0, 0));
        say(18, two(1, 0));
        int[] bases = new int[2];
        for (int ring = 0; ring < 2; ring++) {
            say(11, two(ring, 0));
            bases[ring] = answer().getInt(16);
        }
        sayFd(13, 0);
        sayFd(13, 1);
        return bases;
    }

    long ask(int request) throws PosixException {
        say(request, ByteBuffer.allocate(0));
        return answer().getLong(12);
    }

    /// A message with an eventfd for a ring.
    private EventFd sayFd(int request, int ring) throws PosixException {
        EventFd event = EventFd.create();
        given.add(event);
        say(request, u64(ring), event.fd());
        return event;
    }

    void say(int request, ByteBuffer payload, Fd... fds) throws PosixException {
        socket.send(
                buffer(12 + payload.remaining())
                        .putInt(request)
                        .putInt(1)
                        .putInt(payload.remaining())
                        .put(payload)
                        .flip(),
                List.of(fds));
    }

    /// Header and payload of the next answer.
    ByteBuffer answer() throws PosixException {
        ByteBuffer bytes = buffer(12);
        fill(bytes);
        assertThat(bytes.getInt(4)).as("flags").isEqualTo(5);
        ByteBuffer whole = buffer(12 + bytes.getInt(8)).put(bytes.flip());
        fill(whole);
        return whole.flip();
    }

    private void fill(ByteBuffer bytes) throws PosixException {
        while (bytes.hasRemaining()) {
            int count = socket.receive(bytes, new ArrayList<>());
            assertThat(count).as("not the end").isGreaterThanOrEqualTo(0);
            if (count == 0) {
                epoll.await(AWAIT_MILLIS);
            }
        }
    }

    /// The back-end hangs up.
    void awaitHangUp() throws PosixException {
        int count = 0;
        while (count >= 0) {
            try {
                count = socket.receive(ByteBuffer.allocate(64), new ArrayList<>());
            } catch (PosixException e) {
                assertThat(e.errno().meansLost()).isTrue();
                return;
            }
            if (count == 0) {
                epoll.await(AWAIT_MILLIS);
            }
        }
    }

    private void interruptsOf(EventFd call) throws PosixException {
        epoll.add(call.fd(), Epoll.IN, 1);
    }

    // ------------------------------------------------------------------------------------------ the guest

    void kick(int ring) throws PosixException {
        kicks.get(ring).signal();
    }

    /// The guest sends a packet without data.
    void says(PacketOp op, int guestPort, int hostPort, int flags) throws PosixException {
        says(op, guestPort, hostPort, flags, 0);
    }

    /// With the first bytes of its memory for data.
    void says(PacketOp op, int guestPort, int hostPort, int flags, int data) throws PosixException {
        packet.from(CID, guestPort)
                .to(2, hostPort)
                .says(1, op.code(), flags, data)
                .credits(262_144, forwarded);
        guest.send(packet, data);
        kick(1);
    }

    void saysData(int guestPort, int hostPort, byte[] data) throws PosixException {
        MemorySegment.copy(data, 0, guest.data(), ValueLayout.JAVA_BYTE, 0, data.length);
        says(PacketOp.RW, guestPort, hostPort, 0, data.length);
    }

    /// Waits until the device has taken all that was said: the data lies in one place, which is then free.
    void awaitSent() throws PosixException {
        while (guest.fromGuest().usedIndex() != guest.fromGuest().announced()) {
            assertThat(epoll.await(AWAIT_MILLIS)).as("an interrupt came").isPositive();
        }
    }

    /// Waits for the next packet.
    PacketHeader hears() throws PosixException {
        while (!guest.receive()) {
            assertThat(epoll.await(AWAIT_MILLIS)).as("an interrupt came").isPositive();
        }
        forwarded += guest.received().len();
        return guest.received();
    }

    /// The next packet is this one.
    PacketHeader hears(PacketOp op) throws PosixException {
        PacketHeader header = hears();
        assertThat(header.op()).as("%s", header).isEqualTo(op.code());
        return header;
    }

    /// The data of the packet heard last.
    byte[] data() {
        byte[] bytes = new byte[guest.received().len()];
        guest.receivedData(bytes, bytes.length);
        return bytes;
    }

    /// How many eventfds a stop and a start hand over.
    int givenPerRestart() {
        return 8;
    }

    void offers() throws PosixException {
        guest.offerBuffers();
        kick(0);
    }

    @Override
    public void close() throws PosixException {
        socket.close();
        given.forEach(EventFd::close);
        mapping.close();
        file.close();
        epoll.close();
    }

    private static long frontEnd(long guestAddress) {
        return FRONT_END + guestAddress - GuestRam.BASE;
    }

    private static ByteBuffer u64(long value) {
        return buffer(8).putLong(value).flip();
    }

    static ByteBuffer two(int a, int b) {
        return buffer(8).putInt(a).putInt(b).flip();
    }

    static ByteBuffer buffer(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }
}
