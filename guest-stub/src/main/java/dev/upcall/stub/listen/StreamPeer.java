package dev.upcall.stub.listen;

import dev.upcall.stub.service.Output;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// One connection on a blocking stream. Its own thread carries out the guest's orders one after the
/// other: write this, read at most so much, close.
///
/// Where a read is ordered that frames must not wait for (an opened connection of an extended guest), a
/// second thread does it; like every order it begins when those before it are done, so a peer that
/// reads nothing is not read from for long.
///
/// Orders come from the guest's thread; there are never more than a few hundred, because the guest does
/// not go on before it has been given what it waits for, and sends at most 256 events ahead.
final class StreamPeer extends GuestThread.Stream implements Runnable {

    private final GuestThread guest;
    private final ByteStream stream;
    private final @Nullable Long hybridPort;
    private final ThreadFactory readers;
    private final LinkedBlockingQueue<Output> orders = new LinkedBlockingQueue<>();

    /// Reads ordered meanwhile, for the second thread: at most one, and the close.
    private final LinkedBlockingQueue<Output> reads = new LinkedBlockingQueue<>();

    /// Threads that may use the stream: the last one closes it.
    private final AtomicInteger users = new AtomicInteger(1);

    private boolean readerRuns;

    /// The guest's thread has ordered a read of the writing thread and has not seen its bytes: confined
    /// to that thread.
    private boolean reading;

    StreamPeer(GuestThread guest, ByteStream stream, @Nullable Long hybridPort, ThreadFactory readers) {
        this.guest = guest;
        this.stream = stream;
        this.hybridPort = hybridPort;
        this.readers = readers;
    }

    /// On the guest's thread. A read that waits is ended by closing the stream under it.
    @Override
    public void carryOut(Output output) {
        orders.add(output);
        switch (output) {
            case Output.Receive receive -> reading = !receive.meanwhile();
            case Output.Send _ -> {}
            case Output.Close _ -> {
                if (reading) {
                    interruptQuietly();
                }
            }
            case Output.Reset _ -> interruptQuietly();
        }
    }

    /// Serves the connection to its end, on the calling thread.
    @Override
    public void run() {
        guest.opened(this, hybridPort);
        untilTheEnd(this::carryOutNext);
    }

    private boolean carryOutNext() throws IOException, InterruptedException {
        return switch (orders.take()) {
            case Output.Send send -> {
                stream.write(send.bytes());
                yield true;
            }
            case Output.Receive receive
            when receive.meanwhile() -> {
                reads.add(receive);
                startReader();
                yield true;
            }
            case Output.Receive receive -> receive(receive);
            case Output.Close _, Output.Reset _ -> false;
        };
    }

    private void startReader() {
        if (!readerRuns) {
            readerRuns = true;
            users.incrementAndGet();
            readers.newThread(() -> untilTheEnd(this::receiveNext)).start();
        }
    }

    private boolean receiveNext() throws IOException, InterruptedException {
        return reads.take() instanceof Output.Receive receive && receive(receive);
    }

    private boolean receive(Output.Receive receive) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(receive.most());
        if (stream.read(bytes) < 0) {
            guest.peerClosed(this);
            return false;
        }
        guest.arrived(this, bytes.flip());
        return true;
    }

    /// One thread's share of the connection; when it ends, the other one's does too.
    private void untilTheEnd(Step step) {
        try {
            boolean goesOn = true;
            while (goesOn) {
                goesOn = step.goesOn();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | UncheckedIOException e) {
            // The peer is gone, or the guest closed while this thread read; for the guest both are the end.
            guest.peerClosed(this);
        } finally {
            Output end = new Output.Close(0, "over");
            orders.add(end);
            reads.add(end);
            interruptQuietly();
            if (users.decrementAndGet() == 0) {
                closeQuietly();
            }
        }
    }

    @Override
    void hasRead() {
        reading = false;
    }

    @FunctionalInterface
    private interface Step {
        boolean goesOn() throws IOException, InterruptedException;
    }

    private void interruptQuietly() {
        try {
            stream.interrupt();
        } catch (IOException e) {
            // It has ended already.
        }
    }

    private void closeQuietly() {
        try {
            stream.close();
        } catch (IOException e) {
            // There is nobody left to be told.
        }
    }
}
