package dev.upcall.proto.guest;

import dev.upcall.proto.message.Operation;

/// What a guest's non-zero result means, by name and for the operation it answers (`upcall-wire` §4).
///
/// @param name the errno's name, or the number where it is none
/// @param sentence what it means for this operation, and what to do where that is known
public record ResultMeaning(String name, String sentence) {

    public static ResultMeaning of(Operation operation, int result, CpuModel model) {
        return new ResultMeaning(errnoName(result), sentence(operation, result, model));
    }

    /// `EBUSY` for −16; positive and unknown numbers stay numbers.
    public static String errnoName(int result) {
        return switch (result) {
            case -1 -> "EPERM";
            case -2 -> "ENOENT";
            case -5 -> "EIO";
            case -11 -> "EAGAIN";
            case -12 -> "ENOMEM";
            case -16 -> "EBUSY";
            case -17 -> "EEXIST";
            case -19 -> "ENODEV";
            case -22 -> "EINVAL";
            case -28 -> "ENOSPC";
            case -34 -> "ERANGE";
            case -110 -> "ETIMEDOUT";
            default -> Integer.toString(result);
        };
    }

    private static String sentence(Operation operation, int result, CpuModel model) {
        if (result == -1) {
            return "this kernel has no " + operation + " (or it is configured out)";
        }
        return switch (operation) {
            case ADD_CPU -> addCpu(result, model);
            case DEL_CPU -> delCpu(result, model);
            case ADD_MMIO ->
                switch (result) {
                    case -16 -> "the guest could not claim the address range";
                    case -17 ->
                        "the window overlaps a device the guest has, or the IRQ is taken (only IRQ 5 is shared)";
                    case -22 -> "the guest did not accept the request's size or IRQ";
                    default -> other(operation);
                };
            case DEL_MMIO ->
                switch (result) {
                    case -19 -> "the guest has no device with exactly this base, size and IRQ";
                    case -22 -> "the guest did not accept the request's size or IRQ";
                    default -> other(operation);
                };
            case ADD_PCI -> result == -19 ? "no such bus, or the VMM has no function there" : other(operation);
            case DEL_PCI -> result == -19 ? "the guest knows no such function" : other(operation);
            case CONNECT, ADD_MEM, DEL_MEM -> other(operation);
        };
    }

    private static String addCpu(int result, CpuModel model) {
        return switch (result) {
            case 1 -> "that CPU was online already (the online set has a hole)";
            case -5 -> "the vCPU did not start: create it in the VMM first";
            case -17 -> "the CPU is online in the guest but hidden from its lookup";
            case -22 ->
                model == CpuModel.BOOT_TABLE
                        ? "the id is in use (nothing was added), or the boot tables do not list it"
                        : "the id is in use (nothing was added), or the guest has no free CPU slot";
            default -> other(Operation.ADD_CPU);
        };
    }

    private static String delCpu(int result, CpuModel model) {
        return switch (result) {
            case 1 -> "the guest had taken the CPU offline itself; it was not removed";
            case -22 ->
                model == CpuModel.BOOT_TABLE
                        ? "it is the boot CPU, or as many CPUs were named as are online"
                        : "it is the boot CPU, or as many CPUs were named as are present";
            case -16 -> "the guest cannot spare the CPU now";
            default -> other(Operation.DEL_CPU);
        };
    }

    private static String other(Operation operation) {
        return "the guest refused " + operation;
    }
}
