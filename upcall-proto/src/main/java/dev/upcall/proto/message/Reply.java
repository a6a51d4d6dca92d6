package dev.upcall.proto.message;

import dev.upcall.proto.wire.FrameHeader;
import dev.upcall.proto.wire.FrameLayout;
import dev.upcall.proto.wire.ReplyFrame;
import java.util.Optional;
import java.util.OptionalInt;

/// What the guest's frame says once it is held against the request that is out.
///
/// | case             | when                                                                    |
/// |------------------|-------------------------------------------------------------------------|
/// | [Answer]         | it answers the request: magic, echoed type and size are right           |
/// | [Misbehaved]     | anything else; the connection cannot be trusted any more (5.11)         |
public sealed interface Reply {

    /// The guest answered. A non-zero `result` is an answer too.
    ///
    /// @param result 0, a negative errno, or a small positive number (`upcall-wire` §4)
    /// @param word the u32 of a successful CPU operation; empty for everything else, because the word is then stale
    ///     (5.2)
    record Answer(int result, OptionalInt word) implements Reply {
        /// Success that says nothing more: most answers are this one.
        private static final Answer DONE = new Answer(0, OptionalInt.empty());

        /// Without a record of its own where it is success that says nothing more.
        public static Answer of(int result, OptionalInt word) {
            return result == 0 && word.isEmpty() ? DONE : new Answer(result, word);
        }

        public boolean succeeded() {
            return result == 0;
        }
    }

    /// The frame does not answer the request.
    ///
    /// @param why expected and found, ready to be shown
    record Misbehaved(String why) implements Reply {}

    /// Holds a frame against the request it should answer.
    static Reply match(Request request, ReplyFrame frame) {
        int expectedType = request.operation().msgType();
        if (frame.magic() != FrameLayout.MAGIC) {
            return new Misbehaved("reply to %s has magic_version 0x%08X, expected 0x%08X"
                    .formatted(request, frame.magic(), FrameLayout.MAGIC));
        }
        if (frame.msgType() != expectedType) {
            return new Misbehaved(
                    "reply to %s has msg_type %d, expected %d".formatted(request, frame.msgType(), expectedType));
        }
        if (frame.msgSize() != 0 && frame.msgSize() != FrameLayout.CPU_REPLY_LOAD_BYTES) {
            return new Misbehaved("reply to %s has msg_size %s, expected 0 or 4"
                    .formatted(request, Integer.toUnsignedString(frame.msgSize())));
        }
        boolean wordIsFresh = frame.result() == 0 && frame.msgSize() == FrameLayout.CPU_REPLY_LOAD_BYTES;
        if (wordIsFresh && !isCount(request, frame.loadWord())) {
            return new Misbehaved("reply to %s counts %s CPUs: the guest has read another request"
                    .formatted(request, Integer.toUnsignedString(frame.loadWord())));
        }
        if (wordIsFresh) {
            return new Answer(0, OptionalInt.of(frame.loadWord()));
        }
        return Answer.of(frame.result(), OptionalInt.empty());
    }

    /// x86-64 guests return how many CPUs were asked for. One that got only a part of the request counts others.
    private static boolean isCount(Request request, int word) {
        return switch (request) {
            case Request.AddCpu r -> word == r.ids().size();
            case Request.DelCpu r -> word == r.ids().size();
            case Request.AddCpuCount _,
                    Request.DelCpuCount _,
                    Request.AddMmio _,
                    Request.DelMmio _,
                    Request.AddPci _,
                    Request.DelPci _ -> true;
        };
    }

    /// Checks the first frame of a connection, the guest's CONNECT; empty when it is right, else what was found.
    static Optional<String> checkConnect(ReplyFrame frame) {
        FrameHeader header = frame.header();
        if (header.magic() != FrameLayout.MAGIC) {
            return Optional.of("first frame has magic_version 0x%08X, expected CONNECT with 0x%08X"
                    .formatted(header.magic(), FrameLayout.MAGIC));
        }
        if (header.msgType() != Operation.CONNECT.msgType() || header.msgSize() != 0) {
            return Optional.of("first frame is not CONNECT (msg_type 0, msg_size 0): found " + header);
        }
        return Optional.empty();
    }
}
