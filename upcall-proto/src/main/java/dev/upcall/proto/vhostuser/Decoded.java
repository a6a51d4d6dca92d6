package dev.upcall.proto.vhostuser;

/// What bytes turned out to be.
public sealed interface Decoded {

    /// A message, perhaps [Message.Unknown].
    ///
    /// @param code the number it came under, which its reply repeats
    /// @param needReply the front-end set the need-reply flag
    record Understood(int code, Message message, boolean needReply) implements Decoded {}

    /// Not a vhost-user message. Nothing behind it can be trusted: where the next one starts is unknown.
    ///
    /// @param reason what was expected and what was found, for people
    record Malformed(String reason) implements Decoded {}
}
