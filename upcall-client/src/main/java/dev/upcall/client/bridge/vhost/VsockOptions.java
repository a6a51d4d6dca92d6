package dev.upcall.client.bridge.vhost;

import dev.upcall.client.transport.UnixTarget;
import dev.upcall.proto.vhostuser.Offer;
import dev.upcall.proto.vsock.VsockRules;
import java.nio.file.Path;
import java.time.Duration;

/// What a vsock device is told at its start. Immutable; begin with [#of] and change what differs.
///
/// @param rules the guest's CID, how many streams, how long anything may take
/// @param listen where programs of the host say CONNECT; `<listen>_<port>` is where the guest finds them
/// @param connectDeadline how long a program may take for its CONNECT line
/// @param observer told of the device and of every stream
public record VsockOptions(VsockRules rules, Path listen, Duration connectDeadline, VsockObserver observer) {
    /// The line comes in the same write as the connection, or its program has stopped.
    public static final Duration CONNECT_DEADLINE = Duration.ofSeconds(10);

    public VsockOptions {
        if (rules.cid() < Offer.CID_MIN || rules.cid() > Offer.CID_MAX) {
            throw new IllegalArgumentException("expected a guest CID of " + Offer.CID_MIN + " to " + Offer.CID_MAX
                    + ", found " + rules.cid() + ": choose one that no other VM of this host has");
        }
        if (connectDeadline.isNegative() || connectDeadline.isZero()) {
            throw new IllegalArgumentException(
                    "expected a deadline above zero, found " + connectDeadline + ": raise connectDeadline");
        }
        listen = new UnixTarget(listen).path();
    }

    /// @param cid 3 to 2^32 - 2
    public static VsockOptions of(long cid, Path listen) {
        return new VsockOptions(VsockRules.of(cid), listen, CONNECT_DEADLINE, VsockObserver.NONE);
    }

    public VsockOptions withRules(VsockRules others) {
        return new VsockOptions(others, listen, connectDeadline, observer);
    }

    public VsockOptions withConnectDeadline(Duration deadline) {
        return new VsockOptions(rules, listen, deadline, observer);
    }

    public VsockOptions withObserver(VsockObserver told) {
        return new VsockOptions(rules, listen, connectDeadline, told);
    }
}
