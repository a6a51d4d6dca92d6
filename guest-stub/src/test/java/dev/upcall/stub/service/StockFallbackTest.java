package dev.upcall.stub.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.extension.ExtensionType;
import dev.upcall.proto.guest.GuestProfile;
import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.PciFunction;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.session.Session;
import dev.upcall.proto.session.State.Connected;
import dev.upcall.proto.session.State.Connection;
import dev.upcall.proto.session.extended.Extensions;
import dev.upcall.proto.session.extended.News;
import dev.upcall.proto.session.request.Outcome;
import dev.upcall.stub.machine.MachineConfig;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A client that asks a stock guest whether it is an extended one, and then for a PCI function (§1): the −1 has left
/// the connection dirty, and a kernel's PCI success writes no result.
///
/// The machines behind this replay the captures byte for byte (`CaptureReplayTest`); what is said here about a frame is
/// held against the captured one.
class StockFallbackTest {
    private static final PciFunction RNG = PciFunction.parse("00:04.0");
    private static final Request ADD = new Request.AddPci(RNG);

    /// The plant: the session does not notice that the connection is dirty.
    private static Session unaware(Session session) {
        return session.state() instanceof Connected(Connection c)
                ? new Session(
                        new Connected(new Connection(c.epoch(), c.attempt(), c.since(), c.proven(), false)),
                        session.waiting(),
                        session.lasting())
                : session;
    }

    private static VirtualGuest guest(String kernel) {
        GuestProfile profile = GuestProfile.byId(kernel).orElseThrow();
        VirtualGuest guest = new VirtualGuest(MachineConfig.of(profile, 4)
                .withPci(List.of(PciFunction.parse("00:02.0")), Optional.of(PciFunction.parse("00:02.0"))));
        guest.machine().vmm().addPci(List.of(RNG));
        return guest;
    }

    private static VirtualSession session(VirtualGuest guest, String kernel, UnaryOperator<Session> after) {
        return new VirtualSession(guest, GuestProfile.byId(kernel).orElseThrow(), Extensions.AUTO, after);
    }

    @ParameterizedTest
    @ValueSource(strings = {"kata-6.1", "kata-6.12", "kata-6.18"})
    void a_pci_request_right_after_the_fallback_tells_the_truth_over_a_connection_of_its_own(String kernel) {
        VirtualGuest guest = guest(kernel);
        VirtualSession session = session(guest, kernel, UnaryOperator.identity());

        assertThat(session.ask(ADD)).isEqualTo(Outcome.Done.PLAIN);
        assertThat(guest.machine().dump().pciKnown()).contains("00:04.0");
        assertThat(session.dials).isEqualTo(2);
        assertThat(session.news).as("asked once, and no loss").containsExactly(new News.Greeted(Optional.empty()));
        assertThat(word(last(session), 16)).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"kata-6.1", "kata-6.12", "kata-6.18"})
    void without_the_reconnect_the_answer_would_have_been_a_lie(String kernel) {
        VirtualGuest guest = guest(kernel);
        VirtualSession session = session(guest, kernel, StockFallbackTest::unaware);

        assertThat(session.ask(ADD)).as("what the guest says").isEqualTo(new Outcome.Refused(-1));
        assertThat(guest.machine().dump().pciKnown()).as("what it did").contains("00:04.0");
        assertThat(session.dials).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"kata-6.1", "kata-6.12", "kata-6.18"})
    void a_removal_right_after_the_fallback_tells_the_truth_too(String kernel) {
        VirtualGuest guest = guest(kernel);
        session(guest, kernel, UnaryOperator.identity()).ask(ADD);
        Request removal = new Request.DelPci(RNG);

        assertThat(session(guest, kernel, StockFallbackTest::unaware).ask(removal))
                .isEqualTo(new Outcome.Refused(-1));
        assertThat(guest.machine().dump().pciKnown()).as("removed all the same").doesNotContain("00:04.0");
        assertThat(session(guest, kernel, UnaryOperator.identity()).ask(ADD)).isEqualTo(Outcome.Done.PLAIN);
        assertThat(session(guest, kernel, UnaryOperator.identity()).ask(removal))
                .isEqualTo(Outcome.Done.PLAIN);
        assertThat(session(guest, kernel, UnaryOperator.identity()).ask(removal))
                .isEqualTo(new Outcome.Refused(-19));
    }

    /// The machine answers the handshake as the captured kernels answered the unknown type 99, and the dirty PCI
    /// request as the captured 6.1 answered one that succeeded behind a failed one, but for type and stale result.
    @ParameterizedTest
    @EnumSource(Capture.class)
    void those_answers_are_the_captured_ones(Capture capture) {
        VirtualSession session = session(guest(capture.kernel), capture.kernel, StockFallbackTest::unaware);
        session.ask(ADD);

        byte[] unknownType = captured(capture.file, "A.unknown-type");
        assertThat(word(unknownType, 16)).isEqualTo(-1);
        assertThat(session.frames.get(session.frames.size() - 2))
                .isEqualTo(with(unknownType, 8, ExtensionType.HANDSHAKE.msgType()));
        byte[] afterFailure = captured("/captures/upcall-6.1.jsonl", "D.add-pci-existing-after-fail");
        assertThat(word(afterFailure, 16)).as("stale").isEqualTo(-19);
        assertThat(last(session)).isEqualTo(with(afterFailure, 16, -1));
        assertThat(with(captured("/captures/upcall-6.1.jsonl", "D.add-pci-existing-fresh"), 16, -1))
                .as("a fresh connection's answer to the same request differs in that word alone")
                .isEqualTo(last(session));
    }

    @Test
    void what_is_no_pci_needs_no_second_connection() {
        VirtualGuest guest = guest("kata-6.12");
        guest.machine().vmm().addVcpus(List.of(1));
        VirtualSession session = session(guest, "kata-6.12", UnaryOperator.identity());

        assertThat(session.ask(new Request.AddCpu(new ApicId(1)))).isInstanceOf(Outcome.Done.class);
        assertThat(session.dials).isEqualTo(1);
        assertThat(session.ask(ADD)).as("a CPU's success has cleaned it").isEqualTo(Outcome.Done.PLAIN);
        assertThat(session.dials).isEqualTo(1);
    }

    enum Capture {
        OF_6_1("kata-6.1", "/captures/upcall-6.1.jsonl"),
        OF_6_12("kata-6.12", "/captures/upcall-6.12.jsonl");

        private final String kernel;
        private final String file;

        Capture(String kernel, String file) {
            this.kernel = kernel;
            this.file = file;
        }
    }

    private static byte[] last(VirtualSession session) {
        return session.frames.getLast();
    }

    private static byte[] captured(String file, String label) {
        return CaptureLine.of(file).stream()
                .filter(line -> line.label().equals(label) && line.fromGuest())
                .findFirst()
                .orElseThrow()
                .bytes();
    }

    private static int word(byte[] frame, int offset) {
        return ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN).getInt(offset);
    }

    private static byte[] with(byte[] frame, int offset, int word) {
        byte[] copy = frame.clone();
        ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN).putInt(offset, word);
        return copy;
    }
}
