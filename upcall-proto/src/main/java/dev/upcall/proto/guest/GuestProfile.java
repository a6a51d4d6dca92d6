package dev.upcall.proto.guest;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/// The guest kernels that ship with the upcall service. Chosen by the user; a guest cannot be asked, and is never
/// guessed to be arm64 (its CPU load has another layout).
public enum GuestProfile {
    KATA_5_10("kata-5.10", CpuModel.SLOT_SCAN),
    KATA_6_1("kata-6.1", CpuModel.SLOT_SCAN),
    KATA_6_12("kata-6.12", CpuModel.BOOT_TABLE),
    KATA_6_18("kata-6.18", CpuModel.BOOT_TABLE),
    KATA_ARM64("kata-arm64", CpuModel.COUNT);

    /// The strictest x86 rules: what is safe for a 6.1 guest is safe for every x86 guest.
    public static final GuestProfile STRICTEST = KATA_6_1;

    private final String id;
    private final CpuModel cpuModel;

    GuestProfile(String id, CpuModel cpuModel) {
        this.id = id;
        this.cpuModel = cpuModel;
    }

    /// The name people use, for example `kata-6.12`.
    public String id() {
        return id;
    }

    public CpuModel cpuModel() {
        return cpuModel;
    }

    public static Optional<GuestProfile> byId(String id) {
        return Arrays.stream(values()).filter(p -> p.id.equals(id)).findFirst();
    }

    /// All names, for messages and completion.
    public static String ids() {
        return Arrays.stream(values()).map(GuestProfile::id).collect(Collectors.joining(", "));
    }

    @Override
    public String toString() {
        return id;
    }
}
