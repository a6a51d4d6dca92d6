package dev.upcall.stub.linux;

import java.util.Optional;
import java.util.UUID;

/// Which kernel it is.
///
/// @param release like `6.1.0-56-cloud-amd64`; `unknown` when it does not say
/// @param bootId another one after every boot
record KernelFacts(String release, Optional<UUID> bootId) {

    private static final String KERNEL = "proc/sys/kernel/";

    /// A release has at most 64 characters in the kernel.
    private static final int RELEASE_MAX = 64;

    static KernelFacts read(Sysfs sysfs) {
        return new KernelFacts(
                sysfs.attribute(KERNEL + "osrelease")
                        .filter(text -> text.length() <= RELEASE_MAX && text.matches("[ -~]+"))
                        .orElse("unknown"),
                sysfs.attribute(KERNEL + "random/boot_id").flatMap(KernelFacts::uuid));
    }

    private static Optional<UUID> uuid(String text) {
        try {
            return Optional.of(UUID.fromString(text));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }
}
