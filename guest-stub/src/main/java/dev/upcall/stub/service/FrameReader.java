package dev.upcall.stub.service;

import dev.upcall.proto.extension.ExtensionType;
import dev.upcall.proto.wire.ExtensionFrame;
import dev.upcall.proto.wire.FrameHeader;
import dev.upcall.proto.wire.FrameLayout;
import dev.upcall.stub.machine.Machine;
import dev.upcall.stub.mood.Ending;
import dev.upcall.stub.mood.Moods;

/// Reads an opened connection (§1): whole frames out of any pieces, also while a request is out.
/// Notifications are taken at once, a second request not before the first one's answer has left. What
/// is unread at the end of the stream is discarded (§4).
final class FrameReader implements Reader {

    /// A handful of frames: most are acknowledgements.
    private static final int RECEIVE_BYTES = 4 * FrameLayout.FRAME_BYTES;

    private final OpenConnections connections;
    private final Moods moods;
    private final Machine machine;
    private final KernelReader kernel;
    private final GuestAgent agent;
    private final FrameSender.Fate fate;

    FrameReader(
            OpenConnections connections,
            Moods moods,
            Machine machine,
            KernelReader kernel,
            GuestAgent agent,
            FrameSender.Fate fate) {
        this.connections = connections;
        this.moods = moods;
        this.machine = machine;
        this.kernel = kernel;
        this.agent = agent;
        this.fate = fate;
    }

    boolean reads(Connection connection) {
        return agent.isOpened(connection);
    }

    @Override
    public int wants(Connection connection) {
        return Math.min(RECEIVE_BYTES, Connection.UNREAD_BYTES_MAX - connection.unread());
    }

    @Override
    public boolean wantsMeanwhile() {
        return true;
    }

    @Override
    public boolean ready(Connection connection) {
        if (connection.unread() < FrameLayout.FRAME_BYTES || moods.silent() || machine.wireCut()) {
            return false;
        }
        boolean idle = !connection.busy && connection.service.wants() > 0;
        return idle || isNotification(FrameHeader.read(connection.front(FrameLayout.FRAME_BYTES), 0));
    }

    @Override
    public boolean owes(Connection connection) {
        return false;
    }

    @Override
    public void read(Connection connection, long now) {
        FrameHeader header = FrameHeader.read(connection.front(FrameLayout.FRAME_BYTES), 0);
        if (header.magic() != FrameLayout.MAGIC || !ExtensionFrame.is(header)) {
            kernel.readRequest(connection, now);
            return;
        }
        ExtensionFrame frame = ExtensionFrame.readFromHost(connection.front(FrameLayout.FRAME_BYTES), 0);
        connection.consumed(FrameLayout.FRAME_BYTES);
        if (header.msgType() == ExtensionType.EXECUTE_ONCE.msgType() && !frame.notification()) {
            switch (moods.fateOfRequest()) {
                case RUN -> agent.received(connection, frame, now);
                case RESET_CONNECTION -> connections.reset(connection, "mood reset");
                case REBOOT_GUEST -> fate.comes(Ending.REBOOTS, now);
            }
        } else {
            agent.received(connection, frame, now);
        }
    }

    private static boolean isNotification(FrameHeader header) {
        return header.magic() == FrameLayout.MAGIC
                && ExtensionFrame.is(header)
                && (header.msgFlags() & FrameLayout.FLAG_NOTIFICATION) != 0;
    }
}
