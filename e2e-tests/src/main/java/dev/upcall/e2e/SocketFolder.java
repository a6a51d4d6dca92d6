package dev.upcall.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// A folder of the host for sockets, to be mounted into containers; and the user who may make sockets in it.
///
/// No container runs as root. Where the stories do, the folder is given to the image's own user; else the
/// container runs as whoever runs the stories. Either way both sides can bind, connect and unlink, and nobody
/// else can.
public final class SocketFolder implements AutoCloseable {
    /// The user that the images name.
    private static final int IMAGE_UID = 1000;

    private final Path path;
    private final int uid;
    private final int gid;

    private SocketFolder(Path path, int uid, int gid) {
        this.path = path;
        this.uid = uid;
        this.gid = gid;
    }

    /// Right under the folder for temporary files, because the path of a socket has 107 bytes at most.
    public static SocketFolder create() {
        try {
            Path path = Files.createTempDirectory("upcall-");
            int uid = (int) Files.getAttribute(path, "unix:uid");
            int gid = (int) Files.getAttribute(path, "unix:gid");
            if (uid == 0) {
                Files.setAttribute(path, "unix:uid", IMAGE_UID);
                Files.setAttribute(path, "unix:gid", IMAGE_UID);
                return new SocketFolder(path, IMAGE_UID, IMAGE_UID);
            }
            return new SocketFolder(path, uid, gid);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Path path() {
        return path;
    }

    public Path file(String name) {
        return path.resolve(name);
    }

    /// As `docker run --user` takes it.
    public String containerUser() {
        return uid + ":" + gid;
    }

    /// Another folder inside, with the same owner.
    public Path folder(String name) {
        try {
            Path inner = Files.createDirectory(path.resolve(name));
            Files.setAttribute(inner, "unix:uid", uid);
            Files.setAttribute(inner, "unix:gid", gid);
            return inner;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try (Stream<Path> tree = Files.walk(path)) {
            List<Path> deepestFirst = tree.sorted(Comparator.reverseOrder()).toList();
            for (Path file : deepestFirst) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
