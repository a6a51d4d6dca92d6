package dev.upcall.client.transport;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;

/// What an event loop waits with.
public enum IoKind {
    /// Linux's own; the only one that can reach AF_VSOCK.
    EPOLL,
    /// The JDK's selector: everywhere, about a tenth slower.
    NIO;

    /// `-Dupcall.io=nio` (or `epoll`) overrules the choice of [#best].
    public static final String PROPERTY = "upcall.io";

    /// What the property [#PROPERTY] names, else epoll where it is available.
    ///
    /// @throws IllegalArgumentException when the property names neither, or asks for epoll where there is none
    public static IoKind best() {
        String wanted = System.getProperty(PROPERTY, "");
        return switch (wanted) {
            case "" -> Epoll.isAvailable() ? EPOLL : NIO;
            case "nio" -> NIO;
            case "epoll" -> {
                if (!Epoll.isAvailable()) {
                    throw new IllegalArgumentException(
                            "-D" + PROPERTY + "=epoll, but this system has none: use nio", Epoll.unavailabilityCause());
                }
                yield EPOLL;
            }
            default ->
                throw new IllegalArgumentException(
                        "expected -D" + PROPERTY + "=epoll or nio, found \"" + wanted + "\": correct or remove it");
        };
    }

    IoHandlerFactory factory() {
        return switch (this) {
            case EPOLL -> EpollIoHandler.newFactory();
            case NIO -> NioIoHandler.newFactory();
        };
    }
}
