package dev.upcall.proto.extension;

/// Host → guest; answered by exactly one [ExtensionReply]. At most one request of any kind is out.
public sealed interface ExtensionRequest extends FromHost permits Handshake, InventoryRequest, ExecuteOnce {}
