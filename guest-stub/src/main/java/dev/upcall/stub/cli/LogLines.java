package dev.upcall.stub.cli;

import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.EventNotify;
import dev.upcall.proto.message.Operation;
import dev.upcall.proto.wire.FrameHeader;
import dev.upcall.proto.wire.ReplyFrame;
import dev.upcall.stub.observe.ServerObserver;
import java.io.PrintStream;

/// `-v`: one line of `key=value` for each thing that happens.
final class LogLines implements ServerObserver {

    private final PrintStream out;

    LogLines(PrintStream out) {
        this.out = out;
    }

    @Override
    public void opened(long connection) {
        out.println("event=opened connection=" + connection);
    }

    @Override
    public void closed(long connection, String why) {
        out.println("event=closed connection=" + connection + " why=\"" + why + "\"");
    }

    @Override
    public void requested(long connection, FrameHeader request, long nowNanos) {
        out.println("event=request connection=" + connection + " type=" + type(request.msgType()) + " size="
                + Integer.toUnsignedString(request.msgSize()));
    }

    @Override
    public void answered(long connection, ReplyFrame reply, long nowNanos) {
        out.println("event=reply connection=" + connection + " type="
                + type(reply.header().msgType()) + " result=" + reply.result() + " size="
                + reply.header().msgSize() + " load=" + Integer.toUnsignedString(reply.loadWord()));
    }

    @Override
    public void crashed(long connection, FrameHeader request, long nowNanos) {
        out.println("event=crash connection=" + connection + " type=" + type(request.msgType()));
    }

    @Override
    public void rebooted(long nowNanos) {
        out.println("event=reboot");
    }

    @Override
    public void restarted(long nowNanos) {
        out.println("event=restart");
    }

    @Override
    public void executed(long connection, int msgType) {
        out.println("event=once connection=" + connection + " type=" + type(msgType));
    }

    @Override
    public void replayed(long connection) {
        out.println("event=replay connection=" + connection);
    }

    @Override
    public void eventSent(long connection, EventNotify event) {
        out.println("event=sent connection=" + connection + " kind=" + event.kind() + " sequence=" + event.sequence()
                + " device=" + event.device() + " dropped=" + event.dropped());
    }

    @Override
    public void heard(Epoch client, EventNotify event) {
        out.println("event=heard client=" + client + " kind=" + event.kind() + " sequence=" + event.sequence());
    }

    private static String type(int msgType) {
        return Operation.ofMsgType(msgType).map(Operation::name).orElseGet(() -> "0x" + Integer.toHexString(msgType));
    }
}
