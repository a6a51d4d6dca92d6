package dev.upcall.client.transport;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells when a socket file appears or is replaced, so that a waiting client dials at once instead of polling.
///
/// ```
///  inotify ─▶ the JDK's thread ─▶ watch thread ─▶ FolderTree: who waits for this name? ─▶ changed.run()
/// ```
///
/// Thread-safe. One daemon thread serves all watched paths; a notice takes well under a millisecond.
public final class PathWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PathWatch.class);

    /// One process drives at most some ten thousand guests; a number beyond is a leak of watched paths.
    public static final int WATCHED_PATHS_MAX = 65_536;

    private final @Nullable WatchService service;
    private final FolderTree tree;

    /// One path that is being watched.
    @FunctionalInterface
    public interface Watched extends AutoCloseable {
        /// Idempotent and thread-safe. A call of the runnable that has begun may still end after it.
        @Override
        void close();
    }

    private PathWatch(@Nullable WatchService service) {
        this.service = service;
        this.tree = new FolderTree(service);
    }

    /// The process-wide one. Never close it.
    public static PathWatch shared() {
        return Shared.INSTANCE;
    }

    /// One of its own, with its own thread. When the system grants no inotify instance, it never calls anybody.
    public static PathWatch open() {
        try {
            WatchService service = FileSystems.getDefault().newWatchService();
            PathWatch watch = new PathWatch(service);
            Thread.ofPlatform().name("upcall-path-watch").daemon().start(() -> watch.serve(service));
            return watch;
        } catch (IOException e) {
            LOG.warn("event=path_watch_deaf reason=\"{}\"", e.toString());
            return new PathWatch(null);
        }
    }

    /// Calls `changed` on the watch thread each time the file is created or replaced; its folders need not exist
    /// yet. It may also be called once too often. Changes before this method returns may go unnoticed: watch
    /// first, then dial. `changed` must not block. Takes some microseconds for each folder that is new to the
    /// watch.
    ///
    /// A hint, not a promise: a folder that may not be read, or too many watched by the system (`fs.inotify`),
    /// gives no calls, so callers keep a slow retry of their own.
    ///
    /// @param path absolute
    /// @throws IllegalStateException when [#WATCHED_PATHS_MAX] paths are watched
    public Watched watch(Path path, Runnable changed) {
        Path file = path.toAbsolutePath().normalize();
        FolderTree.Leaf leaf = new FolderTree.Leaf(file, changed);
        tree.add(leaf);
        AtomicBoolean closed = new AtomicBoolean();
        return () -> {
            if (!closed.getAndSet(true)) {
                tree.remove(leaf);
            }
        };
    }

    /// Ends the thread; nobody is called any more. Idempotent.
    @Override
    public void close() {
        if (service != null) {
            try {
                service.close();
            } catch (IOException e) {
                LOG.warn("event=path_watch_close reason=\"{}\"", e.toString());
            }
        }
    }

    private void serve(WatchService from) {
        try {
            while (true) {
                WatchKey key = from.take();
                List<Runnable> told = new ArrayList<>();
                tree.process(key, told);
                told.forEach(PathWatch::run);
            }
        } catch (ClosedWatchServiceException _) {
            // closed: this is the end
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// One caller's mistake must not make the others deaf.
    private static void run(Runnable changed) {
        try {
            changed.run();
        } catch (RuntimeException e) {
            LOG.warn("event=path_watch_listener_failed reason=\"{}\"", e.toString());
            LOG.debug("event=path_watch_listener_failed", e);
        }
    }

    private static final class Shared {
        static final PathWatch INSTANCE = open();
    }
}
