package dev.upcall.proto.guest;

import static dev.upcall.proto.guest.Cpus.ids;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.upcall.proto.message.MmioDevice;
import dev.upcall.proto.message.PciFunction;
import dev.upcall.proto.message.Request;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class DeadlinesTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    @Test
    void a_cpu_request_has_25_seconds_and_one_more_for_each_further_id() {
        assertThat(reply(new Request.AddCpu(ids(1)))).isEqualTo(Duration.ofSeconds(25));
        assertThat(reply(new Request.DelCpu(ids(3, 2, 1)))).isEqualTo(Duration.ofSeconds(27));
        assertThat(reply(new Request.AddCpuCount(4))).isEqualTo(Duration.ofSeconds(28));
        assertThat(reply(new Request.DelCpuCount(1))).isEqualTo(Duration.ofSeconds(25));
    }

    @Test
    void a_device_request_has_5_or_15_seconds() {
        assertThat(reply(new Request.AddMmio(MmioDevice.of(1, 1, 1)))).isEqualTo(Duration.ofSeconds(15));
        assertThat(reply(new Request.DelMmio(MmioDevice.of(1, 1, 1)))).isEqualTo(Duration.ofSeconds(15));
        assertThat(reply(new Request.AddPci(PciFunction.parse("0:1.0")))).isEqualTo(Duration.ofSeconds(5));
        assertThat(reply(new Request.DelPci(PciFunction.parse("0:1.0")))).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void the_handshake_waits_long_for_ok_and_short_for_connect() {
        assertThat(Deadlines.DEFAULT.okLine()).isEqualTo(Duration.ofSeconds(10));
        assertThat(Deadlines.DEFAULT.connectFrame()).isEqualTo(Duration.ofMillis(2500));
    }

    @Test
    void a_deadline_is_positive() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Deadlines(SECOND, SECOND, Duration.ZERO, SECOND, SECOND, SECOND))
                .withMessageContaining("deadline pci must be positive: PT0S");
    }

    private static Duration reply(Request request) {
        return Duration.ofNanos(Deadlines.DEFAULT.replyNanos(request));
    }
}
