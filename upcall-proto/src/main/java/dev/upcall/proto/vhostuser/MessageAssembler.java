package dev.upcall.proto.vhostuser;

import dev.upcall.proto.vhostuser.Decoded.Malformed;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Gathers bytes that arrive in any pieces, and the number of descriptors that came with them, into
/// messages.
///
/// Descriptors belong to the bytes they arrive with, so whoever reads the socket asks for [#bytesWanted]
/// bytes and not one more: then none can come with the wrong message. Holds one unfinished message, at
/// most 4108 bytes, whatever the front-end sends. Not thread-safe: confined to the back-end's thread.
public final class MessageAssembler {

    private final ByteBuffer bytes = ByteBuffer.allocate(MessageLayout.HEADER_BYTES + MessageLayout.PAYLOAD_BYTES_MAX)
            .order(ByteOrder.LITTLE_ENDIAN);
    private int fds;
    private @Nullable Malformed end;

    /// How many bytes the message in hand still lacks: first its header's, then its payload's. Never 0
    /// before a malformed message, 0 for ever after one.
    public int bytesWanted() {
        return end != null ? 0 : length() - bytes.position();
    }

    /// Takes at most [#bytesWanted] bytes and leaves the rest.
    ///
    /// @param input what the socket gave
    /// @param descriptors how many came with it
    /// @return the message when it is whole, or what is wrong with it; empty while more is needed
    public Optional<Decoded> accept(ByteBuffer input, int descriptors) {
        if (end != null) {
            input.position(input.limit());
            return Optional.of(end);
        }
        fds += descriptors;
        if (fds > MessageLayout.FDS_MAX) {
            return Optional.of(broken(new Malformed(
                    "expected at most " + MessageLayout.FDS_MAX + " descriptors with one message, found " + fds)));
        }
        boolean headerKnown = bytes.position() >= MessageLayout.HEADER_BYTES;
        take(input);
        if (!headerKnown && bytes.position() == MessageLayout.HEADER_BYTES) {
            Optional<Malformed> fault = MessageDecoder.fault(bytes);
            if (fault.isPresent()) {
                return Optional.of(broken(fault.get()));
            }
            take(input);
        }
        if (bytes.position() < MessageLayout.HEADER_BYTES || bytesWanted() > 0) {
            return Optional.empty();
        }
        Decoded decoded = MessageDecoder.decode(bytes, fds);
        bytes.clear();
        fds = 0;
        return Optional.of(decoded instanceof Malformed m ? broken(m) : decoded);
    }

    private int length() {
        return bytes.position() < MessageLayout.HEADER_BYTES
                ? MessageLayout.HEADER_BYTES
                : MessageLayout.HEADER_BYTES + bytes.getInt(MessageLayout.SIZE_OFFSET);
    }

    private void take(ByteBuffer input) {
        int count = Math.min(input.remaining(), length() - bytes.position());
        bytes.put(bytes.position(), input, input.position(), count);
        bytes.position(bytes.position() + count);
        input.position(input.position() + count);
    }

    private Malformed broken(Malformed malformed) {
        end = malformed;
        return malformed;
    }
}
