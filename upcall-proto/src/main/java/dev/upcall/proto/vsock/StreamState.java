package dev.upcall.proto.vsock;

/// Where a stream stands. What each event does in each state is the table of the package's story.
public enum StreamState {
    /// A host program waits: the guest has to answer our REQUEST, which may not even have been sent. A
    /// deadline runs.
    CONNECTING,
    /// The guest waits: the host's side has to answer. A deadline runs.
    DIALLING,
    /// Bytes go both ways.
    OPEN,
    /// The host's side sends no more.
    HOST_ENDED,
    /// The guest sends no more.
    GUEST_ENDED,
    /// Nothing more comes from the host, nothing more can go to it. What is held still goes to the guest,
    /// then a SHUTDOWN; the guest has to confirm it. A deadline runs.
    CLOSING,
    /// The end: the stream is known no more.
    CLOSED
}
