package dev.upcall.proto.vsock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.virtqueue.DescriptorChain;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/// Host programs that obey: each writes its bytes when it may, ends, and reads what comes until its end.
final class ModelHost implements HostSide {

    private static final class Program {
        final int toSend;
        int written;
        int given;
        int received;
        int took;
        boolean ended;
        boolean endSeen;
        boolean reading;

        Program(int toSend) {
            this.toSend = toSend;
        }
    }

    private final Map<Connection, Program> programs = new LinkedHashMap<>();
    final Map<Integer, Integer> receivedInAll = new LinkedHashMap<>();
    final Map<Integer, Integer> writtenInAll = new LinkedHashMap<>();
    private final byte[] bytes = new byte[VsockRules.BUFFER_BYTES];
    private final Set<Connection> over = new HashSet<>();
    private final Random random;
    private int reports;

    ModelHost(Random random) {
        this.random = random;
    }

    void connect(Multiplexer mux, long now) {
        Connection c = mux.connect(219, now).orElseThrow();
        programs.put(c, new Program(random.nextInt(100_000)));
    }

    boolean isDone() {
        return programs.isEmpty();
    }

    /// @return whether something was reported, so that the device is to work
    boolean act(Multiplexer mux, long now) {
        int before = reports;
        programs.forEach((c, program) -> {
            int count = Math.min(Math.min(c.readLimit(), program.toSend - program.written), random.nextInt(4000));
            if (program.reading && count > 0) {
                program.written += count;
                mux.hostBytes(c, count);
                reports++;
            }
            if (program.written == program.toSend && !program.ended && program.reading) {
                program.ended = true;
                mux.hostEnded(c, now);
                reports++;
            }
            int left = program.received - program.took;
            if (left > 0 && random.nextInt(4) == 0) {
                int some = random.nextInt(left) + 1;
                program.took += some;
                mux.hostTook(c, some);
                reports++;
            }
        });
        return reports != before;
    }

    @Override
    public void fromGuest(Connection connection, DescriptorChain chain, int from, int count) {
        Program program = program(connection);
        chain.read(from, bytes, 0, count);
        assertThat(ModelGuest.isPattern(bytes, program.received, count))
                .as("bytes from %d on", program.received)
                .isTrue();
        program.received += count;
        assertThat(program.endSeen).as("data after the end").isFalse();
    }

    @Override
    public void toGuest(Connection connection, DescriptorChain chain, int from, int count) {
        Program program = program(connection);
        for (int i = 0; i < count; i++) {
            bytes[i] = ModelGuest.pattern(program.given + i);
        }
        program.given += count;
        chain.write(from, bytes, 0, count);
    }

    @Override
    public void ended(Connection connection, CloseReason why, String detail) {
        assertThat(why).as("%s %s", connection, detail).isEqualTo(CloseReason.FINISHED);
        Program program = program(connection);
        assertThat(program.endSeen).isTrue();
        receivedInAll.put(connection.hostPort(), program.received);
        writtenInAll.put(connection.hostPort(), program.toSend);
        over.add(connection);
    }

    /// Forgets the programs whose streams are over.
    void tidy() {
        programs.keySet().removeAll(over);
        over.clear();
    }

    @Override
    public void read(Connection connection, boolean wanted) {
        program(connection).reading = wanted;
    }

    @Override
    public void endHost(Connection connection) {
        program(connection).endSeen = true;
    }

    @Override
    public void sayOpen(Connection connection) {
        assertThat(program(connection).reading).isFalse();
    }

    @Override
    public void dial(Connection connection) {
        throw new AssertionError("a good guest asked for " + connection);
    }

    @Override
    public void refuseHost(Connection connection) {
        throw new AssertionError("a good guest reads to the end: " + connection);
    }

    @Override
    public void refused(PacketHeader header, PacketFault why) {
        throw new AssertionError("a good guest's packet was refused: " + header + ", " + why.sentence());
    }

    private Program program(Connection connection) {
        Program program = programs.get(connection);
        if (program == null) {
            throw new AssertionError("an order about a stream that is over: " + connection);
        }
        return program;
    }
}
