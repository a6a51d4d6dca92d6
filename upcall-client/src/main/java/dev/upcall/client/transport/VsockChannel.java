package dev.upcall.client.transport;

import dev.upcall.client.posix.PosixException;
import dev.upcall.client.posix.VsockAddress;
import dev.upcall.client.posix.VsockSocket;
import io.netty.channel.Channel;
import io.netty.channel.epoll.AbstractEpollStreamChannel;
import io.netty.channel.epoll.EpollChannelConfig;
import io.netty.channel.epoll.LinuxSocket;
import java.io.IOException;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/// An AF_VSOCK stream on an epoll loop: Netty moves the bytes and waits, `posix` starts the connect.
///
/// Netty knows no such channel. Everything but the address is the same as for any stream descriptor, so only
/// `doConnect` is ours; a connect under way costs no thread.
final class VsockChannel extends AbstractEpollStreamChannel {
    /// Starts to connect a non-blocking descriptor: true when connected already.
    @FunctionalInterface
    interface Connect {
        boolean start(int fd) throws IOException;
    }

    private static final int EPOLLOUT = 4;

    private final Connect connect;
    private final EpollChannelConfig config = new Config(this);

    /// Takes the ownership of the unconnected socket.
    VsockChannel(LinuxSocket unconnected, Connect connect) {
        super(unconnected, false);
        this.connect = connect;
    }

    /// One that was accepted, and is the channel's from here on.
    VsockChannel(Channel parent, int connected) {
        super(parent, connected);
        this.connect = _ -> true;
    }

    static VsockChannel to(VsockTarget target) throws PosixException {
        VsockAddress address = new VsockAddress(target.cid(), target.port());
        int fd = VsockSocket.open().release();
        return new VsockChannel(LinuxSocket.newSocket(fd), number -> VsockSocket.startConnect(number, address));
    }

    @Override
    protected boolean doConnect(SocketAddress remote, @Nullable SocketAddress local) throws Exception {
        boolean started = false;
        try {
            boolean connected = connect.start(fd().intValue());
            if (!connected) {
                setFlag(EPOLLOUT); // Netty reads SO_ERROR when it fires
            }
            started = true;
            return connected;
        } finally {
            if (!started) {
                doClose();
            }
        }
    }

    @Override
    public EpollChannelConfig config() {
        return config;
    }

    private static final class Config extends EpollChannelConfig {
        Config(VsockChannel channel) {
            super(channel);
        }
    }

    /// Shown where Netty asks for an address to connect to; the target itself is in [Connect].
    static final class Label extends SocketAddress {
        private static final long serialVersionUID = 1L;

        private final String text;

        Label(Target target) {
            this.text = target.toString();
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
