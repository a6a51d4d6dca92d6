package dev.upcall.e2e.vm;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Random;

/// A long run of bytes that host and guest know without having been told: blocks of noise, each with its number in
/// front,
/// so that a block that is lost, doubled or moved is another run.
public final class Pattern {
    public static final int BLOCK_BYTES = 64 * 1024;

    private static final int SEED = 219;

    private final ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES);
    private long next;

    public Pattern() {
        new Random(SEED).nextBytes(block.array());
    }

    /// The next block; the same buffer each time.
    public ByteBuffer next() {
        return block.clear().putLong(0, next++);
    }

    /// What [#digest] says of so many blocks.
    public static String digestOf(int blocks) {
        MessageDigest digest = digest();
        Pattern pattern = new Pattern();
        for (int i = 0; i < blocks; i++) {
            digest.update(pattern.next());
        }
        return hex(digest);
    }

    public static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    public static String hex(MessageDigest digest) {
        return HexFormat.of().formatHex(digest.digest());
    }
}
