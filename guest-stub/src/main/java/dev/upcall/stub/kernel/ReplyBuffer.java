package dev.upcall.stub.kernel;

import dev.upcall.proto.wire.FrameLayout;
import dev.upcall.stub.machine.Answer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// A connection's reply: two words that outlive the requests, and a header that does not.
final class ReplyBuffer {

    private int msgSize;
    private int msgType;
    private int result;
    private int load;

    /// The header as for a request that wrote nothing else.
    void header(int type) {
        msgType = type;
        msgSize = 0;
    }

    /// A request of this type ended so. Only what the answer says is written.
    void answer(int type, Answer answer) {
        header(type);
        switch (answer) {
            case Answer.CpuDone a -> {
                msgSize = FrameLayout.CPU_REPLY_LOAD_BYTES;
                result = 0;
                load = a.load();
            }
            case Answer.MmioDone _ -> result = 0;
            case Answer.PciDone _ -> {}
            case Answer.Refused a -> result = a.result();
            case Answer.RefusedCpu a -> {
                result = a.result();
                load = a.load();
            }
        }
    }

    /// The whole buffer as it stands, 1024 bytes.
    ByteBuffer frame() {
        ByteBuffer frame = ByteBuffer.allocate(FrameLayout.FRAME_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        FrameLayout.writeHeader(frame, 0, msgType, msgSize, 0);
        frame.putInt(FrameLayout.RESULT_OFFSET, result);
        frame.putInt(FrameLayout.REPLY_LOAD_OFFSET, load);
        return frame;
    }
}
