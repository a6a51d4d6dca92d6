package dev.upcall.proto.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.wire.FrameHeader;
import org.junit.jupiter.api.Test;

class DialectTest {

    @Test
    void a_connect_frame_is_of_the_shipped_kernels() {
        assertThat(Dialect.ofFirstFrame(new FrameHeader(0x444D0100, 0, 0, 0))).isEqualTo(Dialect.SHIPPED);
    }

    @Test
    void the_dialect_of_2021_is_known_by_its_ok_or_error() {
        assertThat(Dialect.ofFirstFrame(new FrameHeader(0x444D0100, 0, 0xdbe00000, 0)))
                .isEqualTo(Dialect.OF_2021);
        assertThat(Dialect.ofFirstFrame(new FrameHeader(0x444D0100, 0, 0xdbf00000, 0)))
                .isEqualTo(Dialect.OF_2021);
    }

    @Test
    void anything_else_is_unknown() {
        assertThat(Dialect.ofFirstFrame(new FrameHeader(0x444D0100, 0, 7, 0))).isEqualTo(Dialect.UNKNOWN);
        assertThat(Dialect.ofFirstFrame(new FrameHeader(0x444D0200, 0, 0, 0))).isEqualTo(Dialect.UNKNOWN);
    }
}
