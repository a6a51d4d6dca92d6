package dev.upcall.stub.machine;

import dev.upcall.proto.message.PciFunction;
import java.util.List;

/// What a guest kernel reads out of its request buffer, however foolish. Unlike `dev.upcall.proto.message.Request` it
/// may hold nothing, the same id twice, or id 255: the machine must answer those as a kernel does.
public sealed interface GuestRequest {

    /// x86-64. Ids as the bytes 0 … 255 of the request, in its order; as many as its count says.
    record AddCpu(List<Integer> apicIds) implements GuestRequest {
        public AddCpu {
            apicIds = List.copyOf(apicIds);
        }
    }

    /// x86-64, as [AddCpu].
    record DelCpu(List<Integer> apicIds) implements GuestRequest {
        public DelCpu {
            apicIds = List.copyOf(apicIds);
        }
    }

    /// arm64: how many, 0 … 255.
    record AddCpuCount(int count) implements GuestRequest {}

    /// arm64: how many, 0 … 255.
    record DelCpuCount(int count) implements GuestRequest {}

    /// A window of `size` bytes from `base`, both unsigned 64 bits, and an interrupt line, unsigned 32 bits.
    record AddMmio(long base, long size, int irq) implements GuestRequest {}

    /// As [AddMmio].
    record DelMmio(long base, long size, int irq) implements GuestRequest {}

    record AddPci(PciFunction function) implements GuestRequest {}

    record DelPci(PciFunction function) implements GuestRequest {}
}
