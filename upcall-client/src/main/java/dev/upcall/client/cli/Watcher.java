package dev.upcall.client.cli;

import dev.upcall.client.UpcallClient;
import dev.upcall.client.UpcallObserver;
import dev.upcall.client.UpcallStatus;
import dev.upcall.client.transport.HybridTarget;
import dev.upcall.client.transport.Target;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.session.State;
import dev.upcall.proto.session.Trouble;
import dev.upcall.proto.session.request.Outcome;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Remembers what a command may have to say about its connection: the last trouble, the request that is out, times.
///
/// Written on the guest's event loop, read by any thread.
final class Watcher implements UpcallObserver {
    private final Program program;
    private final Target target;
    private volatile @Nullable Trouble trouble;
    private volatile @Nullable Request out;
    private volatile long elapsedNanos;
    private volatile long connectedNanos;

    /// Event loop only.
    private long dialledAt;

    Watcher(Program program, Target target) {
        this.program = program;
        this.target = target;
    }

    @Override
    public void stateChanged(UpcallClient client, State before, State after) {
        switch (after) {
            case State.Reconnecting s -> trouble = s.trouble();
            case State.GivenUp s -> trouble = s.trouble();
            case State.WaitingServer _ -> dialledAt = now();
            case State.Connected _
            when before instanceof State.WaitingService || before instanceof State.Opening ->
                connectedNanos = now() - dialledAt;
            case State.Init _,
                    State.WaitingService _,
                    State.Opening _,
                    State.Connected _,
                    State.ServiceBusy _,
                    State.Overdue _,
                    State.Closed _ -> {}
        }
        if (program.verbose()) {
            program.printer().note(StateChange.text(before, after));
        }
    }

    @Override
    public void requestSent(UpcallClient client, Request request) {
        out = request;
        if (program.verbose()) {
            program.printer().note("sent " + request);
        }
    }

    @Override
    public void requestCompleted(UpcallClient client, Request request, Outcome outcome, long nanos) {
        elapsedNanos = nanos;
        // A request whose outcome is unknown is still out as far as anybody knows.
        if (!(outcome instanceof Outcome.Unknown)) {
            out = null;
        }
    }

    @Override
    public void lateReply(UpcallClient client, Request request, Outcome outcome) {
        out = null;
    }

    /// The request whose answer is missing.
    Optional<Request> out() {
        return Optional.ofNullable(out);
    }

    Optional<Trouble> lastTrouble() {
        return Optional.ofNullable(trouble);
    }

    /// From submission to the end of the last request.
    Duration lastElapsed() {
        return Duration.ofNanos(elapsedNanos);
    }

    /// From the last dial to the guest's CONNECT frame.
    Duration connectTime() {
        return Duration.ofNanos(connectedNanos);
    }

    /// What is known about why there is no connection: the last failure, else what is being waited for.
    Trouble whyNot(UpcallStatus status) {
        Trouble last = status.trouble().orElse(trouble);
        if (last != null) {
            return last;
        }
        return Trouble.of(
                switch (status.state()) {
                    case State.WaitingServer _ ->
                        target instanceof HybridTarget ? Trouble.Kind.NO_OK_IN_TIME : Trouble.Kind.CANNOT_DIAL;
                    case State.WaitingService _ -> Trouble.Kind.NO_CONNECT_IN_TIME;
                    case State.Opening _ -> Trouble.Kind.NO_OPENING_IN_TIME;
                    case State.Init _,
                            State.Connected _,
                            State.ServiceBusy _,
                            State.Overdue _,
                            State.Reconnecting _,
                            State.Closed _,
                            State.GivenUp _ -> Trouble.Kind.NOT_TRIED;
                });
    }

    private long now() {
        return program.surroundings().ticker().getAsLong();
    }

    Failure notConnected(UpcallStatus status) {
        return notConnected(target.toString(), whyNot(status));
    }

    /// No connection, with why: a peer that broke the protocol has an exit code of its own.
    static Failure notConnected(String target, Trouble why) {
        return new Failure(
                        why.isProtocolBreach() ? ExitCode.PROTOCOL_BROKEN : ExitCode.NOT_CONNECTED,
                        why.kind().name(),
                        "not connected to " + target + ": " + why)
                .with("target", target);
    }
}
