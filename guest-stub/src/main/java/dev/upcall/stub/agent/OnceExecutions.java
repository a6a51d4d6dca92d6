package dev.upcall.stub.agent;

import dev.upcall.proto.extension.Bytes;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.ExtensionErrno;
import dev.upcall.proto.extension.service.ServiceOrder;
import dev.upcall.proto.message.Reply;
import dev.upcall.proto.wire.FrameLayout;
import dev.upcall.stub.kernel.ExecutionCounts;
import dev.upcall.stub.kernel.RequestBuffer;
import dev.upcall.stub.machine.Answer;
import dev.upcall.stub.machine.Began;
import dev.upcall.stub.machine.Errno;
import dev.upcall.stub.machine.GuestRequest;
import dev.upcall.stub.machine.Machine;
import dev.upcall.stub.machine.Quirks;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/// The operations of EXECUTE_ONCE on their way through the machine (§5): without quirks, and each with
/// a name of its own, because one connection may leave several behind.
public final class OnceExecutions {

    /// An operation that has been begun and has not ended.
    record Running(Epoch client, long requestId, GuestRequest request) {}

    /// An operation has ended; its answer is the operation's own.
    public record Ended(Epoch client, long requestId, Reply.Answer answer) {}

    private final Machine machine;
    private final ExecutionCounts counts;
    private final int runningMax;
    private final Map<Long, Running> running = new HashMap<>();

    /// The machine tells operations apart by a number: plain ones by their connection's, which is positive.
    private long names;

    /// @param runningMax as many as there can be connections; a client that comes, asks and goes could otherwise pile
    ///     them up for ever. What is more is not begun, and that is its outcome: −11
    public OnceExecutions(Machine machine, ExecutionCounts counts, int runningMax) {
        this.runningMax = runningMax;
        this.machine = machine;
        this.counts = counts;
    }

    /// Whether a completion of the machine is one of these.
    public static boolean isName(long completion) {
        return completion < 0;
    }

    /// Null while it runs: [#ended] tells the rest.
    @Nullable
    public Ended begin(ServiceOrder.Execute order, long now) {
        RequestBuffer buffer = new RequestBuffer();
        buffer.overwrite(plain(order.msgType(), order.load()));
        Optional<GuestRequest> decoded = buffer.decode(machine);
        if (decoded.isEmpty()) {
            return ended(order, Errno.EPERM);
        }
        GuestRequest request = decoded.get();
        if (buffer.sizeIsWrong(request)) {
            return ended(order, Errno.EINVAL);
        }
        if (running.size() >= runningMax) {
            return ended(order, ExtensionErrno.EAGAIN);
        }
        counts.begun(request, true);
        long name = --names;
        running.put(name, new Running(order.client(), order.requestId(), request));
        return switch (machine.begin(name, request, Quirks.NONE, now)) {
            case Began.Answered a -> ended(name, Optional.of(a.answer()));
            case Began.Running _, Began.Never _ -> null; // never: it removed the wire this goes over
        };
    }

    /// Null for what an agent before this one has begun.
    @Nullable
    public Ended ended(long name, Optional<Answer> answer) {
        Running ended = running.remove(name);
        if (ended == null || answer.isEmpty()) {
            return null;
        }
        counts.ended(ended.request(), answer.get());
        return new Ended(ended.client(), ended.requestId(), own(answer.get()));
    }

    /// The agent is another one: what still runs is nobody's.
    public void forget() {
        running.clear();
    }

    /// Result and load are the operation's own, whatever earlier replies said.
    private static Reply.Answer own(Answer answer) {
        return switch (answer) {
            case Answer.CpuDone a -> new Reply.Answer(0, OptionalInt.of(a.load()));
            case Answer.MmioDone _, Answer.PciDone _ -> new Reply.Answer(0, OptionalInt.empty());
            case Answer.Refused a -> new Reply.Answer(a.result(), OptionalInt.empty());
            case Answer.RefusedCpu a -> new Reply.Answer(a.result(), OptionalInt.empty());
        };
    }

    private static Ended ended(ServiceOrder.Execute order, int result) {
        return new Ended(order.client(), order.requestId(), new Reply.Answer(result, OptionalInt.empty()));
    }

    private static ByteBuffer plain(int msgType, Bytes load) {
        ByteBuffer frame = ByteBuffer.allocate(FrameLayout.FRAME_BYTES);
        FrameLayout.writeHeader(frame, 0, msgType, load.size(), 0);
        frame.put(FrameLayout.REQUEST_LOAD_OFFSET, load.toArray());
        return frame;
    }
}
