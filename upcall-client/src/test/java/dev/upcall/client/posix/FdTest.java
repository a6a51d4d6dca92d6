package dev.upcall.client.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class FdTest {
    @Test
    void closes_its_number_once_and_refuses_it_afterwards() throws PosixException {
        Fd fd = StreamSocket.open(UnixAddress.FAMILY);
        int number = fd.number();
        assertThat(Files.exists(Path.of("/proc/self/fd/" + number), LinkOption.NOFOLLOW_LINKS))
                .isTrue();
        fd.close();
        fd.close();
        assertThat(fd.isOpen()).isFalse();
        assertThatThrownBy(fd::number).hasMessageContaining("closed or given away");
    }

    @Test
    void what_was_given_away_is_not_closed_here() throws PosixException {
        Fd fd = StreamSocket.open(UnixAddress.FAMILY);
        int number = fd.release();
        fd.close();
        try (Fd mine = Fd.owning(number)) {
            assertThat(Libc.listen(mine.number(), 1)).isEqualTo(-new Errno(22).number()); // EINVAL: open, unbound
        }
    }

    @Test
    void a_number_is_given_away_once() throws PosixException {
        Fd fd = StreamSocket.open(UnixAddress.FAMILY);
        Fd mine = Fd.owning(fd.release());
        assertThatThrownBy(fd::release).isInstanceOf(IllegalStateException.class);
        mine.close();
    }

    @Test
    void a_negative_number_is_none() {
        assertThatThrownBy(() -> Fd.owning(-1)).hasMessageContaining("-1");
    }
}
