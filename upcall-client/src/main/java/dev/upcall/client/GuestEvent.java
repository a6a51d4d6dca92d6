package dev.upcall.client;

import dev.upcall.proto.extension.EventNotify;

/// What an event stream hands out, in order: each event once, and gaps where events will never come (§3 of
/// "Extended
/// guests").
public sealed interface GuestEvent {

    /// The first sequence that this is about.
    long first();

    /// The last one.
    long last();

    /// Something happened in the guest.
    record Happened(EventNotify event) implements GuestEvent {
        @Override
        public long first() {
            return event.sequence();
        }

        @Override
        public long last() {
            return event.sequence();
        }
    }

    /// These events will never come: the guest gave them up, or a subscriber stayed behind for longer than
    /// can be kept.
    record Gap(long first, long last) implements GuestEvent {}
}
