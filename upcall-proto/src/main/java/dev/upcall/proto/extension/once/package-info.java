/// Exactly once (§5): what the guest remembers of a client epoch, and what the client does with its ids.
///
/// | [OnceTable]          | id is new (above the highest) | kept, runs        | kept, done        | not kept |
/// |----------------------|-------------------------------|-------------------|-------------------|----------|
/// | accept, same content | Execute                       | Wait              | Replay            | −116     |
/// | accept, other        | Execute                       | −22               | −22               | −116     |
/// | finished             | –                             | tells all waiting | –                 | –        |
/// | closed (connection)  | –                             | waits no longer   | –                 | –        |
///
/// 1. A higher id is new; gaps are allowed. An id in a gap was never seen and never will be executed: −116.
/// 2. The last 256 outcomes are kept, and the highest id; what the client has acknowledged may be forgotten sooner.
/// 3. A repeat with the same content gets the recorded outcome, marked as replayed; with other content −22.
/// 4. While the first copy runs the repeat waits for it.
///
/// The client numbers its requests when they leave ([OnceClient]), acknowledges what it has settled, and after a lost reply
/// asks [AfterLoss] what is to be done: repeat, let the inventory decide, or say what is not known. A request is repeated
/// only to the guest epoch it was sent to, and only while the guest has kept its table. That a table was lost is told by
/// one opening and has to be remembered over the next: the simulation found a request carried out twice without it.
///
/// Imports: `extension`, `message`. Start reading at [OnceTable#accept].
@NullMarked
package dev.upcall.proto.extension.once;

import org.jspecify.annotations.NullMarked;
