/// A request on its way through a session: how its caller wants it treated, where it waits, and how it ends. Values.
///
/// | value         | what it holds                                                                          |
/// |---------------|----------------------------------------------------------------------------------------|
/// | [Pending]     | a request that has not ended: waiting, out, or waiting to be repeated                  |
/// | [SendTerms]   | how its caller wants it treated                                                        |
/// | [Waiting]     | those that wait, first in first out                                                    |
/// | [Lingering]   | those whose connection was lost while they were out: the guest may still run them      |
/// | [Conclusion]  | what follows from an answer, or from its absence                                       |
/// | [Outcome]     | how one ended: success only with proof                                                 |
///
/// Who sends and ends them stands in `session`. Imports: `guest`, `message`, `session.extended`. Start reading at [Pending].
@NullMarked
package dev.upcall.proto.session.request;

import org.jspecify.annotations.NullMarked;
