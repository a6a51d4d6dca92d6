package dev.upcall.client.cli.decode;

import java.util.List;

/// One message in words.
///
/// @param line where its last piece stands in the input, from 1
/// @param time as recorded; may be empty
/// @param label what a vector calls it; may be empty
/// @param title what it is, in a few words
/// @param operation the operation's name; empty where it is none
/// @param remarks what is odd or deserves to be known
public record Explanation(
        int line,
        String time,
        String label,
        Direction direction,
        Kind kind,
        String title,
        String operation,
        List<Field> fields,
        List<String> remarks) {
    /// What a message is.
    public enum Kind {
        HYBRID_CONNECT,
        HYBRID_OK,
        SERVICE_BYTE,
        CONNECT_FRAME,
        REQUEST,
        REPLY,
        /// Bytes that are no whole message.
        FRAGMENT,
        /// No bytes: the peer is silent, or has closed.
        SILENCE
    }

    /// One field of a frame.
    ///
    /// @param note what the value means; may be empty
    public record Field(int offset, int size, String name, String value, String note) {}

    public Explanation {
        fields = List.copyOf(fields);
        remarks = List.copyOf(remarks);
    }
}
