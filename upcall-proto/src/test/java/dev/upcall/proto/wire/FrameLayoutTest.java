package dev.upcall.proto.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class FrameLayoutTest {

    @Test
    void a_frame_is_1024_bytes_and_its_magic_is_the_shipped_kernels() {
        assertThat(FrameLayout.FRAME_BYTES).isEqualTo(1024);
        assertThat(FrameLayout.MAGIC).isEqualTo(0x444D0100);
    }

    @Test
    void the_header_is_four_words() {
        assertThat(FrameLayout.MAGIC_OFFSET).isEqualTo(0);
        assertThat(FrameLayout.MSG_SIZE_OFFSET).isEqualTo(4);
        assertThat(FrameLayout.MSG_TYPE_OFFSET).isEqualTo(8);
        assertThat(FrameLayout.MSG_FLAGS_OFFSET).isEqualTo(12);
        assertThat(FrameLayout.HEADER_BYTES).isEqualTo(16);
    }

    @Test
    void a_requests_load_starts_where_a_reply_carries_its_result() {
        assertThat(FrameLayout.REQUEST_LOAD_OFFSET).isEqualTo(16);
        assertThat(FrameLayout.REQUEST_LOAD_BYTES_MAX).isEqualTo(1008);
        assertThat(FrameLayout.RESULT_OFFSET).isEqualTo(16);
        assertThat(FrameLayout.REPLY_LOAD_OFFSET).isEqualTo(20);
        assertThat(FrameLayout.REPLY_LOAD_BYTES_MAX).isEqualTo(1004);
    }

    @Test
    void the_loads_are_as_long_as_the_kernels_structures() {
        assertThat(FrameLayout.CPU_LOAD_BYTES).isEqualTo(258);
        assertThat(FrameLayout.ARM_CPU_LOAD_BYTES).isEqualTo(1);
        assertThat(FrameLayout.MMIO_LOAD_BYTES).isEqualTo(24);
        assertThat(FrameLayout.PCI_LOAD_BYTES).isEqualTo(2);
        assertThat(FrameLayout.CPU_REPLY_LOAD_BYTES).isEqualTo(4);
    }

    @Test
    void the_fields_of_the_loads_are_where_the_kernels_look() {
        assertThat(FrameLayout.CPU_COUNT_OFFSET).isEqualTo(16);
        assertThat(FrameLayout.CPU_APIC_VERSION_OFFSET).isEqualTo(17);
        assertThat(FrameLayout.CPU_APIC_IDS_OFFSET).isEqualTo(18);
        assertThat(FrameLayout.CPU_APIC_IDS_BYTES).isEqualTo(256);
        assertThat(FrameLayout.MMIO_BASE_OFFSET).isEqualTo(16);
        assertThat(FrameLayout.MMIO_SIZE_OFFSET).isEqualTo(24);
        assertThat(FrameLayout.MMIO_IRQ_OFFSET).isEqualTo(32);
        assertThat(FrameLayout.PCI_BUS_OFFSET).isEqualTo(16);
        assertThat(FrameLayout.PCI_DEVFN_OFFSET).isEqualTo(17);
    }

    @Test
    void numbers_are_little_endian_whatever_order_the_buffer_has() {
        for (ByteOrder order : new ByteOrder[] {ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN}) {
            ByteBuffer buffer = ByteBuffer.allocate(16).order(order);
            FrameLayout.writeInt(buffer, 1, 0x01020304);
            FrameLayout.writeLong(buffer, 6, 0x1112131415161718L);

            assertThat(buffer.array())
                    .containsExactly(0, 4, 3, 2, 1, 0, 0x18, 0x17, 0x16, 0x15, 0x14, 0x13, 0x12, 0x11, 0, 0);
            assertThat(FrameLayout.readInt(buffer, 1)).isEqualTo(0x01020304);
            assertThat(FrameLayout.readLong(buffer, 6)).isEqualTo(0x1112131415161718L);
            assertThat(buffer.order()).isEqualTo(order);
            assertThat(buffer.position()).isZero();
        }
    }

    @Test
    void writing_a_header_clears_the_whole_frame_and_nothing_around_it() {
        byte[] used = new byte[3000];
        Arrays.fill(used, (byte) 0xA5);

        FrameLayout.writeHeader(ByteBuffer.wrap(used), 777, 5, 24, 0);

        assertThat(Arrays.copyOfRange(used, 0, 777)).containsOnly(0xA5);
        assertThat(Arrays.copyOfRange(used, 777, 777 + 16))
                .containsExactly(0x00, 0x01, 0x4D, 0x44, 24, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0);
        assertThat(Arrays.copyOfRange(used, 777 + 16, 777 + 1024)).containsOnly(0);
        assertThat(Arrays.copyOfRange(used, 777 + 1024, 3000)).containsOnly(0xA5);
    }
}
