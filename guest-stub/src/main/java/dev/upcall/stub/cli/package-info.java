/// The command line of the guest stub: parse, make options, run.
///
/// | exit code | meaning                                                             |
/// |----------:|---------------------------------------------------------------------|
/// |         0 | the stub was closed, or the command was carried out                 |
/// |         2 | a value or command is wrong; one sentence on standard error says why |
/// |       137 | the guest crashed on demand                                          |
/// |        70 | it cannot listen, or nobody answers on the control socket            |
///
/// Imports: `dev.upcall.stub` and its chapters, picocli. Start reading at [GuestStub].
@NullMarked
package dev.upcall.stub.cli;

import org.jspecify.annotations.NullMarked;
