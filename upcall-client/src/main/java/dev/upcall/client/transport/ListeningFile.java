package dev.upcall.client.transport;

import dev.upcall.client.posix.SocketFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// The file of a socket that listens: it appears at once, complete, and goes with its owner.
///
/// ```
///  claim     is the place free?  mkdir folder/.k3x9 (0700)
///  (owner)   bind and listen at  folder/.k3x9/s          nobody else can enter
///  publish   chmod 0600, rename to folder/vm.sock, rmdir
///  remove    unlink folder/vm.sock, if it is still ours
/// ```
///
/// `umask` belongs to the whole process, so a `chmod` behind a `bind` in place would leave a moment in which
/// anybody may connect. And who sees the file can dial it: it never stands there before somebody listens.
///
/// Confined to one thread at a time.
public final class ListeningFile {
    private static final String OWNER_ONLY = "rw-------";
    private static final String OWNER_ONLY_FOLDER = "rwx------";

    /// `.` and four of 36 characters: short, for the whole path must fit into 107 bytes.
    private static final int NAME_RADIX = 36;

    private static final int NAME_MIN = NAME_RADIX * NAME_RADIX * NAME_RADIX;
    private static final int NAME_END = NAME_MIN * NAME_RADIX;

    /// Names already taken are leftovers of crashes; so many in a row are not by chance.
    private static final int NAME_ATTEMPTS_MAX = 100;

    private final Path path;
    private final Path hiddenFolder;
    private final Path hidden;
    private @Nullable Object fileKey;

    private ListeningFile(Path path, Path hiddenFolder) {
        this.path = path;
        this.hiddenFolder = hiddenFolder;
        this.hidden = hiddenFolder.resolve("s");
    }

    /// Looks whether the path can be taken, and makes the hidden folder.
    ///
    /// @throws IOException when something else stands there, or somebody listens
    public static ListeningFile claim(Path path) throws IOException {
        checkFree(path);
        Path folder = path.getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new IOException("expected a folder to make the socket " + path + " in, found none: create it");
        }
        for (int attempt = 0; attempt < NAME_ATTEMPTS_MAX; attempt++) {
            int name = ThreadLocalRandom.current().nextInt(NAME_MIN, NAME_END);
            ListeningFile file = new ListeningFile(path, folder.resolve("." + Integer.toString(name, NAME_RADIX)));
            if (file.hidden.toString().getBytes(StandardCharsets.UTF_8).length > TargetSyntax.PATH_BYTES_MAX) {
                throw new IOException("expected a folder with room for the 7 bytes of a temporary name within "
                        + TargetSyntax.PATH_BYTES_MAX + " bytes, found " + folder + ": choose a shorter one");
            }
            try {
                Files.createDirectory(
                        file.hiddenFolder,
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(OWNER_ONLY_FOLDER)));
                return file;
            } catch (FileAlreadyExistsException _) {
                // the next name
            } catch (AccessDeniedException e) {
                throw new IOException(
                        "expected a folder that this user may write to, found " + folder + ": choose another one", e);
            }
        }
        throw new IOException("expected few hidden folders in " + folder + ", found " + NAME_ATTEMPTS_MAX
                + " names taken: remove its stale .???? folders");
    }

    /// Where to bind.
    public Path hidden() {
        return hidden;
    }

    /// The socket listens: now everybody who may can see it.
    public void publish() throws IOException {
        Files.setPosixFilePermissions(hidden, PosixFilePermissions.fromString(OWNER_ONLY));
        fileKey = key(hidden);
        checkFree(path); // somebody may have come meanwhile
        Files.move(hidden, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        Files.deleteIfExists(hiddenFolder);
    }

    /// Idempotent. Leaves a file alone that somebody else has put there.
    public void remove() throws IOException {
        Files.deleteIfExists(hidden);
        Files.deleteIfExists(hiddenFolder);
        Object ours = fileKey;
        fileKey = null;
        if (ours != null && Files.exists(path, LinkOption.NOFOLLOW_LINKS) && ours.equals(key(path))) {
            Files.deleteIfExists(path);
        }
    }

    private static @Nullable Object key(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey();
    }

    private static void checkFree(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        BasicFileAttributes found = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (!found.isOther()) {
            throw new IOException("expected no file or a dead socket at " + path + ", found "
                    + (found.isDirectory() ? "a folder" : found.isSymbolicLink() ? "a symbolic link" : "a file")
                    + ": choose another path or move it away");
        }
        switch (SocketFile.at(path)) {
            case MISSING, NOBODY -> {}
            case SOMEBODY ->
                throw new IOException("expected no file or a dead socket at " + path
                        + ", found one that somebody listens on: choose another path or stop the other");
            case FORBIDDEN ->
                throw new IOException("expected no file or a dead socket at " + path
                        + ", found one that this user may not touch: choose another path or remove it");
        }
    }
}
