package dev.upcall.stub.mood;

/// What comes behind a frame.
public enum Ending {
    /// Nothing: the connection goes on.
    GOES_ON,
    /// The end of the stream.
    CLOSES,
    /// The guest's process is gone, without a word.
    CRASHES,
    /// The guest's agent starts anew: same boot, another epoch.
    RESTARTS,
    /// The guest boots anew.
    REBOOTS
}
