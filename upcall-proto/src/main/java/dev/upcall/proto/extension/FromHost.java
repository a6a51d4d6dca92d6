package dev.upcall.proto.extension;

/// What a guest can hear.
public sealed interface FromHost extends ExtensionMessage permits ExtensionRequest, Notification {}
