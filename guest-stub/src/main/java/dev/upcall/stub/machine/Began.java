package dev.upcall.stub.machine;

/// How it stands with a request right after the guest has read it.
public sealed interface Began {

    /// It is over, without time.
    record Answered(Answer answer) implements Began {}

    /// It waits for the hotplug lock or holds it. Its [Completion] comes out of [GuestMachine#advance], unless the
    /// lock is lost.
    record Running() implements Began {}

    /// The connection's kernel thread is dead, or its wire: no answer, no close.
    record Never() implements Began {}
}
