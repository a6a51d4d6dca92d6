package dev.upcall.proto.extension;

/// What a client can hear.
public sealed interface FromGuest extends ExtensionMessage permits ExtensionReply, Notification {}
