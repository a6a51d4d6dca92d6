package dev.upcall.client.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.client.ScriptedGuest;
import dev.upcall.client.transport.PathWatch;
import dev.upcall.client.transport.Target;
import dev.upcall.client.transport.Transports;
import dev.upcall.proto.guest.CpuPicture;
import dev.upcall.proto.guest.GuestProfile;
import dev.upcall.proto.message.MmioDevice;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.session.Event;
import dev.upcall.proto.session.Session;
import dev.upcall.proto.session.SessionRules;
import dev.upcall.proto.session.State;
import dev.upcall.proto.session.request.Outcome;
import dev.upcall.proto.session.request.Pending;
import dev.upcall.proto.session.request.SendTerms;
import io.netty.channel.EventLoopGroup;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class SessionDriverTest {

    private static final Request REQUEST = new Request.AddMmio(MmioDevice.of(0xd000_0000L, 0x1000, 6));

    @TempDir
    private Path folder;

    /// Fails on purpose where a request is sent, as a bug of ours would.
    private static final class Failing implements SessionListener {
        final List<Outcome> outcomes = new CopyOnWriteArrayList<>();
        final CountDownLatch ended = new CountDownLatch(2);

        @Override
        public void sent(Request request) {
            throw new IllegalStateException("planted");
        }

        @Override
        public void completed(Pending pending, Outcome outcome) {
            outcomes.add(outcome);
            ended.countDown();
        }

        @Override
        public void completedLate(Pending pending, Outcome outcome) {}
    }

    @Test
    void a_bug_of_ours_ends_every_request_instead_of_leaving_somebody_waiting() throws Exception {
        Path socket = folder.resolve("s");
        EventLoopGroup loops = Transports.newLoops(1, "test");
        Failing listener = new Failing();
        try (var _ = ScriptedGuest.plain(socket, ScriptedGuest.always(0))) {
            SessionDriver driver = new SessionDriver(
                    loops.next(),
                    Target.parse("unix://" + socket),
                    SessionRules.of(GuestProfile.KATA_6_1, false),
                    Session.begin(CpuPicture.BOOT_CPU_ONLY),
                    listener,
                    PathWatch::shared);
            long later = driver.now() + TimeUnit.SECONDS.toNanos(15);
            driver.post(new Event.RequestSubmitted(new Pending("first", REQUEST, SendTerms.DEFAULT, later)));
            driver.post(new Event.RequestSubmitted(new Pending("second", REQUEST, SendTerms.DEFAULT, later)));
            driver.post(new Event.Started());
            assertThat(listener.ended.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(listener.outcomes)
                    .allSatisfy(o -> assertThat(o)
                            .isInstanceOf(Outcome.Unknown.class)
                            .asString()
                            .contains("planted"));
            assertThat(driver.session().state()).isInstanceOf(State.Closed.class);
        } finally {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        }
    }
}
