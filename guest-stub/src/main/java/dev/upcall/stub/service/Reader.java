package dev.upcall.stub.service;

/// Who reads a connection's bytes, for one part of its life; the package's table.
interface Reader {

    /// How many bytes more it waits for now; 0 while it waits for none.
    int wants(Connection connection);

    /// It waits for them although an answer may have to be written first: the driver must not wait to
    /// write.
    boolean wantsMeanwhile();

    /// What has arrived is enough, and it reads now.
    boolean ready(Connection connection);

    /// Reads some of it; called when [#ready].
    void read(Connection connection, long now);

    /// The peer is gone and there is something left that will still be read.
    boolean owes(Connection connection);
}
