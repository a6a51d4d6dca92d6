package dev.upcall.stub.service;

import dev.upcall.proto.hybrid.ConnectLine;
import dev.upcall.proto.message.Operation;
import dev.upcall.stub.kernel.UpcallService;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What the server keeps of one connection: the bytes that have arrived and were not read, who reads
/// them, and the frames that have not left.
///
/// Mutable, confined to the server.
final class Connection {

    /// How much a peer may send ahead: three full requests and the lines before them would do; 64 KiB is a
    /// socket's worth.
    static final int UNREAD_BYTES_MAX = 64 * 1024;

    final long id;

    /// Reads the CONNECT line; null when there is none (any more).
    @Nullable
    ConnectLine gate;

    /// The port a hybrid connection must name.
    final long port;

    final UpcallService service;

    /// Hybrid: the line's deadline or the parking time; later the service byte's deadline.
    Alarms.@Nullable Alarm alarm;

    /// Frames that are ready while the guest is silent.
    final ArrayDeque<Outgoing> held = new ArrayDeque<>();

    /// Frames on their way, the first of them perhaps in part.
    final ArrayDeque<Outgoing> outbox = new ArrayDeque<>();

    /// Frames that a mood delays and that are not in the outbox yet.
    int delayed;

    /// The rest of the outbox's first frame waits for its time.
    boolean betweenPieces;

    /// Why the stream ends behind what is on its way; null while it does not.
    @Nullable
    String ending;

    /// The agent of an extended guest knows it: it has got its CONNECT frame.
    boolean known;

    /// It has asked nothing yet: only then a HANDSHAKE is waited for whole.
    boolean fresh = true;

    /// A request of the extensions is out: no other one is read before its answer has left.
    boolean busy;

    /// What that request asks for, where it is an operation.
    Optional<Operation> operation = Optional.empty();

    /// In a black hole for ever, or its kernel thread crashed: what comes is swallowed, nothing leaves.
    boolean lost;

    /// The driver was told to read and has not brought anything since.
    boolean asked;

    /// No more bytes will come, and nobody reads what is sent.
    boolean peerGone;

    /// A hybrid connection that was named right and gets no OK.
    boolean parked;

    /// Its bytes are being read: whoever wants that too has been heard.
    boolean pumping;

    private byte[] unread = new byte[0];

    Connection(long id, @Nullable ConnectLine gate, long port, UpcallService service) {
        this.id = id;
        this.gate = gate;
        this.port = port;
        this.service = service;
    }

    int unread() {
        return unread.length;
    }

    /// False when there is no room for them.
    boolean arrived(ByteBuffer bytes) {
        if (unread.length + bytes.remaining() > UNREAD_BYTES_MAX) {
            return false;
        }
        byte[] all = new byte[unread.length + bytes.remaining()];
        System.arraycopy(unread, 0, all, 0, unread.length);
        bytes.get(all, unread.length, bytes.remaining());
        unread = all;
        return true;
    }

    /// At most `most` of the unread bytes, from the front; they stay until [#consumed].
    ByteBuffer front(int most) {
        return ByteBuffer.wrap(unread, 0, Math.min(most, unread.length));
    }

    void consumed(int count) {
        byte[] rest = new byte[unread.length - count];
        System.arraycopy(unread, count, rest, 0, rest.length);
        unread = rest;
    }

    /// Where it stands, for people.
    String where() {
        if (lost && service.stage() != UpcallService.Stage.CRASHED) {
            return "BLACK_HOLE";
        }
        if (parked) {
            return "PARKED";
        }
        return gate != null ? "CONNECT_LINE" : service.stage().name();
    }
}
