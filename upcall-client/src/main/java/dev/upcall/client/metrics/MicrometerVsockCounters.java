package dev.upcall.client.metrics;

import dev.upcall.client.bridge.vhost.DeviceCounters;
import dev.upcall.client.bridge.vhost.DeviceCounters.Kind;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;

/// Shows what a vsock device has carried. Read when it is scraped; costs the device nothing.
public final class MicrometerVsockCounters {
    private MicrometerVsockCounters() {}

    /// Registers a device's counters; they live as long as the registry.
    public static void bind(MeterRegistry registry, DeviceCounters counters) {
        counter(registry, counters, "upcall.vsock.packets", "to_guest", "data packets", Kind.PACKETS_TO_GUEST);
        counter(registry, counters, "upcall.vsock.packets", "from_guest", "data packets", Kind.PACKETS_FROM_GUEST);
        counter(registry, counters, "upcall.vsock.bytes", "to_guest", "bytes of data packets", Kind.BYTES_TO_GUEST);
        counter(registry, counters, "upcall.vsock.bytes", "from_guest", "bytes of data packets", Kind.BYTES_FROM_GUEST);
        counter(registry, counters, "upcall.vsock.streams", "to_guest", "streams opened", Kind.STREAMS_TO_GUEST);
        counter(registry, counters, "upcall.vsock.streams", "from_guest", "streams opened", Kind.STREAMS_FROM_GUEST);
        counter(registry, counters, "upcall.vsock.refused", "", "packets of the guest that were refused", Kind.REFUSED);
        counter(registry, counters, "upcall.vsock.resets", "", "streams that did not end by a close", Kind.RESETS);
        counter(registry, counters, "upcall.vsock.devices", "", "VMs that have connected", Kind.FRONT_ENDS);
        counter(registry, counters, "upcall.vsock.broken", "", "rings that a guest broke", Kind.BROKEN);
    }

    private static void counter(
            MeterRegistry registry, DeviceCounters counters, String name, String direction, String what, Kind kind) {
        FunctionCounter.Builder<DeviceCounters> builder = FunctionCounter.builder(
                        name, counters, c -> (double) c.of(kind))
                .description(what);
        (direction.isEmpty() ? builder : builder.tag("direction", direction)).register(registry);
    }
}
