package dev.upcall.stub.machine;

/// What an [Operation] says after each of its steps.
sealed interface Progress {

    /// It is done. If it held the lock, the lock is free.
    record Answered(Answer answer) implements Progress {}

    /// It gives the lock up if it held it, and queues for it.
    record WantsLock() implements Progress {}

    /// It keeps the lock for so long, then wants to be told.
    record HoldsLockFor(long nanos) implements Progress {}

    /// Its kernel thread died. With the lock in its hands nobody ever gets the lock again.
    record Crashed(boolean holdingLock) implements Progress {}
}
