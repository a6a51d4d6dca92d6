/// What the agent of an extended guest knows: its configuration, what it has to tell, what it executes, what it shows.
///
/// | of the agent              | here             |
/// |---------------------------|------------------|
/// | what makes a guest one    | `Extensions`     |
/// | events, told and heard    | `AgentNews`      |
/// | operations under way      | `OnceExecutions` |
/// | the inventory             | `InventoryOf`    |
/// | its time                  | `AgentClock`     |
///
/// None of it knows a connection: `service.GuestAgent` holds these against the streams. Pure: no I/O, thread, clock or logger.
/// Sources: `extensions.md` §3, §4, §5. Imports: `kernel`, `machine`, `observe`, `dev.upcall.proto`. Start reading at
/// `OnceExecutions`.
@NullMarked
package dev.upcall.stub.agent;

import org.jspecify.annotations.NullMarked;
