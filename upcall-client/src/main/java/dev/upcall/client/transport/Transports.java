package dev.upcall.client.transport;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Opens channels to targets. Stateless and thread-safe; nothing here blocks.
///
/// The event loop decides between epoll and NIO ([#newLoops]); the channel's pipeline is the caller's.
public final class Transports {
    private static final Logger LOG = LoggerFactory.getLogger(Transports.class);

    /// What the JDK and Netty ask for; the kernel caps it at `somaxconn`. A VMM's clients come one by one.
    private static final int BACKLOG = 128;

    private Transports() {}

    /// Event loops on daemon threads named `name-1-1`, `name-1-2`, …, of the kind [IoKind#best].
    ///
    /// @param threads at least 1; one serves thousands of guests
    public static EventLoopGroup newLoops(int threads, String name) {
        return newLoops(threads, name, IoKind.best());
    }

    /// As [#newLoops(int, String)], with the kind given.
    public static EventLoopGroup newLoops(int threads, String name, IoKind kind) {
        if (threads < 1) {
            throw new IllegalArgumentException("expected at least 1 thread, found " + threads + ": raise it");
        }
        return new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory(name, true), kind.factory());
    }

    /// Dials, on a loop of [#newLoops]. The handler (often a `ChannelInitializer`) is in the pipeline before
    /// the first byte; for a [HybridTarget] it also speaks the `CONNECT` line. The future fails with what
    /// [DialFailure#of] explains; no deadline runs here: whoever gives up closes `future.channel()`.
    public static ChannelFuture dial(Target target, EventLoop loop, ChannelHandler handler) {
        Bootstrap bootstrap = new Bootstrap()
                .group(loop)
                .handler(handler)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0) // deadlines are the caller's
                .disableResolver();
        return switch (target) {
            case HybridTarget hybrid -> dialUnix(bootstrap, hybrid.path(), loop);
            case UnixTarget unix -> dialUnix(bootstrap, unix.path(), loop);
            case VsockTarget vsock ->
                bootstrap.channelFactory(() -> vsockChannel(vsock, loop)).connect(new VsockChannel.Label(target));
            case InProcessTarget local ->
                bootstrap.channelFactory(() -> new InProcessChannel(local)).connect(new VsockChannel.Label(target));
        };
    }

    /// Listens on a UNIX socket ([HybridTarget] or [UnixTarget]; the port of the former is not used), or on a
    /// port of AF_VSOCK. A socket file appears with mode 0600 and already listening; a dead one in its place
    /// is replaced, a living one or another kind of file is not: the future fails. It is removed when the
    /// channel closes. Close it before its loop, or give the loop a quiet period: without one Netty may leave
    /// channels open.
    ///
    /// Looks at files for some microseconds, on the calling thread and on the loop. When accepting fails for
    /// want of descriptors, the channel pauses for a second.
    ///
    /// For a [VsockTarget] the CID says who may come: that one machine, or everybody with
    /// [VsockTarget#CID_ANY]. The kernel knows no such choice: a stranger's connect succeeds, and is closed
    /// before `accepted` hears of it. A port belongs to one listener of this machine, whichever guest it is
    /// for.
    ///
    /// @param accepted put into the pipeline of each accepted channel, which runs on `loop` too
    public static Future<Channel> listen(Target target, EventLoop loop, ChannelHandler accepted) {
        return target instanceof VsockTarget vsock
                ? listenVsock(vsock, loop, accepted)
                : listenUnix(target, loop, accepted);
    }

    private static Future<Channel> listenVsock(VsockTarget target, EventLoop loop, ChannelHandler accepted) {
        ChannelHandler welcome = target.cid() == VsockTarget.CID_ANY ? accepted : new OnlyFrom(target.cid(), accepted);
        Promise<Channel> listening = loop.newPromise();
        ChannelFuture bound = new ServerBootstrap()
                .group(loop)
                .channelFactory(() -> vsockServerChannel(target, loop))
                .childHandler(welcome)
                .bind(new VsockChannel.Label(target));
        bound.addListener(done -> {
            if (done.isSuccess()) {
                bound.channel().pipeline().addLast(new AcceptFailure());
                listening.setSuccess(bound.channel());
            } else {
                listening.setFailure(done.cause());
            }
        });
        return listening;
    }

    private static Future<Channel> listenUnix(Target target, EventLoop loop, ChannelHandler accepted) {
        Promise<Channel> listening = loop.newPromise();
        ListeningFile file;
        try {
            file = ListeningFile.claim(listenerPath(target));
        } catch (IOException | IllegalArgumentException e) {
            return listening.setFailure(e);
        }
        ChannelFactory<? extends ServerChannel> factory =
                isEpoll(loop) ? EpollServerDomainSocketChannel::new : NioServerDomainSocketChannel::new;
        ChannelFuture bound = new ServerBootstrap()
                .group(loop)
                .channelFactory(factory)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .handler(new FileRemoval(file))
                .childHandler(accepted)
                .bind(address(file.hidden(), loop));
        Channel channel = bound.channel();
        channel.closeFuture().addListener(_ -> remove(file)); // also when the loop shuts down
        bound.addListener(done -> {
            if (!done.isSuccess()) {
                listening.setFailure(done.cause());
                return;
            }
            channel.pipeline().addLast(new AcceptFailure());
            try {
                file.publish();
                listening.setSuccess(channel);
            } catch (IOException e) {
                channel.close().addListener(_ -> listening.setFailure(e));
            }
        });
        return listening;
    }

    private static ChannelFuture dialUnix(Bootstrap bootstrap, Path path, EventLoop loop) {
        ChannelFactory<Channel> factory = isEpoll(loop) ? EpollDomainSocketChannel::new : NioDomainSocketChannel::new;
        return bootstrap.channelFactory(factory).connect(address(path, loop));
    }

    private static ServerChannel vsockServerChannel(VsockTarget target, EventLoop loop) {
        checkEpoll(target, loop);
        try {
            return VsockServerChannel.at(target.port());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void checkEpoll(VsockTarget target, EventLoop loop) {
        if (!isEpoll(loop)) {
            throw new UnsupportedOperationException(
                    "expected an epoll loop for " + target + ", found NIO, which knows no vsock: remove -D"
                            + IoKind.PROPERTY + "=nio, or use the VMM's hybrid socket");
        }
    }

    private static Channel vsockChannel(VsockTarget target, EventLoop loop) {
        checkEpoll(target, loop);
        if (target.cid() == VsockTarget.CID_ANY) {
            throw new IllegalArgumentException(target + " is for listeners; name the guest's CID");
        }
        try {
            return VsockChannel.to(target);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path listenerPath(Target target) {
        return target.socketFile()
                .orElseThrow(() -> new IllegalArgumentException(
                        "expected hvsock:///path, unix:///path or vsock://CID:port to listen on, found " + target
                                + ": name a file"));
    }

    private static SocketAddress address(Path path, EventLoop loop) {
        return isEpoll(loop) ? new DomainSocketAddress(path.toString()) : UnixDomainSocketAddress.of(path);
    }

    private static boolean isEpoll(EventLoop loop) {
        return loop instanceof IoEventLoop io && io.isIoType(EpollIoHandler.class);
    }

    private static void remove(ListeningFile file) {
        try {
            file.remove();
        } catch (IOException e) {
            LOG.warn("event=socket_file_stays reason=\"{}\"", e.toString());
        }
    }

    /// Stands behind Netty's acceptor, which pauses for a second then. One line for each pause and no stack
    /// trace: who is out of descriptors can open no class file that a longer report may need.
    private static final class AcceptFailure extends ChannelInboundHandlerAdapter {
        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            LOG.warn("event=accept_failed pause_s=1 reason=\"{}\"", cause.getMessage());
        }
    }

    /// The file goes before the socket closes: who comes then learns that there is nothing, not that it is
    /// refused.
    private static final class FileRemoval extends ChannelOutboundHandlerAdapter {
        private final ListeningFile file;

        private FileRemoval(ListeningFile file) {
            this.file = file;
        }

        @Override
        public void close(ChannelHandlerContext context, ChannelPromise promise) {
            remove(file);
            var _ = context.close(promise);
        }
    }
}
