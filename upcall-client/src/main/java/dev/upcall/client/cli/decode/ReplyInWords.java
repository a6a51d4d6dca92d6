package dev.upcall.client.cli.decode;

import dev.upcall.proto.guest.CpuModel;
import dev.upcall.proto.guest.ResultMeaning;
import dev.upcall.proto.message.Operation;
import dev.upcall.proto.wire.FrameHeader;
import dev.upcall.proto.wire.FrameLayout;
import dev.upcall.proto.wire.ReplyFrame;
import java.nio.ByteBuffer;
import java.util.Optional;

/// A reply's frame in words: what of it is the guest's answer, and what is left over from earlier ones.
final class ReplyInWords {
    private final FieldTable table;
    private final ReplyFrame frame;
    private final Optional<FrameHeader> request;
    private final int before;
    private final CpuModel cpus;
    private final String title;

    /// @param bytes 1024 of them from position 0
    /// @param request what it answers, where that was recorded
    /// @param before the last result on this connection, 0 at its start
    ReplyInWords(ByteBuffer bytes, Optional<FrameHeader> request, int before, CpuModel cpus) {
        this.table = new FieldTable(bytes);
        this.frame = ReplyFrame.read(bytes, 0);
        this.request = request;
        this.before = before;
        this.cpus = cpus;
        this.title = read();
    }

    FieldTable table() {
        return table;
    }

    ReplyFrame frame() {
        return frame;
    }

    String title() {
        return title;
    }

    private String read() {
        FrameHeader header = frame.header();
        boolean sized = header.msgSize() == 0 || header.msgSize() == FrameLayout.CPU_REPLY_LOAD_BYTES;
        table.header(header, sized ? "" : "expected 0 or 4");
        if (!sized) {
            table.remark("msg_size is neither 0 nor 4: a client closes the connection");
        }
        request.filter(r -> r.msgType() != header.msgType())
                .ifPresent(r -> table.remark("msg_type does not echo the request's " + FieldTable.type(r.msgType())
                        + ": a client closes the connection"));
        String meaning = result();
        load(header);
        table.rest(FrameLayout.REPLY_LOAD_OFFSET + FrameLayout.CPU_REPLY_LOAD_BYTES);
        String name = Operation.ofMsgType(header.msgType())
                .map(Operation::name)
                .orElse("type " + FieldTable.type(header.msgType()));
        return "reply to " + name + ": " + meaning;
    }

    private String result() {
        int result = frame.result();
        if (request.filter(r -> r.magic() != FrameLayout.MAGIC).isPresent()) {
            field(result, "stale");
            table.remark("the request had a wrong magic and was never run: result is what an earlier request left");
            return "result " + result + ", which says nothing";
        }
        Optional<Operation> operation = Operation.ofMsgType(frame.header().msgType());
        if (result == 0) {
            field(result, "done");
            return "done";
        }
        if (operation.isEmpty()) {
            field(result, ResultMeaning.errnoName(result));
            return ResultMeaning.errnoName(result);
        }
        ResultMeaning meaning = ResultMeaning.of(operation.get(), result, cpus);
        field(result, meaning.name() + ": " + meaning.sentence());
        if (operation.get().isPci() && result == before) {
            table.remark("perhaps stale: a PCI operation that succeeds does not write result, and the last one was the"
                    + " same; only a fresh connection tells");
        }
        return meaning.name();
    }

    private void load(FrameHeader header) {
        int word = frame.loadWord();
        boolean fresh = frame.result() == 0 && header.msgSize() == FrameLayout.CPU_REPLY_LOAD_BYTES;
        String note = "";
        if (fresh) {
            note = cpus == CpuModel.COUNT ? "a CPU id" : "how many CPUs";
        } else if (word != 0) {
            note = "stale: left over from an earlier reply";
            table.remark("the load word is stale: only result 0 with msg_size 4 writes it");
        }
        table.field(
                FrameLayout.REPLY_LOAD_OFFSET,
                FrameLayout.CPU_REPLY_LOAD_BYTES,
                "load",
                Integer.toUnsignedString(word),
                note);
    }

    private void field(int result, String note) {
        table.field(FrameLayout.RESULT_OFFSET, 4, "result", result, note);
    }
}
