package dev.upcall.client.bridge;

import dev.upcall.client.transport.Target;
import dev.upcall.client.transport.UnixTarget;
import dev.upcall.client.transport.VsockTarget;
import io.netty.channel.EventLoop;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/// Where a guest's ports are, for a bridge. Implement it to bridge to a guest of your own.
public interface GuestEnd {
    /// Dials a port of the guest. Called on the bridge's event loop; must not block.
    ///
    /// @param port 0 to 2^32 - 2
    /// @param bufferBytes how much may wait to be written before [BridgeStream.Receiver#writable] says false
    /// @param receiver told on that loop, and not before [BridgeStream#read] was called
    /// @return completes on any thread; exceptionally when the guest refuses. A stream that comes after the bridge
    /// has given up is closed by the bridge
    CompletionStage<BridgeStream> open(long port, EventLoop loop, int bufferBytes, BridgeStream.Receiver receiver);

    /// Where the guest asks for the host's ports, with CONNECT lines; empty when it cannot.
    Optional<Path> hostSocket();

    /// One UNIX socket for each port in a folder, named by its decimal number; the guest asks at `host` in there.
    static GuestEnd folder(Path folder) {
        return new DialledEnd(port -> new UnixTarget(folder.resolve(Long.toString(port))), folder.resolve("host"));
    }

    /// The ports of the guest with this CID, over AF_VSOCK. Only from host to guest.
    static GuestEnd vsock(long cid) {
        VsockTarget guest = new VsockTarget(cid, Target.DEFAULT_PORT);
        return new DialledEnd(port -> new VsockTarget(guest.cid(), port), null);
    }

    /// `unix:///folder` or `vsock://CID`.
    ///
    /// @throws IllegalArgumentException in one sentence: what was expected, what was found, what to do
    static GuestEnd parse(String uri) {
        Target target = Target.parse(uri);
        return switch (target) {
            case UnixTarget folder -> folder(folder.path());
            case VsockTarget guest when guest.port() == Target.DEFAULT_PORT -> vsock(guest.cid());
            default ->
                throw new IllegalArgumentException("expected unix:///folder or vsock://CID as a guest end, found \""
                        + target + "\": leave the port out, and name a folder or a CID");
        };
    }
}
