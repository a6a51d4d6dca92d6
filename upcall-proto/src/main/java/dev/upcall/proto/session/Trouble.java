package dev.upcall.proto.session;

import java.util.Optional;

/// Why there is no connection: what was seen, and what that usually means.
///
/// @param kind the case
/// @param detail the values seen, for people; may be empty
public record Trouble(Kind kind, String detail) {

    /// The cases a client can tell apart (`hybrid-vsock`: a closed stream says nothing, what came before it does).
    public enum Kind {
        NOT_TRIED("not tried yet"),
        NO_SOCKET_FILE("the socket file does not exist: the VMM is not up yet, or the path is wrong"),
        CONNECT_REFUSED("the address exists but nobody listens on it: the VMM, or the guest's service, is gone or"
                + " still starting"),
        BACKLOG_FULL("the listener's backlog is full: too many connections at once"),
        PERMISSION_DENIED("permission to use the socket is denied"),
        CANNOT_DIAL("the target cannot be dialled"),
        CLOSED_BEFORE_OK("the VMM closed the connection before OK: nothing listens on that guest port,"
                + " the kernel has no upcall service, the guest is still booting, or the multiplexer is full"),
        PARKED("the VMM held the connection and then closed it: the guest's vsock driver is not up yet"),
        NO_OK_IN_TIME("no OK line came in time: the VMM's multiplexer is stuck or the VM is paused"),
        BAD_OK_LINE("the answer to CONNECT is not an OK line: this is not a hybrid vsock socket"),
        CLOSED_BEFORE_CONNECT("the guest port answered but closed before the CONNECT frame:"
                + " no upcall device manager serves there"),
        NO_CONNECT_IN_TIME("no CONNECT frame came in time: something else listens there, or the guest hangs"),
        OLDER_DIALECT("the guest speaks the upcall dialect of 2021, which this client does not"),
        NOT_UPCALL("the first frame is not upcall's CONNECT"),
        NO_OPENING_IN_TIME("the guest did not answer the handshake for its extensions in time"),
        NO_EXTENSIONS("extensions are required and this guest has none: it is a stock kernel"),
        NO_COMMON_VERSION("the guest's extensions are of another version than this client's"),
        TOO_MANY_CLIENTS("the guest already serves as many clients as it can remember (64)"),
        OPENING_REFUSED("the guest refused the handshake for its extensions"),
        PROBE_UNANSWERED("the guest did not answer a probe: it hangs, or the way to it is a black hole"),
        RESTARTED("another life of the guest answered on this connection"),
        NOT_LEFT("the guest has said that it ends and did not close the connection"),
        NO_INVENTORY_IN_TIME("the guest did not tell its inventory in time"),
        LOST("the connection was lost"),
        MISBEHAVED("the guest broke the protocol"),
        NO_LATE_REPLY("an overdue reply never came: the connection was given up"),
        CLEANING("a fresh connection is needed because the last result would be repeated");

        private final String sentence;

        Kind(String sentence) {
            this.sentence = sentence;
        }

        /// What it usually means.
        public String sentence() {
            return sentence;
        }
    }

    /// True where the peer did something no guest may do: worth another exit code than a guest that is not there.
    public boolean isProtocolBreach() {
        return switch (kind) {
            case BAD_OK_LINE, NOT_UPCALL, MISBEHAVED -> true;
            case NOT_TRIED,
                    NO_SOCKET_FILE,
                    CONNECT_REFUSED,
                    BACKLOG_FULL,
                    PERMISSION_DENIED,
                    CANNOT_DIAL,
                    CLOSED_BEFORE_OK,
                    PARKED,
                    NO_OK_IN_TIME,
                    CLOSED_BEFORE_CONNECT,
                    NO_CONNECT_IN_TIME,
                    OLDER_DIALECT,
                    NO_OPENING_IN_TIME,
                    NO_EXTENSIONS,
                    NO_COMMON_VERSION,
                    TOO_MANY_CLIENTS,
                    OPENING_REFUSED,
                    PROBE_UNANSWERED,
                    RESTARTED,
                    NOT_LEFT,
                    NO_INVENTORY_IN_TIME,
                    LOST,
                    NO_LATE_REPLY,
                    CLEANING -> false;
        };
    }

    /// True where there was no connection at all, so that another socket file may make the difference.
    boolean isOfTheDial() {
        return switch (kind) {
            case NO_SOCKET_FILE, CONNECT_REFUSED, PERMISSION_DENIED, CANNOT_DIAL -> true;
            case NOT_TRIED,
                    BACKLOG_FULL,
                    CLOSED_BEFORE_OK,
                    PARKED,
                    NO_OK_IN_TIME,
                    BAD_OK_LINE,
                    CLOSED_BEFORE_CONNECT,
                    NO_CONNECT_IN_TIME,
                    OLDER_DIALECT,
                    NOT_UPCALL,
                    NO_OPENING_IN_TIME,
                    NO_EXTENSIONS,
                    NO_COMMON_VERSION,
                    TOO_MANY_CLIENTS,
                    OPENING_REFUSED,
                    PROBE_UNANSWERED,
                    RESTARTED,
                    NOT_LEFT,
                    NO_INVENTORY_IN_TIME,
                    LOST,
                    MISBEHAVED,
                    NO_LATE_REPLY,
                    CLEANING -> false;
        };
    }

    /// Empty where nothing has been tried that could have failed.
    Optional<Trouble> tried() {
        return kind == Kind.NOT_TRIED ? Optional.empty() : Optional.of(this);
    }

    public static Trouble of(Kind kind) {
        return new Trouble(kind, "");
    }

    @Override
    public String toString() {
        return detail.isEmpty() ? kind.sentence() : kind.sentence() + " (" + detail + ")";
    }
}
