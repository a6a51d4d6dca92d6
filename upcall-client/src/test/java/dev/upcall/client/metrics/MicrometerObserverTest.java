package dev.upcall.client.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upcall.client.ClientRuntime;
import dev.upcall.client.ScriptedGuest;
import dev.upcall.client.UpcallClient;
import dev.upcall.client.UpcallException;
import dev.upcall.client.UpcallOptions;
import dev.upcall.client.transport.Target;
import dev.upcall.proto.message.MmioDevice;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class MicrometerObserverTest {

    private static final MmioDevice DEVICE = MmioDevice.of(0xd000_0000L, 0x1000, 6);

    @TempDir
    private Path folder;

    @Test
    void requests_are_counted_by_operation_and_outcome_and_connections_by_state() throws Exception {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        Path socket = folder.resolve("vm.sock");
        try (var guest = ScriptedGuest.plain(socket, ScriptedGuest.always(0))) {
            try (var client = open(socket, new MicrometerObserver(registry))) {
                client.awaitConnected(Duration.ofSeconds(10));
                assertThat(connections(registry, "Connected")).isEqualTo(1);
                client.addMmio(DEVICE);
                guest.nowDoes(ScriptedGuest.always(-17));
                client.addMmio(DEVICE);
                assertThatThrownBy(() -> client.delCpu(9)).isInstanceOf(UpcallException.UnsafeForGuest.class);
            }
            assertThat(requests(registry, "ADD_MMIO", "done")).isEqualTo(1);
            assertThat(requests(registry, "ADD_MMIO", "refused")).isEqualTo(1);
            assertThat(requests(registry, "DEL_CPU", "unsafe")).isEqualTo(1);
            assertThat(connections(registry, "Connected")).isZero();
            assertThat(connections(registry, "Closed")).isZero();
        }
    }

    @Test
    void a_frame_that_no_guest_may_send_is_counted_as_rejected() throws Exception {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        Path socket = folder.resolve("vm.sock");
        try (var _ = ScriptedGuest.plain(socket, (c, _, _) -> c.reply(99, 0, 0, 0));
                var client = open(socket, new MicrometerObserver(registry))) {
            assertThatThrownBy(() -> client.addMmio(DEVICE)).isInstanceOf(UpcallException.PeerMisbehaved.class);
        }
        assertThat(registry.get("upcall.rejected.frames").counter().count()).isGreaterThanOrEqualTo(1);
    }

    @Test
    void the_endpoint_shows_prometheus_text_on_a_port_of_its_own() throws Exception {
        try (MetricsEndpoint endpoint = MetricsEndpoint.listen("127.0.0.1:0")) {
            new MicrometerObserver(endpoint.registry());
            URI uri = URI.create("http://127.0.0.1:" + endpoint.address().getPort() + "/metrics");
            try (HttpClient http = HttpClient.newHttpClient()) {
                HttpResponse<String> answer =
                        http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
                assertThat(answer.statusCode()).isEqualTo(200);
                assertThat(answer.body()).contains("upcall_connections{state=\"Connected\"} 0");
            }
        }
    }

    @Test
    void an_address_that_is_none_is_refused() {
        assertThatThrownBy(() -> MetricsEndpoint.listen("here")).hasMessageContaining("127.0.0.1:9464");
        assertThatThrownBy(() -> MetricsEndpoint.listen("127.0.0.1:99999")).hasMessageContaining("127.0.0.1:9464");
    }

    private static UpcallClient open(Path socket, MicrometerObserver observer) {
        return UpcallClient.open(
                Target.parse("unix://" + socket), UpcallOptions.DEFAULT, ClientRuntime.shared(), List.of(observer));
    }

    private static double connections(SimpleMeterRegistry registry, String state) {
        return registry.get("upcall.connections").tag("state", state).gauge().value();
    }

    private static long requests(SimpleMeterRegistry registry, String operation, String outcome) {
        return registry.get("upcall.requests")
                .tag("operation", operation)
                .tag("outcome", outcome)
                .timer()
                .count();
    }
}
