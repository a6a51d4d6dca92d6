package dev.upcall.proto.vsock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MultiplexerTest {

    private final Stage stage = Stage.set();

    @Test
    void a_host_program_is_told_ok_only_when_the_guest_has_accepted() {
        Connection c = stage.mux.connect(Stage.PORT, 0).orElseThrow();
        assertThat(stage.packets()).containsExactly("REQUEST");
        assertThat(stage.header.toString())
                .isEqualTo("REQUEST 2:1073741824 → 3:219 len=0 type=1 flags=0x0 buf_alloc=65536 fwd_cnt=0");
        assertThat(stage.ordered()).isEmpty();

        stage.says(c, PacketOp.RESPONSE);

        assertThat(stage.ordered()).containsExactly("OK", "read");
    }

    @Test
    void bytes_behind_the_connect_line_are_kept_and_sent_once_the_guest_accepted() {
        Connection c = stage.connecting();
        stage.hostWrites(c, 1025);
        assertThat(stage.packets()).isEmpty();

        stage.says(c, PacketOp.RESPONSE);

        assertThat(stage.packets()).containsExactly("RW 1025");
    }

    @Test
    void guest_ports_are_unsigned() {
        Connection c = stage.mux.connect((int) 4045906753L, 0).orElseThrow();
        stage.packets();
        stage.says(c, PacketOp.RESPONSE);

        assertThat(c.state()).isEqualTo(StreamState.OPEN);
        assertThat(c.toString()).startsWith("stream 1073741824:4045906753, OPEN");
    }

    @Test
    void host_ports_count_up_from_2_to_the_30_and_none_is_used_again_soon() {
        Set<Integer> ports = new HashSet<>();
        for (int i = 0; i < 5_000; i++) {
            Connection c = stage.connecting();
            ports.add(c.hostPort());
            stage.says(c, PacketOp.RST);
        }
        assertThat(ports).hasSize(5_000).contains(1 << 30, (1 << 30) + 4_999);
    }

    @Test
    void a_late_second_rst_hits_nobody() {
        Connection old = stage.closing();
        stage.says(old, PacketOp.RST);
        assertThat(stage.ordered()).containsExactly("FINISHED");
        Connection fresh = stage.open();

        stage.says(old, PacketOp.RST);

        assertThat(stage.ordered()).isEmpty();
        assertThat(stage.packets()).isEmpty();
        assertThat(fresh.state()).isEqualTo(StreamState.OPEN);
    }

    @Test
    void a_frame_of_1024_bytes_goes_into_one_packet_also_when_the_guest_has_room_for_a_part() {
        Connection c = stage.open();
        stage.guestAllowance = 1500;
        stage.says(c, PacketOp.CREDIT_UPDATE);
        assertThat(stage.hostWrites(c, 1024).packets()).containsExactly("RW 1024");
        assertThat(stage.hostWrites(c, 1024).packets()).containsExactly("CREDIT_REQUEST");
        stage.guestForwarded = 500;
        stage.says(c, PacketOp.CREDIT_UPDATE);
        assertThat(stage.packets()).isEmpty();
        stage.guestForwarded = 1024;
        stage.says(c, PacketOp.CREDIT_UPDATE);
        assertThat(stage.packets()).containsExactly("RW 1024");
    }

    @Test
    void a_guest_with_a_buffer_smaller_than_a_frame_gets_its_parts() {
        Connection c = stage.open();
        stage.guestAllowance = 256;
        stage.says(c, PacketOp.CREDIT_UPDATE);

        assertThat(stage.hostWrites(c, 1024).packets()).containsExactly("RW 256", "CREDIT_REQUEST");
    }

    @Test
    void the_parts_of_what_was_read_at_once_follow_each_other() {
        Connection a = stage.open();
        Connection b = stage.open();
        stage.hostWrites(a, 10_000).hostWrites(b, 1024);

        assertThat(stage.packets()).containsExactly("RW 3732", "RW 3732", "RW 2536", "RW 1024");
    }

    @Test
    void never_more_is_sent_than_the_guest_has_room_for() {
        Connection c = stage.open();
        stage.guestAllowance = 5_000;
        stage.says(c, PacketOp.CREDIT_UPDATE);
        stage.hostWrites(c, 60_000);
        assertThat(stage.packets()).containsExactly("RW 3732", "RW 1268", "CREDIT_REQUEST");
        stage.guestForwarded = 5_000;
        stage.says(c, PacketOp.CREDIT_UPDATE);
        assertThat(stage.packets()).containsExactly("RW 3732", "RW 1268", "CREDIT_REQUEST");
    }

    @Test
    void a_slow_guest_stops_the_host_from_being_read() {
        Connection c = stage.open();
        stage.guestAllowance = 0;
        stage.says(c, PacketOp.CREDIT_UPDATE);
        stage.hostWrites(c, 64 * 1024);
        assertThat(stage.ordered()).containsExactly("pause");
        assertThat(c.readLimit()).isZero();
        assertThatThrownBy(() -> stage.mux.hostBytes(c, 1)).hasMessage("1 bytes read of at most 0");

        stage.guestAllowance = 262_144;
        stage.says(c, PacketOp.CREDIT_UPDATE);
        stage.packets();

        assertThat(stage.ordered()).containsExactly("read");
    }

    @Test
    void a_slow_host_reader_stops_the_guest_by_credit_and_is_told_of_when_it_reads() {
        Connection c = stage.open();
        assertThat(stage.sends(c, 64 * 1024)).isEqualTo(64 * 1024);
        assertThat(stage.packets()).isEmpty();
        stage.mux.hostTook(c, 1000);
        assertThat(stage.packets()).containsExactly("CREDIT_UPDATE");
        assertThat(stage.header.fwdCnt()).isEqualTo(1000);
        stage.mux.hostTook(c, 64 * 1024 - 1000);
        assertThat(stage.packets()).containsExactly("CREDIT_UPDATE");
        assertThat(stage.header.fwdCnt()).isEqualTo(64 * 1024);
    }

    @Test
    void a_guest_that_sends_more_than_it_may_loses_that_stream_alone() {
        Connection good = stage.open();
        Connection bad = stage.open();
        stage.sends(bad, 64 * 1024);

        assertThat(stage.sends(bad, 1)).isZero();

        assertThat(stage.ordered()).containsExactly("MISBEHAVED");
        assertThat(stage.packets()).containsExactly("RST");
        assertThat(bad.detail()).isEqualTo("1 bytes, 65536 held, and 65536 allowed");
        assertThat(stage.sends(good, 1024)).isEqualTo(1024);
    }

    @Test
    void a_len_beyond_the_chain_ends_that_stream() {
        Connection c = stage.open();
        assertThat(stage.says(c, PacketOp.RW.code(), 0, -1, 100)).isZero();
        assertThat(c.detail()).isEqualTo("len 4294967295 in a chain with 100 bytes");
        assertThat(stage.packets()).containsExactly("RST");
    }

    @Test
    void a_guest_connect_where_nobody_listens_is_reset() {
        Connection c = stage.dialling();
        stage.mux.dialRefused(c);
        assertThat(stage.packets()).containsExactly("RST");
        assertThat(stage.header.srcPort()).isEqualTo(52);
        assertThat(stage.header.dstPort()).isEqualTo(1000);
        assertThat(stage.mux.size()).isZero();
    }

    @Test
    void a_client_that_closes_before_ok_leaves_nothing_behind() {
        Connection unsent = stage.mux.connect(1, 0).orElseThrow();
        stage.mux.hostGone(unsent, 0);
        assertThat(stage.packets()).isEmpty();

        Connection sent = stage.connecting();
        stage.mux.hostGone(sent, 0);
        assertThat(stage.packets()).containsExactly("RST");
        stage.says(sent, PacketOp.RESPONSE);
        assertThat(stage.packets()).containsExactly("RST");
        assertThat(stage.ordered()).containsExactly("HOST_HASTY", "UNKNOWN_STREAM");
        assertThat(stage.mux.size()).isZero();
    }

    @Test
    void a_connect_while_the_guests_driver_is_not_up_waits_and_then_closes() {
        stage.mux.ringsStopped();
        assertThat(stage.mux.connect(Stage.PORT, 0)).isPresent();
        assertThat(stage.packets()).isEmpty();
        stage.passes(Duration.ofMillis(1_999));
        assertThat(stage.ordered()).isEmpty();
        stage.passes(Duration.ofMillis(1));
        assertThat(stage.ordered()).containsExactly("GUEST_NOT_READY");
        assertThat(stage.mux.nextDeadline()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void a_connect_that_waits_goes_on_when_the_driver_comes_up() {
        stage.mux.ringsStopped();
        assertThat(stage.mux.connect(Stage.PORT, 0)).isPresent();
        stage.passes(Duration.ofSeconds(1));
        stage.mux.forgetStreams();
        stage.mux.ringsStarted();
        assertThat(stage.packets()).containsExactly("REQUEST");
        stage.passes(Duration.ofMillis(4_999));
        assertThat(stage.ordered()).isEmpty();
        stage.passes(Duration.ofMillis(1));
        assertThat(stage.ordered()).containsExactly("GUEST_SILENT");
        assertThat(stage.packets()).containsExactly("RST");
    }

    @Test
    void stop_and_cont_keep_the_streams_and_what_is_owed() {
        Connection c = stage.open();
        stage.mux.ringsStopped();
        stage.hostWrites(c, 1024);
        assertThat(stage.packets()).isEmpty();
        stage.passes(Duration.ofHours(1));
        stage.mux.ringsStarted();

        assertThat(stage.packets()).containsExactly("RW 1024");
    }

    @Test
    void a_guest_that_was_reset_has_forgotten_every_stream() {
        stage.open();
        stage.dialling();
        Connection gone = stage.connecting();
        stage.mux.hostGone(gone, 0);
        stage.mux.ringsStopped();
        stage.ordered();

        stage.mux.forgetStreams();
        stage.mux.ringsStarted();

        assertThat(stage.ordered()).containsExactly("GUEST_FORGOT", "GUEST_FORGOT");
        assertThat(stage.packets()).isEmpty();
        assertThat(stage.mux.size()).isZero();
    }

    @Test
    void what_the_host_wrote_before_it_closed_still_reaches_the_guest() {
        Connection c = stage.open();
        stage.hostWrites(c, 5_000);
        stage.mux.hostEnded(c, 0);
        stage.mux.hostGone(c, 0);

        assertThat(stage.packets()).containsExactly("RW 3732", "RW 1268", "SHUTDOWN 3");
    }

    @Test
    void a_host_that_closes_in_the_middle_of_a_download_leaves_no_stream() {
        Connection c = stage.open();
        stage.sends(c, 60_000);
        stage.mux.hostGone(c, 0);
        assertThat(stage.packets()).containsExactly("SHUTDOWN 3");
        assertThat(stage.header.fwdCnt())
                .as("what the host did not take is passed on")
                .isEqualTo(60_000);

        // The guest was writing when the SHUTDOWN came: it must get rid of its bytes to see it.
        assertThat(stage.sends(c, 60_000)).isZero();
        assertThat(stage.packets()).containsExactly("CREDIT_UPDATE");
        assertThat(stage.header.fwdCnt()).isEqualTo(120_000);
        stage.ordered();
        stage.says(c, PacketOp.RST);

        assertThat(stage.ordered()).containsExactly("FINISHED");
        assertThat(stage.mux.size()).isZero();
    }

    @Test
    void a_host_that_ends_before_ok_has_its_bytes_and_its_end_sent_behind_it() {
        Connection c = stage.connecting();
        stage.hostWrites(c, 1024);
        stage.mux.hostEnded(c, 0);
        assertThat(stage.packets()).isEmpty();

        stage.says(c, PacketOp.RESPONSE);

        assertThat(stage.ordered()).containsExactly("OK");
        assertThat(stage.packets()).containsExactly("RW 1024", "SHUTDOWN 2");
        assertThat(stage.sends(c, 5)).isEqualTo(5);
    }

    @Test
    void a_guest_that_reads_slowly_but_reads_is_not_given_up() {
        Connection c = stage.open();
        stage.hostWrites(c, 5_000);
        stage.packets();
        stage.mux.hostGone(c, 0);
        stage.packets();
        stage.ordered();
        for (int i = 1; i <= 10; i++) {
            stage.passes(Duration.ofSeconds(50));
            stage.guestForwarded = 400 * i;
            stage.says(c, PacketOp.CREDIT_UPDATE);
            stage.packets();
        }
        assertThat(stage.ordered()).isEmpty();
        assertThat(c.state()).isEqualTo(StreamState.CLOSING);
    }

    @Test
    void a_guest_that_has_not_read_everything_gets_more_time_than_one_that_has() {
        Connection c = stage.open();
        stage.hostWrites(c, 5_000);
        stage.packets();
        stage.mux.hostGone(c, 0);
        assertThat(stage.packets()).containsExactly("SHUTDOWN 3");
        stage.passes(Duration.ofSeconds(2));
        assertThat(stage.packets()).containsExactly("CREDIT_REQUEST");
        stage.guestForwarded = 5_000;
        stage.says(c, PacketOp.CREDIT_UPDATE);
        stage.ordered();
        stage.passes(Duration.ofSeconds(2));
        assertThat(stage.ordered()).containsExactly("NOT_CONFIRMED");
        assertThat(stage.packets()).containsExactly("RST");
    }

    @Test
    void a_guest_that_never_reads_is_given_up() {
        Connection c = stage.open();
        stage.hostWrites(c, 5_000);
        stage.packets();
        stage.mux.hostGone(c, 0);
        stage.packets();
        for (int i = 0; i < 29; i++) {
            stage.passes(Duration.ofSeconds(2));
            assertThat(stage.packets()).containsExactly("CREDIT_REQUEST");
        }
        stage.ordered();
        stage.passes(Duration.ofSeconds(2));
        assertThat(stage.ordered()).containsExactly("LINGERED");
        assertThat(stage.mux.size()).isZero();
    }

    @Test
    void half_close_goes_both_ways() {
        Connection c = stage.open();
        stage.mux.hostEnded(c, 0);
        assertThat(stage.packets()).containsExactly("SHUTDOWN 2");
        assertThat(stage.sends(c, 1024)).isEqualTo(1024);
        stage.ordered();
        stage.shutsDown(c, 2);
        assertThat(stage.ordered()).containsExactly("end host");
        assertThat(stage.packets()).containsExactly("SHUTDOWN 3");
        stage.says(c, PacketOp.RST);
        assertThat(stage.ordered()).containsExactly("FINISHED");

        Connection d = stage.guestEnded();
        stage.hostWrites(d, 100);
        assertThat(stage.packets()).containsExactly("RW 100");
        stage.mux.hostEnded(d, 0);
        assertThat(stage.packets()).containsExactly("SHUTDOWN 3");
    }

    @Test
    void a_guest_that_closes_both_halves_one_by_one_is_answered_like_one_that_closes() {
        Connection c = stage.open();
        stage.shutsDown(c, 1);
        stage.shutsDown(c, 2);
        assertThat(stage.packets()).containsExactly("RST");
        assertThat(stage.ordered()).containsExactly("refuse host", "GUEST_CLOSED");
    }

    @Test
    void packets_with_a_wrong_cid_or_type_are_reset_from_where_they_went() {
        PacketHeader h = stage.header;
        stage.arrives(h.from(4, 1000).to(2, 52).says(1, 1, 0, 0), 0);
        assertThat(stage.packets()).containsExactly("RST");
        assertThat(h.toString()).startsWith("RST 2:52 → 3:1000");
        stage.arrives(h.from(3, 1000).to(77, 52).says(1, 1, 0, 0), 0);
        assertThat(stage.packets()).containsExactly("RST");
        assertThat(h.toString()).startsWith("RST 77:52 → 3:1000");
        stage.arrives(h.from(3, 1000).to(2, 52).says(2, 1, 0, 0), 0);
        assertThat(stage.packets()).containsExactly("RST");
        assertThat(h.type()).isEqualTo(2);
        stage.arrives(h.from(3L << 32 | 3, 1000).to(2, 52).says(1, 3, 0, 0), 0);
        assertThat(stage.packets()).isEmpty();
        assertThat(stage.ordered()).containsExactly("WRONG_CID", "WRONG_CID", "WRONG_TYPE");
    }

    @Test
    void streams_are_limited_in_both_directions() {
        List<Connection> all = new ArrayList<>();
        for (int i = 0; i < 1023; i++) {
            if (i % 2 == 0) {
                all.add(stage.mux.connect(i, 0).orElseThrow());
            } else {
                stage.guestSays(PacketOp.REQUEST, 52, i);
            }
        }
        stage.packets();
        stage.ordered();
        assertThat(stage.mux.connect(5000, 0)).isEmpty();
        stage.guestSays(PacketOp.REQUEST, 52, 5000);
        assertThat(stage.packets()).containsExactly("RST");
        assertThat(stage.ordered()).containsExactly("STREAMS_FULL");
        stage.says(all.getFirst(), PacketOp.RST);
        assertThat(stage.mux.connect(5000, 0)).isPresent();
    }

    @Test
    void a_flood_of_requests_and_of_nonsense_is_bounded() {
        for (int i = 0; i < 100_000; i++) {
            stage.guestSays(i % 2 == 0 ? PacketOp.REQUEST : PacketOp.RW, 52, i);
            stage.orders.clear();
        }
        assertThat(stage.mux.size()).isEqualTo(1023);
        assertThat(stage.mux.droppedResets()).isGreaterThan(90_000);
        assertThat(stage.packets(3732, 5_000)).hasSize(1024).containsOnly("RST");
    }

    @Test
    void a_guest_that_asks_for_credit_gets_it_once_however_often_it_asks() {
        Connection c = stage.open();
        for (int i = 0; i < 100; i++) {
            stage.says(c, PacketOp.CREDIT_REQUEST);
        }
        assertThat(stage.packets()).containsExactly("CREDIT_UPDATE");
    }

    @Test
    void facts_about_a_stream_that_is_over_change_nothing() {
        Connection c = stage.open();
        stage.sends(c, 100);
        stage.says(c, PacketOp.RST);
        stage.ordered();

        stage.mux.hostTook(c, 100);
        stage.mux.hostBytes(c, 100);
        stage.mux.hostEnded(c, 0);
        stage.mux.hostGone(c, 0);
        stage.mux.dialled(c);
        stage.mux.dialRefused(c);

        assertThat(stage.ordered()).isEmpty();
        assertThat(stage.packets()).isEmpty();
    }

    @Test
    void an_order_that_reports_at_once_is_told_so() {
        Stage hasty = new Stage(VsockRules.of(3)) {
            @Override
            public void dial(Connection connection) {
                mux.dialled(connection);
            }
        };

        assertThatThrownBy(() -> hasty.guestSays(PacketOp.REQUEST, 52, 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("report it afterwards");
    }

    @Test
    void closing_the_device_ends_every_stream() {
        stage.open();
        assertThat(stage.mux.connect(5, 0)).isPresent();
        stage.ordered();
        stage.mux.close();
        assertThat(stage.ordered()).containsExactly("DEVICE_CLOSED", "DEVICE_CLOSED");
        assertThat(stage.packets()).isEmpty();
    }
}
