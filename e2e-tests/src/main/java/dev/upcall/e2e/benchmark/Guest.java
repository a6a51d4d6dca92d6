package dev.upcall.e2e.benchmark;

import dev.upcall.client.ClientRuntime;
import dev.upcall.client.ExtensionOptions;
import dev.upcall.client.UpcallClient;
import dev.upcall.client.UpcallObserver;
import dev.upcall.client.UpcallOptions;
import dev.upcall.client.metrics.MicrometerObserver;
import dev.upcall.client.transport.HybridTarget;
import dev.upcall.client.transport.Target;
import dev.upcall.proto.message.Irq;
import dev.upcall.proto.message.MmioDevice;
import dev.upcall.proto.message.MmioWindow;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.session.extended.Extensions;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// The public API as users have it: default options (so every request has its deadlines) and metrics on. The question
/// for extensions, one round trip of each connection, is left out where what it is held against does not ask either.
final class Guest {

    /// What everybody sends, the C floor too.
    static final Request REQUEST =
            new Request.AddMmio(new MmioDevice(new MmioWindow(0xD000_0000L, 0x1000), new Irq(5)));

    static final Duration PATIENCE = Duration.ofSeconds(60);

    /// One for all clients of a process, as the observer wants it.
    static final UpcallObserver METRICS = new MicrometerObserver(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));

    private Guest() {}

    static UpcallClient open(Path path, UpcallObserver... further) {
        return open(path, ExtensionOptions.DEFAULT.withWanted(Extensions.OFF), further);
    }

    /// A client that asks for extensions as it is told.
    static UpcallClient open(Path path, ExtensionOptions extensions, UpcallObserver... further) {
        List<UpcallObserver> observers = new ArrayList<>(List.of(METRICS));
        observers.addAll(List.of(further));
        return UpcallClient.open(
                new HybridTarget(path, Target.DEFAULT_PORT),
                UpcallOptions.DEFAULT.withExtensions(extensions),
                ClientRuntime.shared(),
                observers);
    }

    /// A client for each of `count` connections; on the one path, or on `path.0`, `path.1` ….
    static List<UpcallClient> connect(Path path, int count, boolean numbered) throws Exception {
        return connect(path, count, numbered, Extensions.OFF);
    }

    static List<UpcallClient> connect(Path path, int count, boolean numbered, Extensions wanted) throws Exception {
        List<UpcallClient> guests = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Path each = numbered ? Path.of(path + "." + i) : path;
            guests.add(open(each, ExtensionOptions.DEFAULT.withWanted(wanted)));
        }
        for (UpcallClient guest : guests) {
            guest.awaitConnected(PATIENCE);
        }
        return guests;
    }
}
