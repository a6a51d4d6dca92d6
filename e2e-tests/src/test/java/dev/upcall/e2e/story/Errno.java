package dev.upcall.e2e.story;

/// What guests answer, as the kernel's headers number it.
final class Errno {
    static final int EEXIST = -17;
    static final int ENODEV = -19;
    static final int EINVAL = -22;

    private Errno() {}
}
