package dev.upcall.client.bridge;

/// Told what becomes of each connection: for metrics and logs. Called on the bridge's event loop; must not
/// block.
///
/// Each connection is `accepted`, then `opened` or not, then `closed`; one over the limit is only `closed`,
/// with [CloseReason#LIMIT].
public interface BridgeObserver {
    /// Observes nothing.
    BridgeObserver NONE = new BridgeObserver() {};

    /// Who has dialled whom.
    enum Direction {
        HOST_TO_GUEST,
        GUEST_TO_HOST
    }

    /// A caller has connected; it has yet to say where to.
    ///
    /// @param id unique within the bridge; the number behind `OK`
    default void accepted(long id, Direction direction) {}

    /// The callee has answered, and OK was said if there was a line.
    ///
    /// @param port the one that the CONNECT line named, or where the caller came in
    default void opened(long id, Direction direction, long port) {}

    /// The connection has ended, opened or not.
    ///
    /// @param detail the reason's sentence, and what the system or the line said, escaped
    /// @param toCallee bytes that the caller sent behind its line
    /// @param toCaller bytes that the callee sent
    default void closed(
            long id, Direction direction, CloseReason reason, String detail, long toCallee, long toCaller) {}
}
