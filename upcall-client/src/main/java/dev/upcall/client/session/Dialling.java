package dev.upcall.client.session;

import dev.upcall.client.transport.DialFailure;
import dev.upcall.proto.session.Trouble;

/// How a failed dial reads in the session's words.
final class Dialling {

    private Dialling() {}

    static Trouble troubleOf(DialFailure failure) {
        Trouble.Kind kind = switch (failure.reason()) {
            case NO_SOCKET_FILE -> Trouble.Kind.NO_SOCKET_FILE;
            case REFUSED -> Trouble.Kind.CONNECT_REFUSED;
            case BACKLOG_FULL -> Trouble.Kind.BACKLOG_FULL;
            case PERMISSION -> Trouble.Kind.PERMISSION_DENIED;
            case NOT_A_SOCKET, OTHER -> Trouble.Kind.CANNOT_DIAL;
        };
        return new Trouble(kind, failure.message());
    }
}
