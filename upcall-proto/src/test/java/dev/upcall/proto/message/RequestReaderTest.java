package dev.upcall.proto.message;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.wire.FrameHeader;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class RequestReaderTest {

    @Test
    void what_the_writer_wrote_is_read_again() {
        for (Request request : List.of(
                new Request.AddCpu(List.of(new ApicId(3), new ApicId(254))),
                new Request.DelCpu(new ApicId(7)),
                new Request.AddMmio(MmioDevice.of(0xFFFF_FFFF_0000_0000L, 0x1000, 9)),
                new Request.DelMmio(MmioDevice.of(0x1000, 1, 5)),
                new Request.AddPci(new PciFunction(255, 31, 7)),
                new Request.DelPci(new PciFunction(0, 1, 0)))) {
            assertThat(reread(request, false)).isEqualTo(new RequestReader.Whole(request));
        }
        assertThat(reread(new Request.AddCpuCount(255), true))
                .isEqualTo(new RequestReader.Whole(new Request.AddCpuCount(255)));
        assertThat(reread(new Request.DelCpuCount(1), true))
                .isEqualTo(new RequestReader.Whole(new Request.DelCpuCount(1)));
    }

    @Test
    void a_type_without_an_operation_is_no_such_operation() {
        for (int type : new int[] {0, 3, 4, 9, 0x104, -1}) {
            assertThat(RequestReader.read(type, new byte[24], false))
                    .isEqualTo(new RequestReader.NoSuchOperation(type));
        }
    }

    @Test
    void a_load_of_another_length_is_invalid() {
        for (int length : new int[] {0, 23, 25}) {
            assertThat(RequestReader.read(5, new byte[length], false))
                    .isEqualTo(new RequestReader.Invalid("ADD_MMIO load must be 24 bytes: " + length));
        }
        assertThat(RequestReader.read(1, new byte[1], false)).isInstanceOf(RequestReader.Invalid.class);
        assertThat(RequestReader.read(1, new byte[258], true)).isInstanceOf(RequestReader.Invalid.class);
    }

    @Test
    void what_would_crash_a_stock_kernel_is_invalid() {
        assertThat(cpus(0)).isInstanceOf(RequestReader.Invalid.class);
        assertThat(cpus(2, 5, 5)).isInstanceOf(RequestReader.Invalid.class);
        assertThat(cpus(1, 255)).isInstanceOf(RequestReader.Invalid.class);
        assertThat(RequestReader.read(6, new byte[24], false)).isInstanceOf(RequestReader.Invalid.class);
    }

    private static RequestReader.Read cpus(int count, int... ids) {
        byte[] load = new byte[258];
        load[0] = (byte) count;
        for (int i = 0; i < ids.length; i++) {
            load[2 + i] = (byte) ids[i];
        }
        return RequestReader.read(2, load, false);
    }

    private static RequestReader.Read reread(Request request, boolean counted) {
        byte[] frame = RequestWriter.toBytes(request);
        FrameHeader header = FrameHeader.read(ByteBuffer.wrap(frame), 0);
        return RequestReader.read(header.msgType(), Arrays.copyOfRange(frame, 16, 16 + header.msgSize()), counted);
    }
}
