/// What a session knows of an extended guest, what its callers want of one, and what it tells them: values.
///
/// | value                             | what it holds                                                          |
/// |-----------------------------------|------------------------------------------------------------------------|
/// | [ExtensionRules], [Extensions]    | whether the guest is asked, and how it is treated then                 |
/// | [Extended]                        | all that outlasts a connection: the life met last, what is bound, ids  |
/// | [Opened]                          | what is true of one opened connection                                  |
/// | [EventEnds]                       | both ends of the event streams                                         |
/// | [Wish] → [WishAnswer]             | what callers want beside hot-plug requests, and how it ended           |
/// | [News]                            | what is told to whoever watches                                        |
///
/// Who makes the next of these stands in `session`. Imports: `extension`, `message`. Start reading at [Extended].
@NullMarked
package dev.upcall.proto.session.extended;

import org.jspecify.annotations.NullMarked;
