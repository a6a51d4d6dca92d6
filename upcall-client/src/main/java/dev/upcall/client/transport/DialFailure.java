package dev.upcall.client.transport;

import dev.upcall.client.posix.Errno;
import dev.upcall.client.posix.PosixException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Why a dial failed, as far as the kernel says.
///
/// @param reason what a program decides on
/// @param message one sentence for a person: what happened and what to do
public record DialFailure(Reason reason, String message) {
    /// What the kernel's answer means here.
    public enum Reason {
        /// ENOENT: the VMM is not up yet, or the path is wrong. [PathWatch] tells when it appears.
        NO_SOCKET_FILE,
        /// ECONNREFUSED: a socket file, but nobody listens (any more, or yet). ECONNRESET: the same of a vsock port.
        REFUSED,
        /// EAGAIN: somebody listens, and too many wait already.
        BACKLOG_FULL,
        /// EACCES, EPERM: this user may not.
        PERMISSION,
        /// The file is something else than a stream socket.
        NOT_A_SOCKET,
        /// Anything else; the message carries the kernel's words.
        OTHER;

        /// True when the same dial may succeed later without anybody correcting something.
        public boolean passes() {
            return switch (this) {
                case NO_SOCKET_FILE, REFUSED, BACKLOG_FULL -> true;
                case PERMISSION, NOT_A_SOCKET -> false;
                case OTHER -> true; // time-outs of a guest that restarts
            };
        }
    }

    private static final Map<Errno, Reason> BY_ERRNO = Map.of(
            Errno.ENOENT, Reason.NO_SOCKET_FILE,
            Errno.ECONNREFUSED, Reason.REFUSED,
            Errno.ECONNRESET, Reason.REFUSED,
            Errno.EAGAIN, Reason.BACKLOG_FULL,
            Errno.EACCES, Reason.PERMISSION,
            Errno.EPERM, Reason.PERMISSION,
            Errno.EPROTOTYPE, Reason.NOT_A_SOCKET);

    /// The kernel's words, which is all that NIO passes on.
    private static final Map<String, Reason> BY_WORDS = Map.of(
            "No such file or directory", Reason.NO_SOCKET_FILE,
            "Connection refused", Reason.REFUSED,
            "Connection reset by peer", Reason.REFUSED,
            "Resource temporarily unavailable", Reason.BACKLOG_FULL,
            "Permission denied", Reason.PERMISSION,
            "Operation not permitted", Reason.PERMISSION,
            "Protocol wrong type for socket", Reason.NOT_A_SOCKET);

    /// Netty's epoll writes `connect(..) failed with error(-11): …`.
    private static final Pattern NETTY_ERRNO = Pattern.compile("error\\(-([0-9]{1,4})\\)");

    /// Far more than any library nests; a chain of causes may be a circle.
    private static final int CAUSES_MAX = 16;

    /// What a failed [Transports#dial] says. Looks at the target's file (some microseconds) when the kernel's
    /// answer is "refused", for that is also its answer for a file that is no socket.
    public static DialFailure of(Target target, Throwable cause) {
        Reason reason = reasonOf(cause);
        if (reason == Reason.REFUSED
                && target.socketFile().filter(DialFailure::isAnotherFile).isPresent()) {
            reason = Reason.NOT_A_SOCKET;
        }
        return new DialFailure(reason, explain(reason, target, cause));
    }

    /// The reason alone, out of the exception alone.
    static Reason reasonOf(Throwable failure) {
        @Nullable Throwable cause = failure;
        for (int i = 0; cause != null && i < CAUSES_MAX; i++, cause = cause.getCause()) {
            Optional<Reason> reason = ownReason(cause);
            if (reason.isPresent()) {
                return reason.get();
            }
        }
        return Reason.OTHER;
    }

    private static Optional<Reason> ownReason(Throwable cause) {
        if (cause instanceof PosixException posix) {
            return Optional.ofNullable(BY_ERRNO.get(posix.errno()));
        }
        if (cause instanceof FileNotFoundException || cause instanceof NoSuchFileException) {
            return Optional.of(Reason.NO_SOCKET_FILE);
        }
        String message = String.valueOf(cause.getMessage());
        Matcher errno = NETTY_ERRNO.matcher(message);
        if (errno.find() && !errno.group(1).equals("0")) {
            return Optional.ofNullable(BY_ERRNO.get(new Errno(Integer.parseInt(errno.group(1)))));
        }
        return BY_WORDS.entrySet().stream()
                .filter(words -> message.contains(words.getKey()))
                .map(Map.Entry::getValue)
                .findFirst();
    }

    private static boolean isAnotherFile(Path path) {
        try {
            return !Files.readAttributes(path, BasicFileAttributes.class).isOther();
        } catch (IOException _) {
            return false; // gone again
        }
    }

    private static String explain(Reason reason, Target target, Throwable cause) {
        String at = "dialling " + target + ": ";
        return at
                + switch (reason) {
                    case NO_SOCKET_FILE -> "no such file: start the VMM, or correct the path";
                    case REFUSED -> "refused, nobody listens there: start the VMM, or wait until it is ready";
                    case BACKLOG_FULL -> "too many connections wait there already: try again in a moment";
                    case PERMISSION ->
                        "permission denied: run as a user who may write to this socket and enter its folder";
                    case NOT_A_SOCKET -> "the file is not a stream socket: correct the path";
                    case OTHER -> String.valueOf(cause.getMessage() == null ? cause : cause.getMessage());
                };
    }
}
