package dev.upcall.client.bridge;

import dev.upcall.client.transport.Target;
import dev.upcall.client.transport.UnixTarget;
import dev.upcall.client.transport.VsockTarget;
import io.netty.channel.EventLoop;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.stream.LongStream;

/// Where a guest's ports are, for a bridge. Implement it to bridge to a guest of your own.
public interface GuestEnd {
    /// Dials a port of the guest. Called on the bridge's event loop; must not block.
    ///
    /// @param port 0 to 2^32 - 2
    /// @param bufferBytes how much may wait to be written before [BridgeStream.Receiver#writable] says false
    /// @param receiver told on that loop, and not before [BridgeStream#read] was called
    /// @return completes on any thread; exceptionally when the guest refuses. A stream that comes after the
    /// bridge has given up is closed by the bridge
    CompletionStage<BridgeStream> open(long port, EventLoop loop, int bufferBytes, BridgeStream.Receiver receiver);

    /// Where the guest asks for the host's ports, with CONNECT lines; empty when it cannot.
    Optional<Path> hostSocket();

    /// Where the guest comes for single ports of the host, without CONNECT lines. The bridge listens at each.
    default List<HostPort> hostPorts() {
        return List.of();
    }

    /// One UNIX socket for each port in a folder, named by its decimal number; the guest asks at `host` in
    /// there.
    static GuestEnd folder(Path folder) {
        return new DialledEnd(port -> new UnixTarget(folder.resolve(Long.toString(port))), folder.resolve("host"));
    }

    /// The ports of the guest with this CID, over AF_VSOCK, and those of the host that the guest may dial.
    ///
    /// Each host port is a listener of this machine, so it can be given to one guest only; a guest that dials
    /// where nobody listens at `<listen path>_<port>` is connected by its kernel first, and then hung up on.
    static GuestEnd vsock(long cid, long... hostPorts) {
        VsockTarget guest = new VsockTarget(cid, Target.DEFAULT_PORT);
        List<HostPort> from = LongStream.of(hostPorts)
                .distinct()
                .mapToObj(port -> new HostPort(port, new VsockTarget(cid, port)))
                .toList();
        return new DialledEnd(port -> new VsockTarget(guest.cid(), port), null, from);
    }

    /// `unix:///folder` or `vsock://CID`.
    ///
    /// @param hostPorts those that the guest may dial, with a CID; a folder has all of them at its `host`
    /// socket
    /// @throws IllegalArgumentException in one sentence: what was expected, what was found, what to do
    static GuestEnd parse(String uri, long... hostPorts) {
        Target target = Target.parse(uri);
        return switch (target) {
            case UnixTarget folder when hostPorts.length == 0 -> folder(folder.path());
            case UnixTarget folder ->
                throw new IllegalArgumentException("expected a guest end vsock://CID for single host ports, found \""
                        + folder + "\": leave them out, a guest of that form asks for any at " + folder + "/host");
            case VsockTarget guest when guest.port() == Target.DEFAULT_PORT -> vsock(guest.cid(), hostPorts);
            default ->
                throw new IllegalArgumentException("expected unix:///folder or vsock://CID as a guest end, found \""
                        + target + "\": leave the port out, and name a folder or a CID");
        };
    }
}
