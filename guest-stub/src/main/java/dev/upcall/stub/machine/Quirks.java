package dev.upcall.stub.machine;

/// Whether an operation behaves as in the shipped kernels to the letter, or as an extended guest carries it out.
///
/// | situation                                     | [KEPT]                                  | [NONE] (EXECUTE_ONCE)         |
/// |-----------------------------------------------|-----------------------------------------|-------------------------------|
/// | DEL of an id that is not present              | crash of the connection                 | −22, nothing done             |
/// | the same id twice in one DEL                  | crash with the hotplug lock             | −22, nothing done             |
/// | an id in a slot beyond the first N (6.1)      | not found: hidden, or a crash           | found                         |
/// | the same id twice in one ADD                  | −17 or −22, and the CPU is hidden       | −17, and it stays as it was   |
/// | a CPU or device that vanished while it waited | crash with the hotplug lock             | −22                           |
/// | a window that was taken while it waited       | registered twice                        | −17                           |
/// | arm64: ADD past the last possible CPU         | crash with the hotplug lock             | −22, nothing done             |
///
/// What an earlier plain request has damaged stays damaged for both: a lost lock is lost.
public enum Quirks {
    KEPT,
    NONE
}
