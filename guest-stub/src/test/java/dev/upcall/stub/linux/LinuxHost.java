package dev.upcall.stub.linux;

import dev.upcall.proto.extension.Decoded;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.EventNotify;
import dev.upcall.proto.extension.ExtensionReader;
import dev.upcall.proto.extension.ExtensionWriter;
import dev.upcall.proto.extension.Features;
import dev.upcall.proto.extension.FromGuest;
import dev.upcall.proto.extension.FromHost;
import dev.upcall.proto.extension.Handshake;
import dev.upcall.proto.extension.HandshakeReply;
import dev.upcall.proto.extension.InventoryPage;
import dev.upcall.proto.extension.inventory.Inventory;
import dev.upcall.proto.extension.inventory.InventoryWalk;
import dev.upcall.proto.wire.ExtensionFrame;
import dev.upcall.stub.agent.Extensions;
import dev.upcall.stub.machine.Machine;
import dev.upcall.stub.observe.ServerObserver;
import dev.upcall.stub.service.Output;
import dev.upcall.stub.service.UpcallServer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// An agent on a fake kernel and a host that asks it, on the test's own thread. It waits for what the
/// agent's threads do, each time until the agent wakes its owner, as its owner would.
final class LinuxHost implements AutoCloseable {
    static final Epoch CLIENT = new Epoch(0xC1);
    private static final int DEADLINE_SECONDS = 20;

    private final Semaphore waked = new Semaphore(0);
    private final Machine machine;
    private final UpcallServer server;
    private final ArrayDeque<byte[]> frames = new ArrayDeque<>();
    private final List<String> told = new ArrayList<>();
    private long connection;

    LinuxHost(LinuxPlan plan, boolean extended) throws IOException {
        machine = plan.start(waked::release);
        server = new UpcallServer(
                machine, ServerObserver.NONE, extended ? Optional.of(Extensions.of(plan.product())) : Optional.empty());
        connect();
    }

    Machine machine() {
        return machine;
    }

    UpcallServer server() {
        return server;
    }

    /// Another connection, which is spoken on from now on.
    void connect() {
        connection = server.open(now());
        server.arrived(connection, ByteBuffer.wrap(new byte[] {'d'}), now());
        next();
    }

    /// A request of this type and load. `type result msg_size load` of its reply.
    String ask(int type, int size, int... load) {
        send(type, size, load);
        ByteBuffer reply = ByteBuffer.wrap(next()).order(ByteOrder.LITTLE_ENDIAN);
        return reply.getInt(8) + " " + reply.getInt(16) + " " + reply.getInt(4) + " " + reply.getInt(20);
    }

    void send(int type, int size, int... load) {
        ByteBuffer frame = ByteBuffer.allocate(1024).order(ByteOrder.LITTLE_ENDIAN);
        frame.putInt(0x444D0100).putInt(size).putInt(type).putInt(0);
        for (int b : load) {
            frame.put((byte) b);
        }
        server.arrived(connection, frame.clear(), now());
    }

    HandshakeReply.Open open() {
        say(new Handshake.Open(1, 1, Features.ALL, CLIENT, Optional.empty(), 0, 0));
        return (HandshakeReply.Open) hear();
    }

    void say(FromHost message) {
        server.arrived(connection, ByteBuffer.wrap(ExtensionWriter.toBytes(message)), now());
    }

    /// The next message that is no event.
    FromGuest hear() {
        while (true) {
            FromGuest message = read(next());
            if (!(message instanceof EventNotify event)) {
                return message;
            }
            told.add(event.kind() + " " + event.device());
        }
    }

    /// Events as `CPU_ONLINE cpu:2`, all that have come when this many have.
    List<String> told(int count) {
        while (told.size() < count) {
            EventNotify event = (EventNotify) read(next());
            told.add(event.kind() + " " + event.device());
        }
        return told;
    }

    Inventory inventory() {
        InventoryWalk walk = InventoryWalk.begin();
        while (true) {
            say(walk.request());
            switch (walk.take((InventoryPage) hear())) {
                case InventoryWalk.More more -> walk = more.walk();
                case InventoryWalk.Complete complete -> {
                    return complete.inventory();
                }
                case InventoryWalk.Unstable u -> throw new AssertionError(u.why());
                case InventoryWalk.Broken b -> throw new AssertionError(b.why());
            }
        }
    }

    private byte[] next() {
        settle();
        try {
            while (frames.isEmpty()) {
                if (!waked.tryAcquire(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
                    throw new AssertionError("the agent says nothing for " + DEADLINE_SECONDS + " s");
                }
                settle();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
        return frames.remove();
    }

    private void settle() {
        for (Output output : server.advance(now())) {
            if (output.connection() != connection) {
                continue; // what an earlier one is told
            }
            if (output instanceof Output.Send send) {
                byte[] frame = new byte[send.bytes().remaining()];
                send.bytes().get(frame);
                frames.add(frame);
            } else if (!(output instanceof Output.Receive)) {
                throw new AssertionError("the agent ends the connection: " + output);
            }
        }
    }

    private static FromGuest read(byte[] frame) {
        if (ExtensionReader.fromGuest(ExtensionFrame.readFromGuest(ByteBuffer.wrap(frame), 0))
                instanceof Decoded.Message<FromGuest> m) {
            return m.message();
        }
        throw new AssertionError("unreadable");
    }

    private static long now() {
        return System.nanoTime();
    }

    @Override
    public void close() throws IOException {
        machine.close();
    }
}
