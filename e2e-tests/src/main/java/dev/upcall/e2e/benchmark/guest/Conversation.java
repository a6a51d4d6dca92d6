package dev.upcall.e2e.benchmark.guest;

import dev.upcall.proto.extension.BootId;
import dev.upcall.proto.extension.Bytes;
import dev.upcall.proto.extension.CpuInventory;
import dev.upcall.proto.extension.DeviceReference;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.ExtensionMessage;
import dev.upcall.proto.extension.ExtensionWriter;
import dev.upcall.proto.extension.Features;
import dev.upcall.proto.extension.inventory.Inventory;
import dev.upcall.proto.extension.inventory.InventoryPager;
import dev.upcall.proto.extension.service.ExtensionService;
import dev.upcall.proto.extension.service.GuestIdentity;
import dev.upcall.proto.extension.service.ServiceOrder;
import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.Operation;
import dev.upcall.proto.message.Reply;
import dev.upcall.proto.wire.ExtensionFrame;
import dev.upcall.proto.wire.FrameHeader;
import dev.upcall.proto.wire.FrameLayout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One connection, and the guest behind it. Confined to the selector's thread.
final class Conversation {
    private static final Reply.Answer DONE = new Reply.Answer(0, OptionalInt.empty());
    private static final Bytes DETAIL = Bytes.utf8("sixteen bytes ..");
    private static final byte[] OK = "OK 1024\n".getBytes(StandardCharsets.US_ASCII);
    private static final Set<ApicId> CPUS = Set.of(ApicId.BOOT);

    /// The guest's only connection in its own numbering.
    private static final long ONLY = 1;

    private final SocketChannel channel;
    private final SelectionKey key;
    private final ByteBuffer out;
    private final boolean flood;
    private final ExtensionService service;
    private final List<ServiceOrder> orders = new ArrayList<>();

    /// What of a frame has come.
    private byte[] part = new byte[0];

    /// What the socket did not take.
    private @Nullable ByteBuffer left;

    private boolean lineRead;
    private boolean announced;
    private boolean swallows;

    /// @param out shared by all, empty between two calls
    Conversation(SocketChannel channel, SelectionKey key, long guest, ByteBuffer out, boolean flood) {
        this.channel = channel;
        this.key = key;
        this.out = out;
        this.flood = flood;
        this.service = new ExtensionService(new GuestIdentity(
                new Epoch(guest),
                new BootId(1, guest),
                "x86_64",
                "benchmark",
                Set.of(Operation.ADD_MMIO),
                Features.ALL));
    }

    void ready(SelectionKey ready, ByteBuffer in) throws IOException {
        if (ready.isWritable() && left != null) {
            ByteBuffer rest = left;
            left = null;
            write(rest);
        }
        in.clear();
        int length = channel.read(in);
        if (length < 0) {
            close();
            return;
        }
        if (!swallows) {
            take(in.flip());
            tell();
        }
    }

    void tick() {
        if (announced && !swallows && service.nextDeadline() <= System.nanoTime()) {
            service.timePassed(System.nanoTime(), orders);
            tell();
        }
    }

    void swallow() {
        swallows = true;
    }

    void close() throws IOException {
        key.cancel();
        channel.close();
    }

    private void take(ByteBuffer bytes) throws IOException {
        while (!lineRead && bytes.hasRemaining()) {
            lineRead = bytes.get() == '\n';
            if (lineRead) {
                out.put(OK);
            }
        }
        if (lineRead && !announced && bytes.hasRemaining()) {
            announced = bytes.get() == 'd';
            put(0, 0);
            service.connected(ONLY);
        }
        while (announced && bytes.remaining() + part.length >= FrameLayout.FRAME_BYTES) {
            byte[] frame = new byte[FrameLayout.FRAME_BYTES];
            System.arraycopy(part, 0, frame, 0, part.length);
            bytes.get(frame, part.length, FrameLayout.FRAME_BYTES - part.length);
            part = new byte[0];
            frame(ByteBuffer.wrap(frame));
        }
        if (bytes.hasRemaining()) {
            byte[] more = new byte[part.length + bytes.remaining()];
            System.arraycopy(part, 0, more, 0, part.length);
            bytes.get(more, part.length, bytes.remaining());
            part = more;
        }
    }

    private void frame(ByteBuffer frame) {
        FrameHeader header = FrameHeader.read(frame, 0);
        if (ExtensionFrame.is(header)) {
            service.received(ONLY, ExtensionFrame.readFromHost(frame, 0), System.nanoTime(), orders);
            obey();
        } else {
            service.plainRequest(ONLY);
            put(header.msgType(), 0);
        }
    }

    private void obey() {
        for (int i = 0; i < orders.size(); i++) {
            switch (orders.get(i)) {
                case ServiceOrder.Send o -> put(o.message());
                case ServiceOrder.Refuse o -> {
                    room();
                    ExtensionWriter.writeRefusal(o.msgType(), o.result(), out, out.position());
                    out.position(out.position() + FrameLayout.FRAME_BYTES);
                }
                case ServiceOrder.Execute o -> service.executed(o.client(), o.requestId(), DONE, orders);
                case ServiceOrder.ShowInventory o ->
                    put(InventoryPager.page(inventory(), o.token()).orElseThrow());
                case ServiceOrder.Close o -> throw new IllegalStateException(o.why());
                case ServiceOrder.AsStock _ -> put(0, -1);
                case ServiceOrder.Deliver _, ServiceOrder.Gap _, ServiceOrder.RoomForUser _ -> {}
            }
        }
        orders.clear();
    }

    /// Everything that is to be said leaves now.
    private void tell() {
        obey();
        if (flood && service.isOpened(ONLY)) {
            long now = System.nanoTime();
            while (service.offerUser(DeviceReference.NONE, DETAIL, now, now, orders)) {
                obey();
            }
        }
        try {
            flush();
        } catch (IOException _) {
            key.cancel(); // the peer is gone
        }
    }

    private Inventory inventory() {
        return new Inventory(
                service.identity().guestEpoch(),
                service.changes(),
                service.running(),
                new CpuInventory(CPUS, CPUS, List.of(ApicId.BOOT), ApicId.BOOT),
                service.connections(),
                List.of(),
                List.of());
    }

    private void put(ExtensionMessage message) {
        room();
        ExtensionWriter.write(message, out, out.position());
        out.position(out.position() + FrameLayout.FRAME_BYTES);
    }

    private void put(int type, int result) {
        room();
        byte[] zero = new byte[FrameLayout.FRAME_BYTES];
        int base = out.position();
        out.put(zero);
        FrameLayout.writeHeader(out, base, type, 0, 0);
        out.putInt(base + FrameLayout.RESULT_OFFSET, Integer.reverseBytes(result));
    }

    private void room() {
        if (out.remaining() < FrameLayout.FRAME_BYTES) {
            try {
                flush();
            } catch (IOException _) {
                out.clear();
                key.cancel(); // the peer is gone
            }
        }
    }

    private void flush() throws IOException {
        out.flip();
        try {
            ByteBuffer waiting = left;
            if (waiting != null) {
                left = joined(waiting, out);
            } else {
                write(out);
            }
        } finally {
            out.clear();
        }
    }

    private void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining() && channel.write(bytes) > 0) {
            // as much as the socket takes
        }
        left = bytes.hasRemaining() ? joined(bytes, ByteBuffer.allocate(0)) : null;
        key.interestOps(left == null ? SelectionKey.OP_READ : SelectionKey.OP_READ | SelectionKey.OP_WRITE);
    }

    private static ByteBuffer joined(ByteBuffer first, ByteBuffer second) {
        ByteBuffer both = ByteBuffer.allocate(first.remaining() + second.remaining());
        return both.put(first).put(second).flip();
    }
}
