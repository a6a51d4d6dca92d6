package dev.upcall.stub.machine;

/// One CPU or MMIO request on its way through the kernel: its checks, then turns under the hotplug lock, one for each
/// CPU.
///
/// ```
///  start ──▶ WantsLock ──▶ locked ──▶ HoldsLockFor ──▶ expired
///    │           ▲────────────┘ next CPU                  │
///    ▼                        ▼                           ▼
///  Answered or Crashed     Answered or Crashed          Answered
/// ```
interface Operation {

    /// The checks, without the lock, at the moment the request is read.
    Progress start();

    /// The lock is ours. The state found now may not be the one the checks saw.
    Progress locked();

    /// The time asked for in [Progress.HoldsLockFor] has passed; the lock is still ours.
    default Progress expired() {
        throw new IllegalStateException("did not ask for time");
    }
}
