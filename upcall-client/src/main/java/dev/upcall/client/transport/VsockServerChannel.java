package dev.upcall.client.transport;

import dev.upcall.client.posix.PosixException;
import dev.upcall.client.posix.VsockAddress;
import dev.upcall.client.posix.VsockSocket;
import io.netty.channel.Channel;
import io.netty.channel.epoll.AbstractEpollServerChannel;
import io.netty.channel.epoll.EpollChannelConfig;
import io.netty.channel.epoll.LinuxSocket;
import java.io.IOException;
import java.net.SocketAddress;

/// A listening AF_VSOCK socket on an epoll loop: Netty waits and accepts, `posix` binds.
///
/// Its children are [VsockChannel]s. Whether one is welcome is decided in its pipeline, never while
/// accepting: an error there makes Netty pause the listener, and a stranger must not be able to cause that.
final class VsockServerChannel extends AbstractEpollServerChannel {
    /// Makes an unbound descriptor a listening one.
    @FunctionalInterface
    interface Listen {
        void start(int fd) throws IOException;
    }

    private final Listen listen;
    private final EpollChannelConfig config = new Config(this);

    /// Takes the ownership of the unbound socket.
    VsockServerChannel(LinuxSocket unbound, Listen listen) {
        super(unbound, false);
        this.listen = listen;
    }

    /// @param port of every address of this machine
    static VsockServerChannel at(long port) throws PosixException {
        VsockAddress address = new VsockAddress(VsockAddress.CID_ANY, port);
        int fd = VsockSocket.open().release();
        return new VsockServerChannel(LinuxSocket.newSocket(fd), number -> VsockSocket.startListen(number, address));
    }

    @Override
    protected void doBind(SocketAddress local) throws Exception {
        listen.start(fd().intValue());
        active = true;
    }

    /// The address that Netty has read is in no form that it knows.
    @Override
    protected Channel newChildChannel(int fd, byte[] address, int offset, int length) {
        return new VsockChannel(this, fd);
    }

    @Override
    public EpollChannelConfig config() {
        return config;
    }

    private static final class Config extends EpollChannelConfig {
        Config(VsockServerChannel channel) {
            super(channel);
        }
    }
}
