package dev.upcall.client.bridge.vhost;

import dev.upcall.client.posix.EventFd;
import dev.upcall.client.posix.PosixException;
import dev.upcall.proto.vsock.VsockRules;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A process with a bridge in it that can be made to run out of descriptors: `starve` and `feed` on its standard
/// input.
final class StarvedBridge {
    static final int STREAMS_MAX = 8;

    private StarvedBridge() {}

    /// @param arguments where the VM connects, and where programs do
    public static void main(String... arguments) throws IOException {
        VsockRules usual = VsockRules.of(FakeVm.CID);
        VsockRules few = new VsockRules(
                usual.cid(),
                STREAMS_MAX,
                usual.bufferBytes(),
                usual.readyNanos(),
                usual.answerNanos(),
                usual.dialNanos(),
                usual.shutdownNanos(),
                usual.lingerNanos());
        List<EventFd> eaten = new ArrayList<>();
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        VsockOptions options =
                VsockOptions.of(FakeVm.CID, Path.of(arguments[1])).withRules(few);
        try (VsockBridge bridge = VsockBridge.start(Path.of(arguments[0]), options)) {
            System.out.println("listening " + bridge.socket());
            for (String order = orders.readLine(); order != null; order = orders.readLine()) {
                if (order.equals("starve")) {
                    eatAll(eaten);
                } else {
                    eaten.forEach(EventFd::close);
                    eaten.clear();
                }
                System.out.println("done " + order);
            }
        }
    }

    private static void eatAll(List<EventFd> eaten) {
        try {
            while (true) {
                eaten.add(EventFd.create());
            }
        } catch (PosixException e) {
            System.out.println("full " + e.getMessage());
        }
    }
}
