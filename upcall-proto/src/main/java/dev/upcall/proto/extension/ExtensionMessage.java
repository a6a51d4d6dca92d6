package dev.upcall.proto.extension;

/// A message of the extensions. One that exists fits its frame and may be written ([ExtensionWriter]).
public sealed interface ExtensionMessage permits FromHost, FromGuest {

    ExtensionType type();
}
