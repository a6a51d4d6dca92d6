package dev.upcall.stub.listen;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/// Standard input and output as the one connection there is; when it ends, so does the listener.
final class StdioListener implements Listener {

    private final ByteStream stream;

    private StdioListener(ByteStream stream) {
        this.stream = stream;
    }

    /// @param ended run when the connection is over
    static StdioListener start(GuestThread guest, InputStream in, OutputStream out, Runnable ended) {
        ByteStream stream = new Stdio(in, out);
        StreamPeer peer = new StreamPeer(
                guest,
                stream,
                null,
                Thread.ofPlatform().name("stdio reader").daemon().factory());
        // A read of standard input holds its thread, so it gets a platform thread, and a daemon: nothing can end that
        // read.
        Thread.ofPlatform().name("stdio").daemon().start(() -> {
            peer.run();
            ended.run();
        });
        return new StdioListener(stream);
    }

    @Override
    public String target() {
        return ListenTarget.STDIO;
    }

    @Override
    public void close() throws IOException {
        stream.close();
    }

    private record Stdio(InputStream in, OutputStream out) implements ByteStream {
        @Override
        public int read(ByteBuffer into) throws IOException {
            int count = in.read(into.array(), into.arrayOffset() + into.position(), into.remaining());
            if (count > 0) {
                into.position(into.position() + count);
            }
            return count;
        }

        @Override
        public void write(ByteBuffer bytes) throws IOException {
            byte[] copy = new byte[bytes.remaining()];
            bytes.get(copy);
            out.write(copy);
            out.flush();
        }

        /// A read of standard input cannot be ended; nobody waits for it.
        @Override
        public void interrupt() throws IOException {
            out.close();
        }

        @Override
        public void close() throws IOException {
            out.close();
        }
    }
}
