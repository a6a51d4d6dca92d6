package dev.upcall.client.cli.decode;

import dev.upcall.client.cli.decode.Explanation.Field;
import dev.upcall.client.cli.decode.Explanation.Kind;
import dev.upcall.proto.guest.CpuModel;
import dev.upcall.proto.guest.Dialect;
import dev.upcall.proto.hybrid.ConnectLine;
import dev.upcall.proto.hybrid.MalformedLineException;
import dev.upcall.proto.hybrid.OkLine;
import dev.upcall.proto.message.Operation;
import dev.upcall.proto.message.Reply;
import dev.upcall.proto.wire.FrameHeader;
import dev.upcall.proto.wire.FrameLayout;
import dev.upcall.proto.wire.ReplyFrame;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reads recorded pieces in order and explains each message, remembering as much of the connection as the
/// meaning of the next message depends on: the request that is out, the last result, the start of a cut frame.
///
/// Not thread-safe.
public final class Transcript {
    /// Selects the device manager.
    private static final byte DEVICE_MANAGER = 'd';

    /// An arm64 CPU load, an x86 one, a virtio-mmio and a PCI load: sizes that only requests have.
    private static final List<Integer> REQUEST_SIZES = List.of(
            FrameLayout.ARM_CPU_LOAD_BYTES,
            FrameLayout.CPU_LOAD_BYTES,
            FrameLayout.MMIO_LOAD_BYTES,
            FrameLayout.PCI_LOAD_BYTES);

    private final CpuModel cpus;
    private final ByteBuffer cut = ByteBuffer.allocate(FrameLayout.FRAME_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private @Nullable FrameHeader out;
    private int lastResult;

    /// @param cpus how the guest's kernel keeps its CPUs: decides what CPU loads and some results mean
    public Transcript(CpuModel cpus) {
        this.cpus = cpus;
    }

    /// What became whole with this piece, in order. Never empty.
    public List<Explanation> accept(Piece piece) {
        List<Explanation> found = new ArrayList<>();
        ByteBuffer bytes = piece.bytes().duplicate().order(ByteOrder.LITTLE_ENDIAN);
        if (!bytes.hasRemaining()) {
            found.add(plain(piece, Kind.SILENCE, "nothing: silence, or the end of the stream"));
            return found;
        }
        switch (piece.direction() == Direction.UNSAID ? guess(bytes) : piece.direction()) {
            case TO_GUEST, UNSAID -> toGuest(piece.with(Direction.TO_GUEST), bytes, found);
            case FROM_GUEST -> fromGuest(piece.with(Direction.FROM_GUEST), bytes, found);
        }
        return found;
    }

    /// A bare line does not say which way it went: only replies have a size of 0 or 4, only requests the others.
    private static Direction guess(ByteBuffer bytes) {
        if (bytes.remaining() < FrameLayout.FRAME_BYTES) {
            return Texts.isOk(bytes) ? Direction.FROM_GUEST : Direction.TO_GUEST;
        }
        FrameHeader header = FrameHeader.read(bytes, bytes.position());
        return REQUEST_SIZES.contains(header.msgSize()) || header.magic() != FrameLayout.MAGIC
                ? Direction.TO_GUEST
                : Direction.FROM_GUEST;
    }

    private void toGuest(Piece piece, ByteBuffer bytes, List<Explanation> found) {
        if (Texts.isConnect(bytes)) {
            found.add(connectLine(piece, bytes));
            begin();
        }
        if (bytes.remaining() == 1) {
            found.add(serviceByte(piece, bytes.get()));
            begin();
        }
        while (bytes.remaining() >= FrameLayout.FRAME_BYTES) {
            RequestFrame request = new RequestFrame(frame(bytes), cpus);
            if (out != null) {
                request.table().remark("sent before the last request was answered: the guest reads one at a time");
            }
            out = request.header();
            found.add(explained(piece, Kind.REQUEST, request.title(), out.msgType(), request.table()));
        }
        if (bytes.hasRemaining()) {
            found.add(fragment(
                    piece,
                    bytes.remaining() + " bytes that are no whole request",
                    "the guest does not reassemble: it takes these bytes, and behind them what its buffer held, for a"
                            + " request"));
        }
    }

    private void fromGuest(Piece piece, ByteBuffer bytes, List<Explanation> found) {
        if (cut.position() == 0 && Texts.isOk(bytes)) {
            found.add(okLine(piece, bytes));
        }
        while (bytes.hasRemaining()) {
            int taken = Math.min(bytes.remaining(), cut.remaining());
            cut.put(bytes.slice(bytes.position(), taken));
            bytes.position(bytes.position() + taken);
            if (cut.hasRemaining()) {
                found.add(fragment(
                        piece,
                        cut.position() + " of 1024 bytes of a frame",
                        "the transport may cut a guest's frames anywhere"));
            } else {
                cut.clear();
                found.add(guestFrame(piece));
            }
        }
    }

    private Explanation guestFrame(Piece piece) {
        ReplyFrame frame = ReplyFrame.read(cut, 0);
        boolean announces = out == null
                && (frame.header().msgType() == Operation.CONNECT.msgType()
                        || Dialect.ofFirstFrame(frame.header()) == Dialect.OF_2021);
        if (announces) {
            return connectFrame(piece, frame);
        }
        ReplyInWords reply = new ReplyInWords(cut, Optional.ofNullable(out), lastResult, cpus);
        out = null;
        lastResult = frame.result();
        return explained(piece, Kind.REPLY, reply.title(), frame.header().msgType(), reply.table());
    }

    private Explanation connectFrame(Piece piece, ReplyFrame frame) {
        FieldTable table = new FieldTable(cut);
        table.header(frame.header(), "");
        table.rest(FrameLayout.HEADER_BYTES);
        Reply.checkConnect(frame).ifPresent(table::remark);
        boolean older = Dialect.ofFirstFrame(frame.header()) == Dialect.OF_2021;
        if (older) {
            table.remark("this is the dialect of 2021, which today's clients do not speak");
        }
        String title = older ? "hello of the 2021 dialect" : "CONNECT: the guest's upcall service is ready";
        return explained(piece, Kind.CONNECT_FRAME, title, frame.header().msgType(), table);
    }

    private Explanation connectLine(Piece piece, ByteBuffer bytes) {
        int start = bytes.position();
        try {
            long port = new ConnectLine().accept(bytes).orElse(-1);
            String title = port < 0 ? "the start of a CONNECT line" : "the VMM is asked for guest port " + port;
            return text(piece, Kind.HYBRID_CONNECT, title, bytes.position() - start, "");
        } catch (MalformedLineException e) {
            bytes.position(bytes.limit());
            return text(piece, Kind.HYBRID_CONNECT, "not a CONNECT line", bytes.limit() - start, e.getMessage());
        }
    }

    private Explanation okLine(Piece piece, ByteBuffer bytes) {
        int start = bytes.position();
        try {
            boolean whole = new OkLine().accept(bytes);
            String title = whole ? "the VMM has connected to the guest's port" : "the start of an OK line";
            return text(piece, Kind.HYBRID_OK, title, bytes.position() - start, "");
        } catch (MalformedLineException e) {
            bytes.position(bytes.limit());
            return text(piece, Kind.HYBRID_OK, "not an OK line", bytes.limit() - start, e.getMessage());
        }
    }

    private static Explanation serviceByte(Piece piece, byte service) {
        boolean known = service == DEVICE_MANAGER;
        return new Explanation(
                piece.line(),
                piece.time(),
                piece.label(),
                piece.direction(),
                Kind.SERVICE_BYTE,
                known ? "the device-manager service is chosen" : "an unknown service is asked for",
                "",
                List.of(new Field(0, 1, "service", "0x%02x".formatted(service), known ? "'d', device manager" : "")),
                known ? List.of() : List.of("the guest closes the connection without an answer"));
    }

    private static Explanation text(Piece piece, Kind kind, String title, int length, @Nullable String remark) {
        return new Explanation(
                piece.line(),
                piece.time(),
                piece.label(),
                piece.direction(),
                kind,
                title,
                "",
                List.of(new Field(0, length, "line", Texts.shown(piece.bytes(), length), "")),
                remark == null || remark.isEmpty() ? List.of() : List.of(remark));
    }

    private static Explanation fragment(Piece piece, String title, String remark) {
        return new Explanation(
                piece.line(),
                piece.time(),
                piece.label(),
                piece.direction(),
                Kind.FRAGMENT,
                title,
                "",
                List.of(),
                List.of(remark));
    }

    private static Explanation plain(Piece piece, Kind kind, String title) {
        return new Explanation(
                piece.line(), piece.time(), piece.label(), piece.direction(), kind, title, "", List.of(), List.of());
    }

    private static Explanation explained(Piece piece, Kind kind, String title, int msgType, FieldTable table) {
        return new Explanation(
                piece.line(),
                piece.time(),
                piece.label(),
                piece.direction(),
                kind,
                title,
                Operation.ofMsgType(msgType).map(Operation::name).orElse(""),
                table.fields(),
                table.remarks());
    }

    private static ByteBuffer frame(ByteBuffer bytes) {
        ByteBuffer frame =
                bytes.slice(bytes.position(), FrameLayout.FRAME_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.position(bytes.position() + FrameLayout.FRAME_BYTES);
        return frame;
    }

    /// A new connection: nothing of the one before counts.
    private void begin() {
        cut.clear();
        out = null;
        lastResult = 0;
    }
}
