/// Extended guests: what their messages say, and their bytes.
///
/// A stock kernel can only answer. An extended guest speaks the same 1024-byte frames and, after a handshake, five more
/// messages, whose load is one Protobuf message each. The schema in `src/main/proto/upcall/v1` is their specification,
/// field by field; §n means a section of "Extended guests".
///
/// | type  | message                                  | direction    | kind         | answered with                          |
/// |------:|------------------------------------------|--------------|--------------|----------------------------------------|
/// | 0x100 | [Handshake] OPEN (§1), PROBE (§2)        | host → guest | request      | [HandshakeReply]                       |
/// | 0x101 | [EventNotify] (§3)                       | both         | notification | – (acknowledged in time by 0x102)      |
/// | 0x102 | [EventAck] (§3)                          | both         | notification | –                                      |
/// | 0x103 | [InventoryRequest] (§4)                  | host → guest | request      | [InventoryPage]                        |
/// | 0x104 | [ExecuteOnce] (§5)                       | host → guest | request      | [OnceReply]                            |
///
/// Every request may instead get a [Refusal]: a negative result without a load (§6). Records are valid by construction and
/// fit their frame (1008 bytes of load in a request or notification, 1004 in a reply). Bytes become records in two steps
/// that fail apart, because §6 checks other things in between:
///
/// ```
/// ExtensionFrame ─▶ size, Protobuf syntax ─▶ (feature, epoch, state: the machines) ─▶ content
///                     │ Decoded.Unreadable                                              │ Decoded.Faulty
/// ```
///
/// The machines that speak these messages are chapters of their own below this package; they import it, never the other
/// way round.
///
/// Imports: `wire`, `message`, Protobuf. Start reading at [ExtensionType], then [ExtensionReader] and [ExtensionWriter].
@NullMarked
package dev.upcall.proto.extension;

import org.jspecify.annotations.NullMarked;
