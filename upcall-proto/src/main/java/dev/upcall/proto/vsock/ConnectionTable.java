package dev.upcall.proto.vsock;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Streams by (host port, guest port). Looked up for each packet, so without boxing; the streams
/// themselves are the links of the chains.
///
/// A guest can choose its ports so that all its streams fall into one chain; then its own packets cost it
/// 1023 steps each, a few microseconds.
final class ConnectionTable {

    /// As many as there are streams at most, 4 KiB.
    private static final int BUCKETS = 1024;

    private final @Nullable Connection[] buckets = new Connection[BUCKETS];
    private int size;

    int size() {
        return size;
    }

    @Nullable
    Connection find(int hostPort, int guestPort) {
        Connection c = buckets[bucket(hostPort, guestPort)];
        while (c != null && (c.hostPort() != hostPort || c.guestPort() != guestPort)) {
            c = c.nextInBucket;
        }
        return c;
    }

    void add(Connection connection) {
        int bucket = bucket(connection.hostPort(), connection.guestPort());
        connection.nextInBucket = buckets[bucket];
        buckets[bucket] = connection;
        size++;
    }

    void remove(Connection connection) {
        int bucket = bucket(connection.hostPort(), connection.guestPort());
        Connection before = null;
        Connection c = buckets[bucket];
        while (c != null && c != connection) {
            before = c;
            c = c.nextInBucket;
        }
        if (c == null) {
            throw new IllegalStateException("not in the table: " + connection);
        }
        if (before == null) {
            buckets[bucket] = c.nextInBucket;
        } else {
            before.nextInBucket = c.nextInBucket;
        }
        c.nextInBucket = null;
        size--;
    }

    /// All of them as they are now; for rare events.
    List<Connection> all() {
        List<Connection> all = new ArrayList<>(size);
        for (@Nullable Connection first : buckets) {
            for (Connection c = first; c != null; c = c.nextInBucket) {
                all.add(c);
            }
        }
        return all;
    }

    private static int bucket(int hostPort, int guestPort) {
        int mixed = hostPort * 0x9E3779B1 ^ guestPort * 0x85EBCA77;
        return (mixed ^ mixed >>> 15) & BUCKETS - 1;
    }
}
