package dev.upcall.client.metrics;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.upcall.proto.hybrid.Escaped;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/// A Prometheus registry and the HTTP listener that shows it at `/metrics`.
///
/// Thread-safe. One daemon thread of the JDK's own small server; it never touches a guest's event loop.
public final class MetricsEndpoint implements AutoCloseable {

    /// Scrapes that may wait to be accepted: more scrapers than this at once is a mistake.
    private static final int BACKLOG = 8;

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final HttpServer server;

    private MetricsEndpoint(HttpServer server) {
        this.server = server;
        server.createContext("/metrics", this::scrape);
    }

    /// Listens at `host:port`; port 0 takes a free one.
    ///
    /// @throws IllegalArgumentException when the text is no address
    /// @throws IOException when the address cannot be listened on
    public static MetricsEndpoint listen(String hostAndPort) throws IOException {
        InetSocketAddress address = parse(hostAndPort);
        HttpServer server;
        try {
            server = HttpServer.create(address, BACKLOG);
        } catch (IOException e) {
            throw new IOException("cannot listen for metrics on " + hostAndPort + ": " + e.getMessage(), e);
        }
        MetricsEndpoint endpoint = new MetricsEndpoint(server);
        server.setExecutor(null);
        server.start();
        return endpoint;
    }

    public PrometheusMeterRegistry registry() {
        return registry;
    }

    /// Where it listens, with the port that was taken.
    public InetSocketAddress address() {
        return server.getAddress();
    }

    @Override
    public void close() {
        server.stop(0);
        registry.close();
    }

    static InetSocketAddress parse(String hostAndPort) {
        int colon = hostAndPort.lastIndexOf(':');
        try {
            int port = Integer.parseInt(hostAndPort.substring(colon + 1));
            if (colon > 0 && port >= 0 && port <= 0xFFFF) {
                return new InetSocketAddress(InetAddress.getByName(hostAndPort.substring(0, colon)), port);
            }
        } catch (NumberFormatException | IOException e) {
            throw new IllegalArgumentException(wrongAddress(hostAndPort), e);
        }
        throw new IllegalArgumentException(wrongAddress(hostAndPort));
    }

    private static String wrongAddress(String found) {
        return "expected an address such as 127.0.0.1:9464, found \"" + Escaped.text(found) + "\"";
    }

    private void scrape(HttpExchange exchange) {
        try (exchange) {
            byte[] body = registry.scrape().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        } catch (IOException e) {
            throw new UncheckedIOException("a scrape broke off", e);
        }
    }
}
