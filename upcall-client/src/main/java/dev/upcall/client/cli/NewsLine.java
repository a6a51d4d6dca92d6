package dev.upcall.client.cli;

import dev.upcall.proto.extension.EventNotify;
import dev.upcall.proto.extension.liveness.BindingOrder;
import dev.upcall.proto.extension.liveness.Verdict;
import dev.upcall.proto.hybrid.Escaped;
import dev.upcall.proto.session.extended.News;
import java.util.Optional;

/// What an extended guest lets be known, as a line of `watch`.
final class NewsLine {
    private NewsLine() {}

    /// Empty for what happens all the time, or concerns nobody who watches: probes, duplicates, replays.
    static Optional<Report> of(News news) {
        return switch (news) {
            case News.Greeted n -> Optional.of(greeted(n));
            case News.Judged n -> Optional.of(judged(n.verdict()));
            case News.Binding n -> bound(n.order());
            case News.Happened n -> Optional.of(happened(n.event()));
            case News.Missed n ->
                Optional.of(line(
                                "gap",
                                "events " + n.gap().first() + " to " + n.gap().last() + " will never come")
                        .with("first", n.gap().first())
                        .with("last", n.gap().last()));
            case News.Discarded _, News.Probed _, News.Replayed _ -> Optional.empty();
        };
    }

    private static Report greeted(News.Greeted news) {
        return news.agreed()
                .map(agreed -> line(
                                "extended",
                                "extended guest " + agreed.product() + ", epoch " + agreed.guestEpoch() + ", "
                                        + agreed.features())
                        .with("guest_epoch", agreed.guestEpoch().toString())
                        .with("boot_id", agreed.bootId().toString())
                        .with("product", agreed.product())
                        .with("features", agreed.features().toString()))
                .orElseGet(() -> line("stock", "stock guest: no liveness, no events"));
    }

    private static Report judged(Verdict verdict) {
        return switch (verdict) {
            case Verdict.Alive v ->
                line("ALIVE", "ALIVE epoch " + v.epoch())
                        .with("guest_epoch", v.epoch().toString());
            case Verdict.Lost v ->
                line("LOST", "LOST by " + v.cause()).with("cause", v.cause().name());
            case Verdict.Restarted v ->
                line("RESTARTED", "RESTARTED as epoch " + v.epoch())
                        .with("guest_epoch", v.epoch().toString());
        };
    }

    private static Optional<Report> bound(BindingOrder order) {
        return switch (order) {
            case BindingOrder.Bind o ->
                Optional.of(line("BIND", "BIND(" + o.cause() + ") epoch " + o.epoch())
                        .with("guest_epoch", o.epoch().toString())
                        .with("cause", o.cause().name()));
            case BindingOrder.Unbind o ->
                Optional.of(line("UNBIND", "UNBIND(" + o.cause() + ") epoch " + o.epoch())
                        .with("guest_epoch", o.epoch().toString())
                        .with("cause", o.cause().name()));
            case BindingOrder.Removed o ->
                Optional.of(line("REMOVED", "REMOVED " + o.device())
                        .with("guest_epoch", o.epoch().toString())
                        .with("device", o.device().toString()));
            case BindingOrder.RenewPicture _ -> Optional.empty();
        };
    }

    private static Report happened(EventNotify event) {
        String device = event.device().toString();
        String detail = Escaped.text(event.detail().toUtf8());
        return line(
                        "event",
                        "event " + event.sequence() + " " + event.kind()
                                + (device.equals("none") ? "" : " " + device)
                                + (event.detail().isEmpty() ? "" : " \"" + detail + "\""))
                .with("sequence", event.sequence())
                .with("kind", event.kind().name())
                .with("device", device)
                .with("detail", detail)
                .with("dropped", event.dropped());
    }

    private static Report line(String what, String text) {
        return Report.of(text).with("command", "watch").with("news", what);
    }
}
