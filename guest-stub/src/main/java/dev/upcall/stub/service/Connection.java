package dev.upcall.stub.service;

import dev.upcall.proto.hybrid.ConnectLine;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// What the server keeps of one connection: the bytes that have arrived and were not read, and who reads them.
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

    /// A reply that is ready while the guest is silent.
    ServiceStep.@Nullable Send held;

    /// The driver was told to read and has not brought anything since.
    boolean asked;

    /// No more bytes will come, and nobody reads what is sent.
    boolean peerGone;

    /// A hybrid connection that was named right and gets no OK.
    boolean parked;

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
        if (parked) {
            return "PARKED";
        }
        return gate != null ? "CONNECT_LINE" : service.stage().name();
    }
}
