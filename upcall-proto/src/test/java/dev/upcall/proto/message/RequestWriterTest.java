package dev.upcall.proto.message;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.message.Request.AddCpu;
import dev.upcall.proto.message.Request.AddCpuCount;
import dev.upcall.proto.message.Request.AddMmio;
import dev.upcall.proto.message.Request.AddPci;
import dev.upcall.proto.message.Request.DelCpu;
import dev.upcall.proto.message.Request.DelCpuCount;
import dev.upcall.proto.message.Request.DelMmio;
import dev.upcall.proto.message.Request.DelPci;
import dev.upcall.proto.wire.HexFrames;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RequestWriterTest {

    static Stream<Arguments> requestsAndTheirFrames() {
        MmioDevice onSix = MmioDevice.of(0xd0000000L, 0x1000, 6);
        return Stream.of(
                Arguments.of(new AddCpu(ids(1)), "add-cpu-1"),
                Arguments.of(new AddCpu(ids(2, 3)), "add-cpu-2-3"),
                Arguments.of(new AddCpu(ids(1, 2, 3)), "add-cpu-1-2-3"),
                Arguments.of(new DelCpu(ids(3)), "del-cpu-3"),
                Arguments.of(new DelCpu(ids(3, 2)), "del-cpu-3-2"),
                Arguments.of(new DelCpu(new ApicId(77)), "del-cpu-77"),
                Arguments.of(new AddCpuCount(2), "add-cpu-count-2"),
                Arguments.of(new DelCpuCount(1), "del-cpu-count-1"),
                Arguments.of(new AddMmio(onSix), "add-mmio-irq-6"),
                Arguments.of(new AddMmio(MmioDevice.of(0xd0011000L, 0x1000, 5)), "add-mmio-irq-5"),
                Arguments.of(new DelMmio(onSix), "del-mmio-irq-6"),
                Arguments.of(new AddPci(PciFunction.parse("00:02.0")), "add-pci-00-02-0"),
                Arguments.of(new AddPci(PciFunction.parse("05:04.0")), "add-pci-05-04-0"),
                Arguments.of(new DelPci(PciFunction.parse("00:04.0")), "del-pci-00-04-0"));
    }

    @ParameterizedTest
    @MethodSource("requestsAndTheirFrames")
    void a_request_is_written_as_it_was_captured(Request request, String file) {
        assertThat(RequestWriter.toBytes(request)).isEqualTo(HexFrames.frame(file + ".hex"));
    }

    @ParameterizedTest
    @MethodSource("requestsAndTheirFrames")
    void bytes_after_the_load_are_zero_even_when_the_buffer_was_used_before(Request request, String file) {
        byte[] used = new byte[3 * 1024];
        Arrays.fill(used, (byte) 0xFF);

        RequestWriter.write(request, ByteBuffer.wrap(used).order(ByteOrder.LITTLE_ENDIAN), 1000);

        assertThat(Arrays.copyOfRange(used, 1000, 2024)).isEqualTo(HexFrames.frame(file + ".hex"));
        assertThat(Arrays.copyOfRange(used, 0, 1000)).containsOnly(0xFF);
        assertThat(Arrays.copyOfRange(used, 2024, used.length)).containsOnly(0xFF);
    }

    @ParameterizedTest
    @MethodSource("requestsAndTheirFrames")
    void a_direct_buffer_gets_the_same_bytes_and_keeps_its_position(Request request, String file) {
        ByteBuffer direct = ByteBuffer.allocateDirect(1100).position(7).limit(1050);

        RequestWriter.write(request, direct, 8);

        byte[] written = new byte[1024];
        direct.get(8, written);
        assertThat(written).isEqualTo(HexFrames.frame(file + ".hex"));
        assertThat(direct.position()).isEqualTo(7);
        assertThat(direct.limit()).isEqualTo(1050);
    }

    @Test
    void the_largest_batch_fits() {
        byte[] frame = RequestWriter.toBytes(
                new AddCpu(IntStream.range(0, 255).mapToObj(ApicId::new).toList()));

        assertThat(frame[16]).isEqualTo((byte) 255);
        assertThat(frame[18 + 254]).isEqualTo((byte) 254);
        assertThat(frame[18 + 255]).isZero();
    }

    private static List<ApicId> ids(int... values) {
        return IntStream.of(values).mapToObj(ApicId::new).toList();
    }
}
