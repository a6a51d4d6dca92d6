package dev.upcall.e2e.benchmark;

import dev.upcall.proto.message.RequestWriter;
import dev.upcall.proto.wire.FrameLayout;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// The JDK's blocking channel and nothing else: what Java itself costs.
final class BareChannel implements Peer.Work {

    private final SocketChannel channel;
    private final ByteBuffer request = ByteBuffer.allocateDirect(FrameLayout.FRAME_BYTES);
    private final ByteBuffer reply = ByteBuffer.allocateDirect(FrameLayout.FRAME_BYTES);
    private final Samples samples = new Samples();

    BareChannel(Path path) throws IOException {
        request.put(RequestWriter.toBytes(Guest.REQUEST));
        channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(path));
        write(ByteBuffer.wrap("CONNECT 219\n".getBytes(StandardCharsets.US_ASCII)));
        reply.clear();
        do {
            if (channel.read(reply) < 0) {
                throw new EOFException("no OK line");
            }
        } while (reply.get(reply.position() - 1) != '\n');
        write(ByteBuffer.wrap(new byte[] {'d'}));
        readFrame();
    }

    @Override
    public String run(long millis) throws IOException {
        samples.clear();
        long bytes = Cost.allocatedBytes();
        long begin = System.nanoTime();
        long end = begin + millis * 1_000_000;
        long before = begin;
        while (before < end) {
            request.clear();
            write(request);
            readFrame();
            long after = System.nanoTime();
            samples.add(after - before);
            before = after;
        }
        double perCall = (double) (Cost.allocatedBytes() - bytes) / samples.taken();
        return samples + " rate " + samples.taken() * 1e9 / (before - begin) + " bytes " + perCall;
    }

    private void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private void readFrame() throws IOException {
        reply.clear();
        while (reply.hasRemaining()) {
            if (channel.read(reply) < 0) {
                throw new EOFException("end of stream");
            }
        }
    }
}
