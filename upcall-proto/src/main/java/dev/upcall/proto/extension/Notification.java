package dev.upcall.proto.extension;

/// Sent at any time after a successful HANDSHAKE, in either direction; never answered, and never completes a
/// request.
public sealed interface Notification extends FromHost, FromGuest permits EventNotify, EventAck {}
