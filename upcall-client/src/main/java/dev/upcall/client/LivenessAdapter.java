package dev.upcall.client;

import dev.upcall.proto.extension.liveness.BindingOrder;
import dev.upcall.proto.extension.liveness.Verdict;
import dev.upcall.proto.session.extended.News;

/// A liveness listener in the place of an observer.
record LivenessAdapter(LivenessListener listener) implements UpcallObserver {

    @Override
    public void told(UpcallClient client, News news) {
        switch (news) {
            case News.Judged(Verdict.Alive v) -> listener.alive(v.epoch());
            case News.Judged(Verdict.Lost v) -> listener.lost(v.epoch(), v.cause());
            case News.Judged(Verdict.Restarted v) -> listener.restarted(v.before(), v.epoch());
            case News.Binding(BindingOrder.Bind o) -> listener.bound(o.epoch(), o.cause());
            case News.Binding(BindingOrder.Unbind o) -> listener.unbound(o.epoch(), o.cause());
            case News.Binding(BindingOrder.Removed o) -> listener.removed(o.epoch(), o.device());
            case News.Binding(BindingOrder.RenewPicture _) -> {} // the session's own affair
            case News.Greeted _, News.Happened _, News.Missed _, News.Discarded _, News.Probed _, News.Replayed _ -> {}
        }
    }
}
