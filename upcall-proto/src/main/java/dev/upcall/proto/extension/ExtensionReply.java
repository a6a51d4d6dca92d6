package dev.upcall.proto.extension;

/// Guest → host: the answer to an [ExtensionRequest].
public sealed interface ExtensionReply extends FromGuest permits HandshakeReply, InventoryPage, OnceReply, Refusal {

    /// The s32 behind the header.
    int result();
}
