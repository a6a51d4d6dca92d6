/// One guest's upcall session, as a pure state machine.
///
/// A session lives through dialling, the hybrid handshake, the service handshake, and then one request at a time. It never
/// touches a socket or a clock: a driver feeds it [Event]s with the time and carries out the [Action]s it returns, all of
/// them, before the next event. The requests that wait and the picture of the guest's CPUs are part of the session, so
/// whether a request may leave is decided here, at the moment it would, and simulated from a seed.
///
/// What is heard from the live transport. The other states have none, so there nothing changes. Where the frame is right
/// for its moment:
///
/// | heard            | WaitingServer        | WaitingService | Opening     | Connected | ServiceBusy          | Overdue               |
/// |------------------|----------------------|----------------|-------------|-----------|----------------------|-----------------------|
/// | TransportOpened  | CONNECT line         | retry          | retry       | lost      | unknown, lost        | lost                  |
/// | ServerAccepted   | `d` → WaitingService | retry          | retry       | lost      | unknown, lost        | lost                  |
/// | ServiceAnnounced | retry                | → Connected    | retry       | lost      | unknown, lost        | lost                  |
/// | FrameArrived     | retry                | retry          | retry       | lost      | answered → Connected | told late → Connected |
/// | ExtensionArrived | retry                | retry          | → Connected | lost      | unknown, lost        | lost                  |
/// | PeerClosed       | retry                | retry          | retry       | lost      | unknown, lost        | lost                  |
/// | PeerMisbehaved   | retry                | retry          | retry       | lost      | unknown, lost        | lost                  |
/// | DialFailed       | retry                | retry          | retry       | lost      | unknown, lost        | lost                  |
///
/// What is wished and what time brings, with nothing waiting:
///
/// | wish or time     | Init                 | WaitingServer, WaitingService, Opening | Connected          | ServiceBusy            | Overdue       | Reconnecting         | GivenUp     | Closed      |
/// |------------------|----------------------|-------------------------------|--------------------|------------------------|---------------|----------------------|-------------|-------------|
/// | Started          | open → WaitingServer | –                             | –                  | –                      | –             | –                    | –           | –           |
/// | RequestSubmitted | queued               | queued                        | send → ServiceBusy | queued                 | queued        | queued               | not sent    | not sent    |
/// | RequestCancelled | –                    | –                             | –                  | –                      | –             | –                    | –           | –           |
/// | PictureGiven     | new picture          | new picture                   | new picture        | new picture            | new picture   | new picture          | new picture | new picture |
/// | Wished           | –                    | –                             | –                  | –                      | –             | –                    | –           | –           |
/// | PathChanged      | –                    | –                             | –                  | –                      | –             | open → WaitingServer | –           | –           |
/// | TimePassed       | –                    | retry                         | –                  | unknown → Overdue      | lost          | open → WaitingServer | –           | –           |
/// | CloseAsked       | → Closed             | drop → Closed                 | drop → Closed      | unknown, drop → Closed | drop → Closed | → Closed             | → Closed    | –           |
///
/// *retry*: drop the transport, then Reconnecting with the next attempt, or GivenUp when the policy ends. *lost*: the same,
/// the picture becomes stale, and a good connection starts a fresh budget. `CONNECT line`: targets that are not hybrid get
/// `d` and go to WaitingService at once. *unknown*: the request that was out is repeated instead where `guest.Repetition`
/// and its caller allow it. A frame that does not answer the request is *lost*, with the outcome `Misbehaved`. A changed
/// path opens only where dialling had failed. A picture given while Overdue keeps the doubt about what is overdue.
///
/// Where extensions are wanted, ServiceAnnounced leads to *Opening*: HANDSHAKE is sent, and a voluntary reconnect to a stock
/// guest is not asked again. An extended guest has one more record, `extended.Extended`, on the session.
///
/// The values a step is made of are [Session], [State], [Event], [Action]; requests are in `session.request`, what is known of an
/// extended guest in `session.extended`. [Transitions] is the step, and has these collaborators:
///
/// - requests: [Desk] takes them in, lets them wait, and says whose turn it is; [Departure] holds one against the picture and
///   sends it; [Settlement] ends it, answered, late or lost, or repeats it;
/// - the connection: [Redial] ends it and says when to dial again; [InboundStream] makes its bytes events; [Trouble] is why there
///   is none;
/// - an extended guest: [Greeter] reads the answer to the opening; [ExtensionDesk] takes its frames, and their time; [Pulse] is
///   probes, loss, and what is bound; [EventFlow] events in both directions; [Oracle] the inventory, and what it says of a lost
///   request; [Wishes] what callers want beside hot-plug requests.
///
/// A notification never completes a request.
/// A probe or an inventory that is out leaves the session Connected, and requests wait for its answer.
///
/// What was out when its connection was lost *lingers*: the guest may still carry it out for 25 s or longer. Until then nothing
/// about the same CPU or window is sent, whoever asks, and a picture given meanwhile stays in doubt about it.
///
/// A PCI request on a *dirty* connection goes by way of Reconnecting, attempt 0, no delay. Facts about a transport that was
/// dropped carry its old epoch and change nothing. The times that bound each waiting state are in `guest.Deadlines`,
/// [ReconnectPolicy] and [SessionRules].
///
/// Imports: `session.request`, `session.extended`, `guest`, `message`, `wire`, `hybrid`, `extension`. Start reading at [State], then [Transitions#step].
@NullMarked
package dev.upcall.proto.session;

import org.jspecify.annotations.NullMarked;
