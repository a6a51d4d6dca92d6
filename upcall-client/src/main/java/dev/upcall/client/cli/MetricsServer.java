package dev.upcall.client.cli;

import dev.upcall.client.UpcallObserver;
import dev.upcall.client.bridge.BridgeObserver;
import dev.upcall.client.bridge.CloseReason;
import dev.upcall.client.bridge.vhost.DeviceCounters;
import dev.upcall.client.metrics.MetricsEndpoint;
import dev.upcall.client.metrics.MicrometerBridgeObserver;
import dev.upcall.client.metrics.MicrometerObserver;
import dev.upcall.client.metrics.MicrometerVsockCounters;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `--metrics-listen`: Prometheus text over HTTP while a long-running command runs. Micrometer is
/// loaded only when the option is given.
final class MetricsServer implements AutoCloseable {
    private final @Nullable MetricsEndpoint endpoint;

    private MetricsServer(@Nullable MetricsEndpoint endpoint) {
        this.endpoint = endpoint;
    }

    /// @param listen `HOST:PORT`, or null for no metrics
    static MetricsServer start(@Nullable String listen, Program program) throws Failure {
        if (listen == null) {
            return new MetricsServer(null);
        }
        try {
            MetricsEndpoint endpoint = MetricsEndpoint.listen(listen);
            program.printer().note("metrics at http://" + hostAndPort(endpoint) + "/metrics");
            return new MetricsServer(endpoint);
        } catch (IllegalArgumentException _) {
            throw Syntax.expected("--metrics-listen", "an address such as 127.0.0.1:9464", listen);
        } catch (IOException e) {
            throw Failure.usage("--metrics-listen: " + e.getMessage());
        }
    }

    List<UpcallObserver> observers() {
        MetricsEndpoint running = endpoint;
        return running == null ? List.of() : List.of(new MicrometerObserver(running.registry()));
    }

    /// Tells both, where there are metrics.
    BridgeObserver bridgeObserver(BridgeObserver other) {
        MetricsEndpoint running = endpoint;
        return running == null ? other : new Both(new MicrometerBridgeObserver(running.registry()), other);
    }

    /// Shows a vsock device's counters, where there are metrics.
    void show(DeviceCounters counters) {
        MetricsEndpoint running = endpoint;
        if (running != null) {
            MicrometerVsockCounters.bind(running.registry(), counters);
        }
    }

    private record Both(BridgeObserver first, BridgeObserver second) implements BridgeObserver {
        @Override
        public void accepted(long id, Direction direction) {
            first.accepted(id, direction);
            second.accepted(id, direction);
        }

        @Override
        public void opened(long id, Direction direction, long port) {
            first.opened(id, direction, port);
            second.opened(id, direction, port);
        }

        @Override
        public void closed(
                long id, Direction direction, CloseReason reason, String detail, long toCallee, long toCaller) {
            first.closed(id, direction, reason, detail, toCallee, toCaller);
            second.closed(id, direction, reason, detail, toCallee, toCaller);
        }
    }

    @Override
    public void close() {
        MetricsEndpoint running = endpoint;
        if (running != null) {
            running.close();
        }
    }

    private static String hostAndPort(MetricsEndpoint endpoint) {
        return endpoint.address().getHostString() + ":" + endpoint.address().getPort();
    }
}
