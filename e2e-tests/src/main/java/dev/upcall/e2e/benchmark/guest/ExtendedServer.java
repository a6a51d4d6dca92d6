package dev.upcall.e2e.benchmark.guest;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/// Listens, reads, and does what its stdin says. See the package's documentation.
public final class ExtendedServer {

    /// What the services owe others is due within a tenth of a second.
    private static final long TICK_NANOS = 20_000_000;

    /// A flood fills the socket's buffer at once.
    private static final int BUFFER_BYTES = 256 * 1024;

    private final Selector selector;
    private final ServerSocketChannel listener;
    private final boolean flood;
    private final Queue<String> orders = new ConcurrentLinkedQueue<>();
    private final ByteBuffer in = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private final ByteBuffer out = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private long guests;
    private long ticked = System.nanoTime();

    private ExtendedServer(Path path, boolean flood) throws IOException {
        this.flood = flood;
        this.selector = Selector.open();
        this.listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listener.bind(UnixDomainSocketAddress.of(path), 1024);
        listener.configureBlocking(false);
        listener.register(selector, SelectionKey.OP_ACCEPT);
    }

    /// @param arguments the socket's path, and perhaps `flood`
    public static void main(String[] arguments) throws IOException {
        ExtendedServer server = new ExtendedServer(Path.of(arguments[0]), arguments.length > 1);
        Thread.ofPlatform().daemon().start(server::obey);
        System.out.println("listening 1");
        server.serve();
    }

    private void obey() {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                orders.add(line);
                selector.wakeup();
            }
        } catch (IOException e) {
            System.err.println("stdin: " + e.getMessage());
        }
        Runtime.getRuntime().halt(0);
    }

    private void serve() throws IOException {
        while (true) {
            selector.select(this::ready, TICK_NANOS / 1_000_000);
            for (String order = orders.poll(); order != null; order = orders.poll()) {
                carryOut(order);
            }
            long now = System.nanoTime();
            if (now - ticked >= TICK_NANOS) {
                ticked = now;
                conversations().forEach(Conversation::tick);
            }
        }
    }

    private java.util.stream.Stream<Conversation> conversations() {
        return selector.keys().stream()
                .filter(SelectionKey::isValid)
                .map(SelectionKey::attachment)
                .filter(Conversation.class::isInstance)
                .map(Conversation.class::cast);
    }

    private void ready(SelectionKey key) {
        try {
            if (key.isAcceptable()) {
                accept();
            } else if (key.attachment() instanceof Conversation conversation) {
                conversation.ready(key, in);
            }
        } catch (IOException e) {
            key.cancel();
            closeQuietly(key);
        }
    }

    private static void closeQuietly(SelectionKey key) {
        try {
            key.channel().close();
        } catch (IOException e) {
            System.err.println("close: " + e.getMessage());
        }
    }

    private void accept() throws IOException {
        for (SocketChannel channel = listener.accept(); channel != null; channel = listener.accept()) {
            channel.configureBlocking(false);
            SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
            key.attach(new Conversation(channel, key, ++guests, out, flood));
        }
    }

    /// Nobody is asked to close what the peer does not know yet: accepted connections first.
    private void carryOut(String order) throws IOException {
        switch (order) {
            case "drop" -> {
                long when = System.nanoTime();
                for (Conversation conversation : conversations().toList()) {
                    conversation.close();
                }
                System.out.println("gone " + when);
            }
            case "hole" -> {
                conversations().forEach(Conversation::swallow);
                System.out.println("gone " + System.nanoTime());
            }
            default -> throw new IOException("expected drop or hole, found \"" + order + "\"");
        }
    }
}
