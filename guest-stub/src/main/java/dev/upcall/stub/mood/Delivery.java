package dev.upcall.stub.mood;

import java.util.List;

/// How a frame leaves.
///
/// @param delayNanos wait so long first
/// @param pieces lengths of the pieces, in order; none when the frame is lost
/// @param gapNanos time between two pieces
/// @param ending what comes behind the last piece
public record Delivery(long delayNanos, List<Integer> pieces, long gapNanos, Ending ending) {
    public Delivery {
        pieces = List.copyOf(pieces);
    }
}
