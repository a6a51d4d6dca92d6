package dev.upcall.e2e.simulation;

import dev.upcall.proto.message.Request;
import dev.upcall.proto.session.request.Outcome;
import dev.upcall.proto.session.request.SendTerms;
import org.jspecify.annotations.Nullable;

/// One request of the embedder and what became of it. It is its own ticket.
final class Asked {

    final int number;
    final Request request;
    final SendTerms terms;
    final long sendBy;
    int sent;

    @Nullable
    Outcome ended;

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
        return "#" + number;
    }
}
