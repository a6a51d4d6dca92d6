package dev.upcall.proto.message;

import java.util.Optional;

/// The operations of the device-manager service by their `msg_type`.
public enum Operation {
    CONNECT(0),
    ADD_CPU(1),
    DEL_CPU(2),
    ADD_MEM(3),
    DEL_MEM(4),
    ADD_MMIO(5),
    DEL_MMIO(6),
    ADD_PCI(7),
    DEL_PCI(8);

    private static final Operation[] BY_TYPE = values();

    private final int msgType;

    Operation(int msgType) {
        this.msgType = msgType;
    }

    /// The `msg_type` on the wire.
    public int msgType() {
        return msgType;
    }

    /// CPU and virtio-mmio operations work under the guest's hotplug lock and wait for one another; PCI does not.
    public boolean takesHotplugLock() {
        return switch (this) {
            case ADD_CPU, DEL_CPU, ADD_MMIO, DEL_MMIO -> true;
            case CONNECT, ADD_MEM, DEL_MEM, ADD_PCI, DEL_PCI -> false;
        };
    }

    public boolean isCpu() {
        return this == ADD_CPU || this == DEL_CPU;
    }

    public boolean isMmio() {
        return this == ADD_MMIO || this == DEL_MMIO;
    }

    /// A successful PCI operation does not write `result`: after an error its answer is stale (`upcall-wire` 5.1).
    public boolean isPci() {
        return this == ADD_PCI || this == DEL_PCI;
    }

    /// The operation of a `msg_type`, empty for a type that no shipped kernel knows.
    public static Optional<Operation> ofMsgType(int msgType) {
        return msgType >= 0 && msgType < BY_TYPE.length ? Optional.of(BY_TYPE[msgType]) : Optional.empty();
    }
}
