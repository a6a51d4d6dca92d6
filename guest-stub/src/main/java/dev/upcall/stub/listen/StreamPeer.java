package dev.upcall.stub.listen;

import dev.upcall.stub.service.Output;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/// One connection on a blocking stream. Its own thread carries out the guest's orders one after the other: write this,
/// read at most so much, close.
///
/// Orders come from the guest's thread; there are never more than a few, because the guest does not go on before it has
/// been given what it waits for.
final class StreamPeer extends GuestThread.Stream implements Runnable {

    private final GuestThread guest;
    private final ByteStream stream;
    private final @Nullable Long hybridPort;
    private final LinkedBlockingQueue<Output> orders = new LinkedBlockingQueue<>();

    /// The guest's thread has ordered a read and has not seen its bytes: confined to that thread.
    private boolean reading;

    StreamPeer(GuestThread guest, ByteStream stream, @Nullable Long hybridPort) {
        this.guest = guest;
        this.stream = stream;
        this.hybridPort = hybridPort;
    }

    /// On the guest's thread. A read that waits is ended by closing the stream under it.
    @Override
    public void carryOut(Output output) {
        orders.add(output);
        switch (output) {
            case Output.Receive _ -> reading = true;
            case Output.Send _ -> {}
            case Output.Close _, Output.Reset _ -> {
                if (reading) {
                    closeQuietly();
                }
            }
        }
    }

    /// Serves the connection to its end, on the calling thread.
    @Override
    public void run() {
        guest.opened(this, hybridPort);
        try {
            boolean goesOn = true;
            while (goesOn) {
                goesOn = carryOutNext();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | UncheckedIOException e) {
            // The peer is gone, or the guest closed while this thread read; for the guest both are the end.
            guest.peerClosed(this);
        } finally {
            closeQuietly();
        }
    }

    private boolean carryOutNext() throws IOException, InterruptedException {
        return switch (orders.take()) {
            case Output.Send send -> {
                stream.write(send.bytes());
                yield true;
            }
            case Output.Receive receive -> {
                ByteBuffer bytes = ByteBuffer.allocate(receive.most());
                if (stream.read(bytes) < 0) {
                    guest.peerClosed(this);
                    yield false;
                }
                guest.arrived(this, bytes.flip());
                yield true;
            }
            case Output.Close _, Output.Reset _ -> false;
        };
    }

    @Override
    void hasRead() {
        reading = false;
    }

    private void closeQuietly() {
        try {
            stream.close();
        } catch (IOException e) {
            // There is nobody left to be told.
        }
    }
}
