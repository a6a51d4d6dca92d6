package dev.upcall.proto.guest;

import dev.upcall.proto.message.Request;
import java.time.Duration;

/// What may be repeated after a reply was lost with its connection, when, and how the second answer reads.
///
/// | operation       | repeat?                    | second answer                                   |
/// |-----------------|----------------------------|-------------------------------------------------|
/// | ADD_MMIO        | after [#HOLD_OFF]          | 0: done · −17: there, or refused the first time |
/// | DEL_MMIO        | after [#HOLD_OFF]          | −19: absent now                                 |
/// | ADD_PCI         | at once (fresh connection) | 0: done                                         |
/// | DEL_PCI         | at once (fresh connection) | −19: absent now                                 |
/// | x86 ADD/DEL_CPU | never without an oracle    | DEL would crash the guest                       |
/// | arm64 CPU       | never: relative            |                                                 |
///
/// Source: `upcall-wire` 5.7.
public enum Repetition {
    /// Nobody can tell what a second copy would do.
    NEVER,
    /// The guest looks things up under the lock: a second copy is harmless at any time.
    AT_ONCE,
    /// The guest checks before it takes the lock: a second copy must not overtake the first.
    AFTER_HOLD_OFF;

    /// How long the first copy may still wait for the hotplug lock: two failing ADD_CPU of other connections took
    /// 20.25 s; rounded up.
    public static final Duration HOLD_OFF = Duration.ofSeconds(25);

    private static final int EEXIST = -17;
    private static final int ENODEV = -19;

    /// How the answer to a repeated request reads.
    public enum Reading {
        /// Take the result as it is.
        PLAIN,
        /// It is not there now; whether the first copy or somebody else removed it nobody knows.
        ABSENT,
        /// It is there, or the first copy was refused: probably done, not proven.
        PROBABLY_DONE
    }

    public static Repetition of(Request request) {
        return switch (request) {
            case Request.AddMmio _, Request.DelMmio _ -> AFTER_HOLD_OFF;
            case Request.AddPci _, Request.DelPci _ -> AT_ONCE;
            case Request.AddCpu _, Request.DelCpu _, Request.AddCpuCount _, Request.DelCpuCount _ -> NEVER;
        };
    }

    /// Reads the answer to the second copy of a request.
    public static Reading read(Request request, int result) {
        return switch (request) {
            case Request.AddMmio _ when result == EEXIST -> Reading.PROBABLY_DONE;
            case Request.DelMmio _, Request.DelPci _ when result == ENODEV -> Reading.ABSENT;
            default -> Reading.PLAIN;
        };
    }
}
