package dev.upcall.client.transport;

import dev.upcall.proto.hybrid.ConnectLine;
import dev.upcall.proto.hybrid.Escaped;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.regex.Pattern;

/// The written form of a [Target], read and written.
final class TargetSyntax {
    static final String HYBRID = "hvsock://";
    static final String UNIX = "unix://";
    static final String VSOCK = "vsock://";

    /// `sockaddr_un.sun_path` has 108 bytes, the last one for NUL.
    static final int PATH_BYTES_MAX = 107;

    private static final String ANY = "any";
    private static final Pattern DECIMAL = Pattern.compile("[0-9]{1,10}");

    private TargetSyntax() {}

    static Target parse(String uri, boolean listener) {
        if (uri.startsWith(HYBRID)) {
            return hybrid(uri);
        }
        if (uri.startsWith(UNIX)) {
            return new UnixTarget(path(uri.substring(UNIX.length()), uri, "unix:///path"));
        }
        if (uri.startsWith(VSOCK)) {
            return vsock(uri, listener);
        }
        throw malformed(
                "hvsock:///path[:port], unix:///path or vsock://CID[:port]",
                uri,
                uri.startsWith("unix:") || uri.startsWith("hvsock:") || uri.startsWith("/")
                        ? "write the absolute path behind unix:// or hvsock://"
                        : "start with one of the three");
    }

    /// The port is left out where reading it back gives the default.
    static String hybrid(HybridTarget target) {
        boolean ambiguous = String.valueOf(target.path().getFileName()).indexOf(':') >= 0;
        String port = target.port() == Target.DEFAULT_PORT && !ambiguous ? "" : ":" + target.port();
        return HYBRID + target.path() + port;
    }

    static String vsock(VsockTarget target) {
        String port = target.port() == Target.DEFAULT_PORT ? "" : ":" + target.port();
        return VSOCK + (target.cid() == VsockTarget.CID_ANY ? ANY : target.cid()) + port;
    }

    /// @throws IllegalArgumentException when no socket can have this path
    static Path checked(Path path) {
        int bytes = path.toString().getBytes(StandardCharsets.UTF_8).length;
        if (!path.isAbsolute() || path.getFileName() == null) {
            throw malformed(
                    "the absolute path of a socket file", path.toString(), "write it from / down to the file's name");
        }
        if (path.toString().chars().anyMatch(Character::isISOControl)) {
            throw malformed("a path without control characters", path.toString(), "rename the file");
        }
        if (bytes > PATH_BYTES_MAX) {
            throw malformed(
                    "a socket path of at most " + PATH_BYTES_MAX + " bytes (the kernel's limit)",
                    path.toString(),
                    "it has " + bytes + ": choose a shorter folder, or a symbolic link to it");
        }
        return path;
    }

    /// @throws IllegalArgumentException when it is no vsock port
    static long checkedPort(long port) {
        if (port < 0 || port > ConnectLine.PORT_MAX) {
            throw new IllegalArgumentException("expected a vsock port of 0 to " + ConnectLine.PORT_MAX + ", found "
                    + port + ": choose one of these");
        }
        return port;
    }

    private static HybridTarget hybrid(String uri) {
        String rest = uri.substring(HYBRID.length());
        int colon = rest.indexOf(':', rest.lastIndexOf('/') + 1);
        int last = rest.lastIndexOf(':');
        return colon < 0
                ? new HybridTarget(path(rest, uri, "hvsock:///path[:port]"), Target.DEFAULT_PORT)
                : new HybridTarget(
                        path(rest.substring(0, last), uri, "hvsock:///path[:port]"),
                        port(rest.substring(last + 1), uri));
    }

    private static VsockTarget vsock(String uri, boolean listener) {
        String rest = uri.substring(VSOCK.length());
        int colon = rest.indexOf(':');
        String cid = colon < 0 ? rest : rest.substring(0, colon);
        long port = colon < 0 ? Target.DEFAULT_PORT : port(rest.substring(colon + 1), uri);
        if (cid.equals(ANY)) {
            if (!listener) {
                throw malformed("vsock://CID[:port]", uri, "\"any\" is for listeners; name the guest's CID");
            }
            return new VsockTarget(VsockTarget.CID_ANY, port);
        }
        if (!DECIMAL.matcher(cid).matches() || !VsockTarget.isOneMachine(Long.parseLong(cid))) {
            throw malformed(
                    "a CID of 1, or of " + VsockTarget.CID_GUEST_MIN + " to " + VsockTarget.CID_GUEST_MAX,
                    uri,
                    "take the one the VMM gave the guest (0 and 2 are the host's own)");
        }
        return new VsockTarget(Long.parseLong(cid), port);
    }

    private static long port(String text, String uri) {
        if (!DECIMAL.matcher(text).matches() || Long.parseLong(text) > ConnectLine.PORT_MAX) {
            throw malformed(
                    "a decimal port of 0 to " + ConnectLine.PORT_MAX + " behind the last ':'",
                    uri,
                    "correct it, or add :" + Target.DEFAULT_PORT + " when the ':' belongs to the file's name");
        }
        return Long.parseLong(text);
    }

    private static Path path(String text, String uri, String shape) {
        if (!text.startsWith("/")) {
            throw malformed(shape + " with an absolute path", uri, "write three slashes and the path from the root");
        }
        if (text.endsWith("/")) {
            throw malformed(shape, uri, "name the socket's file, not a folder");
        }
        try {
            return checked(Path.of(text));
        } catch (InvalidPathException e) {
            throw malformed(shape, uri, "this system has no such path (" + e.getReason() + ")");
        }
    }

    private static IllegalArgumentException malformed(String expected, String found, String remedy) {
        return new IllegalArgumentException(
                "expected " + expected + ", found \"" + Escaped.text(found) + "\": " + remedy);
    }
}
