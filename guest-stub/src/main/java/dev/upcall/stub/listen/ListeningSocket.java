package dev.upcall.stub.listen;

import dev.upcall.client.posix.SocketFile;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;

/// A UNIX socket that listens, and the care for its file: a stale socket is replaced, anything else is left alone; it
/// appears at once with mode 0600, and is gone when closed, unless somebody else has put another file there.
public final class ListeningSocket implements AutoCloseable {

    /// `sockaddr_un.sun_path` has 108 bytes, the last one for NUL.
    public static final int PATH_BYTES_MAX = 107;

    /// More than the guest kernel's 10: a burst shall meet the guest's own limits, not the host's.
    private static final int BACKLOG = 128;

    /// `S_IFMT` and `S_IFSOCK`.
    private static final int FILE_TYPE_MASK = 0xf000;

    private static final int FILE_TYPE_SOCKET = 0xc000;

    private final Path path;
    private final ServerSocketChannel channel;
    private final Object fileKey;

    private ListeningSocket(Path path, ServerSocketChannel channel, Object fileKey) {
        this.path = path;
        this.channel = channel;
        this.fileKey = fileKey;
    }

    /// @throws IOException in one sentence: why nobody can listen there
    public static ListeningSocket bind(Path path) throws IOException {
        int bytes = bytesOf(path);
        if (bytes > PATH_BYTES_MAX) {
            throw new IOException("cannot listen on " + path + ": a socket path has at most " + PATH_BYTES_MAX
                    + " bytes, and this one has " + bytes);
        }
        checkFree(path);
        ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            bind(channel, path);
            return new ListeningSocket(path, channel, keyOf(path));
        } catch (IOException e) {
            channel.close();
            throw new IOException("cannot listen on " + path + ": " + reason(e), e);
        }
    }

    public ServerSocketChannel channel() {
        return channel;
    }

    public Path path() {
        return path;
    }

    /// Idempotent.
    @Override
    public void close() throws IOException {
        channel.close();
        try {
            if (keyOf(path).equals(fileKey)) {
                Files.delete(path);
            }
        } catch (NoSuchFileException _) {
            // Somebody was faster.
        }
    }

    /// Bound in a folder that only we may enter, and moved when it is ready: nobody finds it open to all, or deaf.
    private static void bind(ServerSocketChannel channel, Path path) throws IOException {
        Path parent = Objects.requireNonNull(path.toAbsolutePath().getParent(), "a socket is in a folder");
        Path folder = Files.createTempDirectory(
                parent, ".", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path hidden = folder.resolve("s");
        try {
            boolean fits = bytesOf(hidden) <= PATH_BYTES_MAX;
            if (!fits) {
                Files.deleteIfExists(path);
            }
            channel.bind(UnixDomainSocketAddress.of(fits ? hidden : path), BACKLOG);
            Files.setPosixFilePermissions(fits ? hidden : path, PosixFilePermissions.fromString("rw-------"));
            if (fits) {
                Files.move(hidden, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            }
        } finally {
            Files.deleteIfExists(hidden);
            Files.deleteIfExists(folder);
        }
    }

    private static void checkFree(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        if ((mode & FILE_TYPE_MASK) != FILE_TYPE_SOCKET) {
            throw new IOException("cannot listen on " + path + ": a file that is no socket is there, and it stays");
        }
        if (SocketFile.at(path) == SocketFile.SOMEBODY) {
            throw new IOException("cannot listen on " + path + ": somebody listens there already");
        }
    }

    private static int bytesOf(Path path) {
        return path.toString().getBytes(StandardCharsets.UTF_8).length;
    }

    private static Object keyOf(Path path) throws IOException {
        return Objects.requireNonNull(
                Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                        .fileKey(),
                "the file system gives no file key");
    }

    private static String reason(IOException e) {
        return e instanceof NoSuchFileException ? "there is no such folder" : String.valueOf(e.getMessage());
    }
}
