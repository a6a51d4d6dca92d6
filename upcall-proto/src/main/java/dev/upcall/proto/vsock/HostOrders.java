package dev.upcall.proto.vsock;

/// What the driver is to do on the host's side: orders, as calls, because nothing may be allocated per
/// packet.
///
/// Orders come from within an event. Carrying one out must not report another event at once: the
/// [Multiplexer] says `IllegalStateException` then. Write it down and report it afterwards.
public interface HostOrders {

    /// The guest asks for host port [Connection#hostPort]: connect to `<path>_<port>`, and report
    /// `dialled` or `dialRefused`.
    void dial(Connection connection);

    /// The guest accepted: say OK to the program that said CONNECT.
    void sayOpen(Connection connection);

    /// Read the host's socket, at most [Connection#readLimit] bytes at a time, or read no more for now.
    void read(Connection connection, boolean wanted);

    /// The guest will send no more: when all that is held was written, end the writing half of the host's
    /// socket.
    void endHost(Connection connection);

    /// The guest will receive no more: end the reading half of the host's socket, so that its writer
    /// notices, and forget what is held for the guest.
    void refuseHost(Connection connection);

    /// The last order about this stream. Write what is held for the host if `why.flushes()`, close its
    /// socket, forget what is held for the guest.
    ///
    /// @param detail the values found, for people; may be empty
    void ended(Connection connection, CloseReason why, String detail);

    /// A packet was refused. A guest can cause any number of these: count them, do not log each.
    ///
    /// @param header valid during the call
    void refused(PacketHeader header, PacketFault why);
}
