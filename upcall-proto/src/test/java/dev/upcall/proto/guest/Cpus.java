package dev.upcall.proto.guest;

import dev.upcall.proto.message.ApicId;
import java.util.List;
import java.util.stream.IntStream;

/// Short words for CPU ids and pictures of them, so that a test reads like the specification.
public final class Cpus {

    private Cpus() {}

    public static List<ApicId> ids(int... values) {
        return IntStream.of(values).mapToObj(ApicId::new).toList();
    }

    public static CpuPicture picture(int... presentInSlotOrder) {
        return CpuPicture.of(ids(presentInSlotOrder));
    }
}
