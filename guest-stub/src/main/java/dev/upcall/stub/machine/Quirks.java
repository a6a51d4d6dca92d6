package dev.upcall.stub.machine;

/// Whether an operation behaves as in the shipped kernels to the letter, or as an extended guest carries it
/// out inside EXECUTE_ONCE; the package's second table. What an earlier plain request has damaged stays
/// damaged for both: a lost lock is lost.
public enum Quirks {
    KEPT,
    NONE
}
