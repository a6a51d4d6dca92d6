package dev.upcall.stub.machine;

import java.io.IOException;

/// Where a guest's machine comes from: a model's configuration, or a kernel that runs.
public interface MachinePlan {

    /// @param wake run, on any thread, when [Machine#advance] has something to do before
    ///     [Machine#wakeAt] says so; must not block
    /// @throws IOException in one sentence: what of the kernel cannot be reached
    Machine start(Runnable wake) throws IOException;
}
