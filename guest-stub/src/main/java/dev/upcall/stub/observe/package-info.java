/// What others see of a guest: what it tells as it happens, and everything as it is.
///
/// | who asks                    | what                          |
/// |-----------------------------|-------------------------------|
/// | logs, metrics               | [ServerObserver], called as it happens |
/// | the control socket, stories | [ServerDump], with [AgentDump] of an extended guest |
///
/// Values only. Imports: `machine`, `dev.upcall.proto`. Start reading at [ServerObserver].
@NullMarked
package dev.upcall.stub.observe;

import org.jspecify.annotations.NullMarked;
