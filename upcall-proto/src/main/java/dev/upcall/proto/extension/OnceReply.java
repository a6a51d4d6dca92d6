package dev.upcall.proto.extension;

import dev.upcall.proto.message.Reply;

/// The outcome of an EXECUTE_ONCE (§5). The operation's own result may be any number; a [Refusal] has no
/// load.
///
/// @param requestId the request's
/// @param replayed recorded earlier: nothing was executed now
/// @param answer what the plain operation answered
public record OnceReply(long requestId, boolean replayed, Reply.Answer answer) implements ExtensionReply {

    public OnceReply {
        Bounds.requireAtLeast("request_id", requestId, 1);
    }

    @Override
    public ExtensionType type() {
        return ExtensionType.EXECUTE_ONCE;
    }

    @Override
    public int result() {
        return answer.result();
    }
}
