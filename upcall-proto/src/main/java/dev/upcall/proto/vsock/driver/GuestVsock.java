package dev.upcall.proto.vsock.driver;

import dev.upcall.proto.virtqueue.GuestMemory;
import dev.upcall.proto.virtqueue.RingPlace;
import dev.upcall.proto.virtqueue.driver.GuestDriver;
import dev.upcall.proto.virtqueue.driver.GuestRam;
import dev.upcall.proto.vsock.PacketHeader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A guest's vsock driver that sends whatever packets a test wants, laid out as Linux lays them out: to
/// the host a header in one descriptor and the data in a second; from the host one descriptor for both.
///
/// It has no streams of its own. Allocates nothing per packet. Confined to one thread, which may be
/// another one than the device's.
public final class GuestVsock {

    /// A Linux guest's receive buffer: 3732 bytes of data behind the header.
    public static final int RECEIVE_BYTES = 3776;

    /// What Linux sends at most in one packet.
    public static final int SEND_BYTES_MAX = 64 * 1024;

    private final GuestRam ram;
    private final GuestDriver toGuest;
    private final GuestDriver fromGuest;
    private final long receiveBuffers;
    private final long sendHeaders;
    private final long sendData;
    private final int entries;
    private final int receiveBytes;
    private final PacketHeader header = new PacketHeader();
    private long receivedAt;
    private int offered;
    private int takenBack;

    /// A guest as Linux is one.
    public GuestVsock() {
        this(128, RECEIVE_BYTES);
    }

    /// @param entries of each ring
    /// @param receiveBytes of each buffer for a packet from the host
    public GuestVsock(int entries, int receiveBytes) {
        this(new GuestRam(ramBytes(entries, receiveBytes)), entries, receiveBytes);
    }

    /// @param ram fresh, at least [#ramBytes]; memory that another process sees too, for example
    public GuestVsock(GuestRam ram, int entries, int receiveBytes) {
        this.entries = entries;
        this.receiveBytes = receiveBytes;
        this.ram = ram;
        this.toGuest = new GuestDriver(ram, entries);
        this.fromGuest = new GuestDriver(ram, entries);
        this.receiveBuffers = ram.allocate((long) entries * receiveBytes, 64);
        this.sendHeaders = ram.allocate((long) entries * PacketHeader.BYTES, 64);
        this.sendData = ram.allocate(SEND_BYTES_MAX, 64);
    }

    /// How much memory such a guest needs.
    public static long ramBytes(int entries, int receiveBytes) {
        return (long) entries * (receiveBytes + PacketHeader.BYTES) + 64L * entries + SEND_BYTES_MAX + 64 * 1024;
    }

    public GuestMemory memory() {
        return ram.memory();
    }

    public GuestRam ram() {
        return ram;
    }

    public GuestDriver toGuest() {
        return toGuest;
    }

    public GuestDriver fromGuest() {
        return fromGuest;
    }

    /// Where a ring is: 0 to the guest, 1 from it.
    public RingPlace place(int ring) {
        return ring == 0 ? toGuest.place() : fromGuest.place();
    }

    /// Offers every buffer that the device does not have, to be filled.
    public void offerBuffers() {
        while (toGuest.freeDescriptors() > 0) {
            toGuest.add(buffer(offered++), receiveBytes, true).offer();
        }
    }

    /// The memory that data of the next packet is taken from.
    public MemorySegment data() {
        return ram.bytes().asSlice(GuestRam.offset(sendData), SEND_BYTES_MAX);
    }

    /// Sends this header, and as many bytes of [#data] as it says or fewer: the device must bear it.
    ///
    /// @param load how many bytes really lie behind it
    public void send(PacketHeader packet, int load) {
        if (!canSend()) {
            throw new IllegalStateException("the ring is full: let the device work first");
        }
        long at = sendHeaders + (long) (fromGuest.announced() & entries - 1) * PacketHeader.BYTES;
        MemorySegment.copy(
                packet.array(), 0, ram.bytes(), ValueLayout.JAVA_BYTE, GuestRam.offset(at), PacketHeader.BYTES);
        fromGuest.add(at, PacketHeader.BYTES, false);
        if (load > 0) {
            fromGuest.add(sendData, load, false);
        }
        fromGuest.offer();
    }

    /// Takes back what was sent; whether there is room for one packet more.
    public boolean canSend() {
        while (fromGuest.takeUsed() != GuestDriver.NONE) {
            // Each makes room.
        }
        return fromGuest.freeDescriptors() >= 2;
    }

    /// Takes the next packet that the device gave; its buffer is offered again by [#offerBuffers].
    public boolean receive() {
        if (toGuest.takeUsed() == GuestDriver.NONE) {
            return false;
        }
        // The device gives buffers back in the order in which it got them.
        receivedAt = buffer(takenBack++);
        MemorySegment.copy(
                ram.bytes(), ValueLayout.JAVA_BYTE, GuestRam.offset(receivedAt), header.array(), 0, PacketHeader.BYTES);
        return true;
    }

    /// The header of the packet received last, valid until the next.
    public PacketHeader received() {
        return header;
    }

    /// How many bytes the device says it wrote, header included.
    public int receivedBytes() {
        return toGuest.usedLength();
    }

    /// The data of the packet received last, valid until its buffer is offered again.
    public void receivedData(byte[] target, int count) {
        MemorySegment.copy(
                ram.bytes(), ValueLayout.JAVA_BYTE, GuestRam.offset(receivedAt) + PacketHeader.BYTES, target, 0, count);
    }

    private long buffer(int number) {
        return receiveBuffers + (long) (number & entries - 1) * receiveBytes;
    }
}
