package dev.upcall.client.transport;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Which folders are watched for whom: every folder from the root down to each watched file, shared by all files
/// below.
///
/// ```
///  /  ──▶ run ──▶ vms ──▶ vm-1 ──▶ (vm.sock)     a folder that does not exist yet has no key;
///                    └──▶ vm-2 ──▶ (vm.sock)     its parent's key tells when it is created
/// ```
///
/// A name that appears is either a file somebody waits for, or a folder that is registered then, and looked into:
/// what was created inside before that moment is found by looking, what comes later by its own key. A folder that
/// is deleted or moved away needs no event: whatever takes its place is created.
///
/// Thread-safe: the lock guards all folders, leaves and keys; only `inotify` and file look-ups happen under it.
final class FolderTree {
    private static final Logger LOG = LoggerFactory.getLogger(FolderTree.class);

    private final @Nullable WatchService service;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Path, Folder> roots = new HashMap<>();

    /// One key belongs to several folders when links make them the same.
    private final Map<WatchKey, List<Folder>> byKey = new HashMap<>();

    private int leaves;
    private boolean limitReported;

    /// Somebody who waits for a file.
    record Leaf(Path file, Runnable changed) {
        /// Two who wait for the same file with the same runnable are still two.
        @Override
        public boolean equals(@Nullable Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }

    private static final class Folder {
        private final Path path;
        private final Map<String, Folder> folders = new HashMap<>();
        private final Map<String, List<Leaf>> files = new HashMap<>();
        private @Nullable WatchKey key;

        private Folder(Path path) {
            this.path = path;
        }
    }

    /// Without a service nothing is ever told.
    FolderTree(@Nullable WatchService service) {
        this.service = service;
    }

    void add(Leaf leaf) {
        lock.lock();
        try {
            if (leaves >= PathWatch.WATCHED_PATHS_MAX) {
                throw new IllegalStateException("expected at most " + PathWatch.WATCHED_PATHS_MAX
                        + " watched paths, found one more: close those that are not waited for");
            }
            Folder folder = roots.computeIfAbsent(leaf.file().getRoot(), Folder::new);
            registerOnce(folder);
            Path names = leaf.file().getRoot().relativize(leaf.file());
            for (int i = 0; i < names.getNameCount() - 1; i++) {
                Folder parent = folder;
                folder = parent.folders.computeIfAbsent(
                        names.getName(i).toString(), name -> new Folder(parent.path.resolve(name)));
                registerOnce(folder);
            }
            folder.files
                    .computeIfAbsent(names.getFileName().toString(), _ -> new ArrayList<>())
                    .add(leaf);
            leaves++;
        } finally {
            lock.unlock();
        }
    }

    void remove(Leaf leaf) {
        lock.lock();
        try {
            Folder root = roots.get(leaf.file().getRoot());
            if (root != null) {
                removeBelow(root, leaf, leaf.file().getRoot().relativize(leaf.file()), 0);
                leaves--;
            }
        } finally {
            lock.unlock();
        }
    }

    /// What a key that was signalled means, and makes it ready for the next signal.
    ///
    /// @param told receives whom to tell, outside the lock
    void process(WatchKey key, List<Runnable> told) {
        lock.lock();
        try {
            List<WatchEvent<?>> events = key.pollEvents();
            boolean alive = key.reset();
            List<Folder> folders = List.copyOf(byKey.getOrDefault(key, List.of()));
            for (Folder folder : folders) {
                for (WatchEvent<?> event : events) {
                    if (event.kind().equals(StandardWatchEventKinds.OVERFLOW)) {
                        lookInto(folder, told);
                    } else {
                        appeared(folder, String.valueOf(event.context()), told);
                    }
                }
                if (!alive) {
                    refresh(folder, told);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /// How many folders hold a key: for tests.
    int keys() {
        lock.lock();
        try {
            return byKey.size();
        } finally {
            lock.unlock();
        }
    }

    private void appeared(Folder folder, String name, List<Runnable> told) {
        folder.files.getOrDefault(name, List.of()).forEach(leaf -> told.add(leaf.changed()));
        Folder child = folder.folders.get(name);
        if (child != null) {
            refresh(child, told);
        }
    }

    /// The folder at this path may be another one than before.
    private void refresh(Folder folder, List<Runnable> told) {
        WatchKey before = folder.key;
        WatchKey now = register(folder.path);
        if (!Objects.equals(before, now)) {
            forget(folder);
            if (now != null) {
                remember(folder, now);
            }
        }
        if (now != null) {
            lookInto(folder, told);
        }
    }

    private void lookInto(Folder folder, List<Runnable> told) {
        folder.files.forEach((name, waiting) -> {
            if (Files.exists(folder.path.resolve(name), LinkOption.NOFOLLOW_LINKS)) {
                waiting.forEach(leaf -> told.add(leaf.changed()));
            }
        });
        folder.folders.values().forEach(child -> refresh(child, told));
    }

    private void registerOnce(Folder folder) {
        if (folder.key == null) {
            WatchKey key = register(folder.path);
            if (key != null) {
                remember(folder, key);
            }
        }
    }

    private @Nullable WatchKey register(Path folder) {
        if (service == null) {
            return null;
        }
        try {
            return folder.register(service, StandardWatchEventKinds.ENTRY_CREATE);
        } catch (NoSuchFileException | NotDirectoryException | ClosedWatchServiceException _) {
            return null; // not yet, or not any more
        } catch (IOException e) {
            if (!limitReported) {
                limitReported = true;
                LOG.warn("event=folder_not_watched folder=\"{}\" reason=\"{}\"", folder, e.toString());
            }
            return null;
        }
    }

    private void remember(Folder folder, WatchKey key) {
        folder.key = key;
        byKey.computeIfAbsent(key, _ -> new ArrayList<>()).add(folder);
    }

    private void forget(Folder folder) {
        WatchKey key = folder.key;
        folder.key = null;
        List<Folder> sharing = key == null ? null : byKey.get(key);
        if (key != null && sharing != null) {
            sharing.remove(folder);
            if (sharing.isEmpty()) {
                byKey.remove(key);
                key.cancel();
            }
        }
    }

    /// True when nobody waits below the folder any more.
    private boolean removeBelow(Folder folder, Leaf leaf, Path names, int depth) {
        String name = names.getName(depth).toString();
        if (depth == names.getNameCount() - 1) {
            List<Leaf> waiting = folder.files.getOrDefault(name, new ArrayList<>());
            waiting.remove(leaf);
            if (waiting.isEmpty()) {
                folder.files.remove(name);
            }
        } else {
            Folder child = folder.folders.get(name);
            if (child != null && removeBelow(child, leaf, names, depth + 1)) {
                folder.folders.remove(name);
            }
        }
        boolean idle = folder.files.isEmpty() && folder.folders.isEmpty();
        if (idle) {
            forget(folder);
            if (depth == 0) {
                roots.remove(folder.path);
            }
        }
        return idle;
    }
}
