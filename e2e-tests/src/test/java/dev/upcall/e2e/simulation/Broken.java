package dev.upcall.e2e.simulation;

/// An invariant does not hold. The run that found it adds its seed and its last steps.
public final class Broken extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public Broken(String what) {
        super(what);
    }
}
