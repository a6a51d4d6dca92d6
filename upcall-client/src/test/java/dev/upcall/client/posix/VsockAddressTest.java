package dev.upcall.client.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The bytes were written by hand from `linux/vm_sockets.h`, for a little-endian machine.
class VsockAddressTest {
    @ParameterizedTest
    @CsvSource({
        "3,          219,        2800 0000 db000000 03000000 00000000",
        "4294967295, 219,        2800 0000 db000000 ffffffff 00000000",
        "1,          4294967294, 2800 0000 feffffff 01000000 00000000",
        "305419896,  19088743,   2800 0000 67452301 78563412 00000000",
    })
    void is_sixteen_bytes(long cid, long port, String hex) {
        assertThat(encoded(new VsockAddress(cid, port))).isEqualTo(hex.replace(" ", ""));
    }

    @Test
    void memory_that_was_used_before_leaves_no_trace() {
        MemorySegment dirty = MemorySegment.ofArray(new long[] {-1, -1});
        MemorySegment address = new VsockAddress(3, 219).encode((_, _) -> dirty);
        assertThat(hex(address)).isEqualTo("28000000db0000000300000000000000");
    }

    @Test
    void what_was_written_is_read() {
        VsockAddress address = new VsockAddress(0xFFFF_FFFEL, 0x8000_0000L);
        try (Arena arena = Arena.ofConfined()) {
            assertThat(VsockAddress.decode(address.encode(arena))).isEqualTo(address);
        }
    }

    @Test
    void another_family_is_refused() {
        byte[] inet = new byte[16];
        inet[0] = 2;
        assertThatThrownBy(() -> VsockAddress.decode(MemorySegment.ofArray(inet)))
                .hasMessageContaining("expected family 40 (AF_VSOCK), found 2");
    }

    @Test
    void a_cut_structure_is_refused() {
        assertThatThrownBy(() -> VsockAddress.decode(MemorySegment.ofArray(new byte[15])))
                .hasMessageContaining("found 15");
    }

    @ParameterizedTest
    @CsvSource({"-1, 219", "4294967296, 219", "3, -1", "3, 4294967296"})
    void only_unsigned_32_bit_numbers_fit(long cid, long port) {
        assertThatThrownBy(() -> new VsockAddress(cid, port)).isInstanceOf(IllegalArgumentException.class);
    }

    private static String encoded(VsockAddress address) {
        try (Arena arena = Arena.ofConfined()) {
            return hex(address.encode(arena));
        }
    }

    private static String hex(MemorySegment bytes) {
        return HexFormat.of().formatHex(bytes.toArray(ValueLayout.JAVA_BYTE));
    }
}
