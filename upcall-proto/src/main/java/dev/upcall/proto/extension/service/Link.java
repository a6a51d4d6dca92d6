package dev.upcall.proto.extension.service;

import dev.upcall.proto.extension.Features;
import org.jspecify.annotations.Nullable;

/// One connection as the extensions see it; the package's table.
final class Link {

    /// Where it stands.
    enum Stage {
        /// Nothing has been asked.
        FRESH,
        /// Its first request was no HANDSHAKE.
        STOCK,
        /// HANDSHAKE succeeded.
        OPENED
    }

    final long id;
    Stage stage = Stage.FRESH;
    Features features = Features.NONE;

    /// Set while OPENED.
    @Nullable
    ClientSlot client;

    /// Its opening said `once_lost`, and nothing has come since that would prove that the client read it.
    boolean toldOnceLost;

    Link(long id) {
        this.id = id;
    }
}
