package dev.upcall.proto.virtqueue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/// The buffers of one chain, already judged: every byte lies in guest memory, all of one direction. One
/// object is used again for every chain of a ring.
///
/// To its user a chain is one run of bytes from 0 to [#length]; where the borders between its buffers
/// fall means nothing. Those who hand guest memory to a system call look at the [#pieces] themselves. The
/// *content* of a buffer is still the guest's, who may change it while it is read: copy first, then
/// judge.
///
/// Valid until the next one is taken from the ring. Confined to the device's thread.
public final class DescriptorChain {

    /// Nearly every chain has one or two buffers; longer ones make room for themselves, up to the ring's
    /// length.
    private static final int PIECES_AT_FIRST = 8;

    private MemorySegment[] segments = new MemorySegment[PIECES_AT_FIRST];
    private long[] offsets = new long[PIECES_AT_FIRST];
    private int[] lengths = new int[PIECES_AT_FIRST];
    private int pieces;
    private int length;
    private int head;

    /// All bytes of it.
    public int length() {
        return length;
    }

    /// How many buffers it has.
    public int pieces() {
        return pieces;
    }

    /// The region that holds buffer `piece`.
    public MemorySegment segment(int piece) {
        return segments[check(piece)];
    }

    /// Where in [#segment] it starts.
    public long offset(int piece) {
        return offsets[check(piece)];
    }

    /// How many bytes it has.
    public int length(int piece) {
        return lengths[check(piece)];
    }

    /// Copies `count` bytes from `from` in the chain to `at` in `target`.
    public void read(int from, MemorySegment target, long at, int count) {
        checkRange(from, count);
        int left = count;
        int skip = from;
        long to = at;
        for (int i = 0; left > 0; i++) {
            int n = Math.min(left, lengths[i] - skip);
            if (n > 0) {
                MemorySegment.copy(segments[i], offsets[i] + skip, target, to, n);
                to += n;
                left -= n;
            }
            skip = Math.max(0, skip - lengths[i]);
        }
    }

    /// Copies `count` bytes from `at` in `source` to `from` in the chain.
    public void write(int from, MemorySegment source, long at, int count) {
        checkRange(from, count);
        int left = count;
        int skip = from;
        long next = at;
        for (int i = 0; left > 0; i++) {
            int n = Math.min(left, lengths[i] - skip);
            if (n > 0) {
                MemorySegment.copy(source, next, segments[i], offsets[i] + skip, n);
                next += n;
                left -= n;
            }
            skip = Math.max(0, skip - lengths[i]);
        }
    }

    /// As [#read], into an array.
    public void read(int from, byte[] target, int at, int count) {
        checkRange(from, count);
        int left = count;
        int skip = from;
        int to = at;
        for (int i = 0; left > 0; i++) {
            int n = Math.min(left, lengths[i] - skip);
            if (n > 0) {
                MemorySegment.copy(segments[i], ValueLayout.JAVA_BYTE, offsets[i] + skip, target, to, n);
                to += n;
                left -= n;
            }
            skip = Math.max(0, skip - lengths[i]);
        }
    }

    /// As [#write], out of an array.
    public void write(int from, byte[] source, int at, int count) {
        checkRange(from, count);
        int left = count;
        int skip = from;
        int next = at;
        for (int i = 0; left > 0; i++) {
            int n = Math.min(left, lengths[i] - skip);
            if (n > 0) {
                MemorySegment.copy(source, next, segments[i], ValueLayout.JAVA_BYTE, offsets[i] + skip, n);
                next += n;
                left -= n;
            }
            skip = Math.max(0, skip - lengths[i]);
        }
    }

    /// The descriptor it begins with.
    int head() {
        return head;
    }

    void begin(int first) {
        head = first;
        pieces = 0;
        length = 0;
    }

    /// The caller has made sure that all of it is inside the segment and that the sum fits.
    void add(MemorySegment segment, long offset, int count) {
        if (pieces == lengths.length) {
            segments = Arrays.copyOf(segments, 2 * pieces);
            offsets = Arrays.copyOf(offsets, 2 * pieces);
            lengths = Arrays.copyOf(lengths, 2 * pieces);
        }
        segments[pieces] = segment;
        offsets[pieces] = offset;
        lengths[pieces] = count;
        pieces++;
        length += count;
    }

    private int check(int piece) {
        if (piece < 0 || piece >= pieces) {
            throw new IndexOutOfBoundsException("piece " + piece + " of " + pieces);
        }
        return piece;
    }

    private void checkRange(int from, int count) {
        if (from < 0 || count < 0 || from > length - count) {
            throw new IndexOutOfBoundsException(count + " bytes at " + from + " of " + length);
        }
    }
}
