package dev.upcall.proto.session;

import dev.upcall.proto.guest.CpuPicture;
import dev.upcall.proto.session.extended.Wish;
import dev.upcall.proto.session.request.Pending;
import dev.upcall.proto.wire.ExtensionFrame;
import dev.upcall.proto.wire.ReplyFrame;

/// What happened: facts, in the past tense. None carries an I/O object.
public sealed interface Event {

    /// A fact about the transport that was opened with this number. Late facts about an earlier one change nothing.
    sealed interface FromTransport extends Event {
        long epoch();
    }

    /// A wish of whoever uses the session.
    sealed interface FromCaller extends Event {}

    /// The session may begin to dial.
    record Started() implements Event {}

    /// The transport is open; on a hybrid target the guest is not reached yet.
    record TransportOpened(long epoch) implements FromTransport {}

    record DialFailed(long epoch, Trouble trouble) implements FromTransport {}

    /// The `OK` line arrived: the stream is the guest's port now.
    record ServerAccepted(long epoch) implements FromTransport {}

    /// The first frame arrived: it should be the guest's CONNECT.
    record ServiceAnnounced(long epoch, ReplyFrame frame) implements FromTransport {}

    /// A further frame arrived.
    record FrameArrived(long epoch, ReplyFrame frame) implements FromTransport {}

    /// A further frame arrived, and it is one of the extensions.
    record ExtensionArrived(long epoch, ExtensionFrame frame) implements FromTransport {}

    /// End of stream or reset.
    ///
    /// @param how what was seen, for people
    record PeerClosed(long epoch, String how) implements FromTransport {}

    /// The peer's bytes are not the protocol.
    record PeerMisbehaved(long epoch, String why) implements FromTransport {}

    record RequestSubmitted(Pending pending) implements FromCaller {}

    record RequestCancelled(Object ticket) implements FromCaller {}

    /// The caller says which CPUs the guest has. A reboot shows as the loss of the connection; where there is none,
    /// only the caller can notice one, and gives the picture again.
    record PictureGiven(CpuPicture picture) implements FromCaller {}

    /// Something is wanted of an extended guest.
    record Wished(Wish wish) implements FromCaller {}

    record CloseAsked() implements FromCaller {}

    /// Something changed where the target's socket file is or should be: dialling may succeed now.
    record PathChanged() implements Event {}

    /// The clock moved; deadlines may have passed.
    record TimePassed() implements Event {}
}
