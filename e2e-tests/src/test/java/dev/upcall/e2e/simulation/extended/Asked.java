package dev.upcall.e2e.simulation.extended;

import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.session.request.Outcome;
import dev.upcall.proto.session.request.SendTerms;
import org.jspecify.annotations.Nullable;

/// One request of a client and what became of it. It is its own ticket.
final class Asked {

    static final long NEVER = Long.MAX_VALUE;

    final int number;
    final Request request;
    final SendTerms terms;
    final long sendBy;
    int sent;

    /// Its number in EXECUTE_ONCE; 0 while it has none.
    long onceId;

    /// A copy left for a stock guest, or one without EXECUTE_ONCE: what follows are new requests.
    boolean leftPlain;

    /// The life and the boot of the guest that it left for first.
    @Nullable
    Epoch life;

    int boot;

    /// How many once-tables the client knew to be lost when it left.
    long tablesLost;

    /// When its recovery ends; [#NEVER] before its connection was lost.
    long giveUpAt = NEVER;

    @Nullable
    Outcome ended;

    long endedAt;

    @Nullable
    Outcome late;

    Asked(int number, Request request, SendTerms terms, long sendBy) {
        this.number = number;
        this.request = request;
        this.terms = terms;
        this.sendBy = sendBy;
    }

    @Override
    public String toString() {
        return "#" + number + " " + request;
    }
}
