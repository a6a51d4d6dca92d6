package dev.upcall.proto.session;

import dev.upcall.proto.session.request.Pending;
import java.util.Optional;

/// Where a session stands. Each record holds only what is true while it lasts; times are nanoseconds on the driver's
/// clock, which starts near 0 and never goes back.
public sealed interface State {

    /// Nothing tried yet.
    record Init() implements State {}

    /// Dialling, or the CONNECT line is sent and its OK awaited.
    ///
    /// @param epoch the transport's number
    /// @param attempt 1 for the first dial of a budget; 0 for a voluntary reconnect, which costs nothing
    /// @param since when dialling began
    /// @param deadline when waiting ends
    /// @param before why the last connection or dial ended; `NOT_TRIED` for the first dial
    record WaitingServer(long epoch, int attempt, long since, long deadline, Trouble before) implements State {}

    /// The service byte is sent; the guest's CONNECT frame is awaited.
    ///
    /// @param before as in [WaitingServer]
    record WaitingService(long epoch, int attempt, long deadline, Trouble before) implements State {}

    /// HANDSHAKE is sent; its answer is awaited.
    ///
    /// @param connection what will be Connected
    /// @param before as in [WaitingServer]
    record Opening(Connection connection, long deadline, Trouble before) implements State {}

    /// Idle: the guest can be asked. A probe or an inventory may be out: requests wait for its answer.
    record Connected(Connection connection) implements State {}

    /// One request is out.
    ///
    /// @param before the idle state it was sent from, which its answer mostly leads back to
    record ServiceBusy(Connected before, Pending pending, long deadline) implements State {
        public Connection connection() {
            return before.connection();
        }
    }

    /// The reply's deadline passed and the caller was told so. The reply is still the truth; nothing else is sent.
    ///
    /// @param sentAt when the request left
    /// @param deadline when the connection is taken for dead, so that the guest can be asked again
    record Overdue(Connection connection, Pending pending, long sentAt, long deadline) implements State {}

    /// Waiting to dial again.
    ///
    /// @param attempt the number of the dial to come
    /// @param trouble why the last connection or dial ended
    record Reconnecting(int attempt, long resumeAt, Trouble trouble) implements State {}

    /// The end: closed by the caller.
    record Closed() implements State {}

    /// The end: the reconnect policy allows no further attempt.
    record GivenUp(Trouble trouble) implements State {}

    /// The connection a guest has announced itself on; shared by the states that have one.
    ///
    /// @param epoch the transport's number
    /// @param attempt which dial of the budget led here
    /// @param since when the CONNECT frame came
    /// @param proven true once it answered a request: losing it then starts a fresh budget
    /// @param dirty the guest's last result was not 0, so a successful PCI operation would echo it (`upcall-wire`
    ///     5.1)
    record Connection(long epoch, int attempt, long since, boolean proven, boolean dirty) {}

    /// Why there is no connection, where that is known: a dial under way still knows what ended the one before it.
    default Optional<Trouble> whyNot() {
        return switch (this) {
            case WaitingServer s -> s.before.tried();
            case WaitingService s -> s.before.tried();
            case Opening s -> s.before.tried();
            case Reconnecting s -> Optional.of(s.trouble);
            case GivenUp s -> Optional.of(s.trouble);
            case Init _, Connected _, ServiceBusy _, Overdue _, Closed _ -> Optional.empty();
        };
    }

    /// The name people see.
    default String label() {
        return getClass().getSimpleName();
    }
}
