package dev.upcall.e2e.benchmark;

import dev.upcall.client.ExtensionOptions;
import dev.upcall.client.UpcallClient;
import dev.upcall.client.UpcallObserver;
import dev.upcall.proto.extension.liveness.BindingOrder;
import dev.upcall.proto.extension.liveness.Verdict;
import dev.upcall.proto.session.extended.News;
import java.nio.file.Path;
import java.time.Duration;

/// Says `lost NANOS` when the guest is lost and `bound NANOS` when it is bound, on the clock that all processes share.
final class LossHeard implements Peer.Work, UpcallObserver {

    private final UpcallClient guest;

    LossHeard(Path path) {
        guest = Guest.open(
                path, ExtensionOptions.DEFAULT.withProbeInterval(Duration.ofMillis(LossRow.INTERVAL_MILLIS)), this);
    }

    @Override
    public void told(UpcallClient client, News news) {
        long now = System.nanoTime();
        if (news instanceof News.Judged(Verdict.Lost _)) {
            System.out.println("lost " + now);
        } else if (news instanceof News.Binding(BindingOrder.Bind _)) {
            System.out.println("bound " + now);
        }
    }

    @Override
    public String run(long millis) {
        return "state " + (guest.status().connected() ? 1 : 0);
    }
}
