package dev.upcall.stub.machine;

import java.util.Optional;

/// The end of an operation that took time.
///
/// @param connection the one it was begun for
/// @param answer empty when the connection's kernel thread died of it
public record Completion(long connection, Optional<Answer> answer) {}
