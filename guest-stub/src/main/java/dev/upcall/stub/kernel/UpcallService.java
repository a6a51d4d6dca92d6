package dev.upcall.stub.kernel;

import dev.upcall.proto.wire.FrameHeader;
import dev.upcall.proto.wire.FrameLayout;
import dev.upcall.stub.machine.Answer;
import dev.upcall.stub.machine.Began;
import dev.upcall.stub.machine.Errno;
import dev.upcall.stub.machine.GuestRequest;
import dev.upcall.stub.machine.Machine;
import dev.upcall.stub.machine.Quirks;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One connection to the device manager, from its service byte on: the guest's kernel thread for it.
///
/// Confined to the thread of its machine.
public final class UpcallService {

    /// `'d'`: the device manager.
    static final byte SERVICE_BYTE = 0x64;

    /// Without a service byte the kernel closes after so long.
    public static final long SERVICE_BYTE_NANOS = TimeUnit.SECONDS.toNanos(10);

    /// Where the connection stands; the package's table.
    public enum Stage {
        SERVICE_BYTE,
        RECEIVING,
        WORKING,
        SENDING,
        CRASHED,
        CLOSED
    }

    private static final ServiceStep WAIT = new ServiceStep.Wait();

    private final Machine machine;
    private final long connection;
    private final RequestBuffer request = new RequestBuffer();
    private final ReplyBuffer reply = new ReplyBuffer();
    private final ExecutionCounts counts;
    private Stage stage = Stage.SERVICE_BYTE;
    private @Nullable GuestRequest running;

    public UpcallService(Machine machine, long connection, ExecutionCounts counts) {
        this.counts = counts;
        this.machine = machine;
        this.connection = connection;
    }

    public Stage stage() {
        return stage;
    }

    /// How many bytes the guest's recv asks for now: 1, 1024, or 0 while it does not read.
    public int wants() {
        return switch (stage) {
            case SERVICE_BYTE -> 1;
            case RECEIVING -> FrameLayout.FRAME_BYTES;
            case WORKING, SENDING, CRASHED, CLOSED -> 0;
        };
    }

    /// The header of the request that was read last, zero before the first.
    public FrameHeader lastRequest() {
        return request.header();
    }

    /// The service byte.
    ///
    /// @param connectType `msg_type` of the CONNECT frame, 0 in today's dialect
    public ServiceStep serviceByte(byte first, int connectType) {
        requireStage(Stage.SERVICE_BYTE);
        if (first != SERVICE_BYTE) {
            return close("unknown service byte 0x%02x".formatted(first));
        }
        reply.header(connectType);
        return send(true);
    }

    /// Ten seconds have passed since the connection came.
    public ServiceStep serviceByteOverdue() {
        return stage == Stage.SERVICE_BYTE ? close("no service byte within 10 s") : WAIT;
    }

    /// One recv: 1 … 1024 bytes. Whatever they are, the buffer's content is run as a request.
    public ServiceStep received(ByteBuffer bytes, long now) {
        requireStage(Stage.RECEIVING);
        request.overwrite(bytes);
        FrameHeader header = request.header();
        if (header.magic() != FrameLayout.MAGIC) {
            reply.header(header.msgType());
            return send(false);
        }
        Optional<GuestRequest> decoded = request.decode(machine);
        if (decoded.isEmpty()) {
            return answered(new Answer.Refused(Errno.EPERM));
        }
        if (request.sizeIsWrong(decoded.get())) {
            return answered(new Answer.Refused(Errno.EINVAL));
        }
        running = decoded.get();
        counts.begun(running, false);
        return switch (machine.begin(connection, decoded.get(), Quirks.KEPT, now)) {
            case Began.Answered a -> answered(a.answer());
            case Began.Running _ -> {
                stage = Stage.WORKING;
                yield WAIT;
            }
            case Began.Never _ -> {
                stage = Stage.CRASHED;
                yield WAIT;
            }
        };
    }

    /// The machine has come to an end with this connection's request; empty when that was a crash.
    public ServiceStep completed(Optional<Answer> answer) {
        requireStage(Stage.WORKING);
        if (answer.isEmpty()) {
            stage = Stage.CRASHED;
            return WAIT;
        }
        return answered(answer.get());
    }

    /// The frame has left; the guest reads again.
    public void sent() {
        requireStage(Stage.SENDING);
        stage = Stage.RECEIVING;
    }

    private ServiceStep answered(Answer answer) {
        if (running != null) {
            counts.ended(running, answer);
            running = null;
        }
        reply.answer(request.header().msgType(), answer);
        return send(false);
    }

    private ServiceStep send(boolean greeting) {
        stage = Stage.SENDING;
        return new ServiceStep.Send(reply.frame(), greeting);
    }

    private ServiceStep close(String why) {
        stage = Stage.CLOSED;
        return new ServiceStep.Close(why);
    }

    private void requireStage(Stage wanted) {
        if (stage != wanted) {
            throw new IllegalStateException("connection " + connection + " is " + stage + ", not " + wanted);
        }
    }
}
