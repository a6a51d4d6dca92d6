package dev.upcall.client.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upcall.client.transport.PathWatch.Watched;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PathWatchTest {
    @TempDir
    private Path folder;

    private final PathWatch watch = PathWatch.open();
    private final Semaphore told = new Semaphore(0);

    @AfterEach
    void the_watch_ends() {
        watch.close();
    }

    @Test
    void a_file_that_is_created_is_told() throws IOException {
        watch.watch(folder.resolve("s"), told::release);
        Files.createFile(folder.resolve("s"));
        isTold();
    }

    @Test
    void a_file_that_is_moved_there_is_told() throws IOException {
        watch.watch(folder.resolve("s"), told::release);
        Files.move(Files.createFile(folder.resolve("other")), folder.resolve("s"));
        isTold();
    }

    @Test
    void a_file_that_is_replaced_is_told_again() throws IOException {
        Files.createFile(folder.resolve("s"));
        watch.watch(folder.resolve("s"), told::release);
        for (int i = 0; i < 3; i++) {
            Files.move(
                    Files.createFile(folder.resolve("next")), folder.resolve("s"), StandardCopyOption.REPLACE_EXISTING);
            isTold();
        }
    }

    @Test
    void folders_that_do_not_exist_yet_are_waited_for() throws IOException {
        Path deep = folder.resolve("a/b/c");
        watch.watch(deep.resolve("s"), told::release);
        Files.createDirectories(deep);
        Files.createFile(deep.resolve("s"));
        isTold();
    }

    @Test
    void a_whole_tree_that_is_moved_into_place_is_looked_into() throws IOException {
        Files.createDirectories(folder.resolve("new/b"));
        Files.createFile(folder.resolve("new/b/s"));
        watch.watch(folder.resolve("a/b/s"), told::release);
        Files.move(folder.resolve("new"), folder.resolve("a"));
        isTold();
    }

    @Test
    void a_folder_that_is_deleted_and_made_again_is_followed() throws IOException {
        Path sub = Files.createDirectory(folder.resolve("sub"));
        watch.watch(sub.resolve("s"), told::release);
        for (int i = 0; i < 3; i++) {
            Files.createFile(sub.resolve("s"));
            isTold();
            Files.delete(sub.resolve("s"));
            Files.delete(sub);
            Files.createDirectory(sub);
            told.drainPermits();
        }
    }

    @Test
    void a_folder_that_is_moved_away_is_not_followed_but_its_successor_is() throws IOException {
        Path sub = Files.createDirectory(folder.resolve("sub"));
        watch.watch(sub.resolve("s"), told::release);
        Files.move(sub, folder.resolve("old"));
        Files.createDirectory(sub);
        Files.createFile(sub.resolve("s"));
        isTold();
    }

    @Test
    void a_link_in_the_path_is_followed_when_it_changes() throws IOException {
        Files.createDirectories(folder.resolve("v1"));
        Files.createDirectories(folder.resolve("v2"));
        Files.createSymbolicLink(folder.resolve("now"), folder.resolve("v1"));
        watch.watch(folder.resolve("now/s"), told::release);
        Files.createFile(folder.resolve("v1/s"));
        isTold();
        Files.createSymbolicLink(folder.resolve("next"), folder.resolve("v2"));
        Files.move(folder.resolve("next"), folder.resolve("now"), StandardCopyOption.REPLACE_EXISTING);
        Files.createFile(folder.resolve("v2/s"));
        isTold();
    }

    @Test
    void another_name_in_the_same_folder_is_not_told() throws IOException {
        Semaphore other = new Semaphore(0);
        watch.watch(folder.resolve("s"), told::release);
        watch.watch(folder.resolve("t"), other::release);
        Files.createFile(folder.resolve("noise"));
        Files.createFile(folder.resolve("t"));
        assertThat(acquired(other)).isTrue(); // events come in order: noise was seen
        assertThat(told.availablePermits()).isZero();
    }

    @Test
    void who_has_closed_is_not_told() throws IOException {
        Semaphore other = new Semaphore(0);
        Watched closed = watch.watch(folder.resolve("s"), told::release);
        watch.watch(folder.resolve("s"), other::release);
        closed.close();
        closed.close();
        Files.createFile(folder.resolve("s"));
        assertThat(acquired(other)).isTrue();
        assertThat(told.availablePermits()).isZero();
    }

    @Test
    void a_listener_that_throws_does_not_make_the_others_deaf() throws IOException {
        watch.watch(folder.resolve("s"), () -> {
            throw new IllegalStateException("a caller's mistake");
        });
        watch.watch(folder.resolve("s"), told::release);
        Files.createFile(folder.resolve("s"));
        isTold();
    }

    @Test
    void thousands_of_paths_in_one_folder_and_in_folders_of_their_own() throws Exception {
        int each = 2_000;
        CountDownLatch all = new CountDownLatch(2 * each);
        List<Watched> watched = new ArrayList<>();
        for (int i = 0; i < each; i++) {
            watched.add(watch.watch(folder.resolve("vm-" + i + ".sock"), all::countDown));
            watched.add(watch.watch(folder.resolve("vms/" + i + "/vm.sock"), all::countDown));
        }
        for (int i = 0; i < each; i++) {
            Files.createFile(folder.resolve("vm-" + i + ".sock"));
            Files.createDirectories(folder.resolve("vms/" + i));
            Files.createFile(folder.resolve("vms/" + i + "/vm.sock"));
        }
        assertThat(all.await(Await.DEADLINE_SECONDS, TimeUnit.SECONDS)).isTrue();
        watched.forEach(Watched::close);
    }

    @Test
    void the_number_of_paths_is_bounded() {
        FolderTree tree = new FolderTree(null);
        FolderTree.Leaf leaf = new FolderTree.Leaf(folder.resolve("s"), told::release);
        for (int i = 0; i < PathWatch.WATCHED_PATHS_MAX; i++) {
            tree.add(leaf);
        }
        assertThatThrownBy(() -> tree.add(leaf)).hasMessageContaining("at most 65536 watched paths");
        tree.remove(leaf);
        tree.add(leaf);
    }

    @Test
    void nothing_stays_registered_when_nobody_waits() throws IOException {
        try (var service = folder.getFileSystem().newWatchService()) {
            FolderTree tree = new FolderTree(service);
            FolderTree.Leaf one = new FolderTree.Leaf(folder.resolve("s"), told::release);
            FolderTree.Leaf two = new FolderTree.Leaf(folder.resolve("none/s"), told::release);
            tree.add(one);
            tree.add(two);
            assertThat(tree.keys()).isEqualTo(folder.getNameCount() + 1);
            tree.remove(one);
            assertThat(tree.keys()).isEqualTo(folder.getNameCount() + 1);
            tree.remove(two);
            assertThat(tree.keys()).isZero();
        }
    }

    private void isTold() {
        assertThat(acquired(told)).isTrue();
        told.drainPermits();
    }

    private static boolean acquired(Semaphore semaphore) {
        try {
            return semaphore.tryAcquire(Await.DEADLINE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
