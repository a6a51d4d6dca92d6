package dev.upcall.client.posix;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SocketFileTest {
    @TempDir
    private Path folder;

    @Test
    void missing() throws IOException {
        assertThat(SocketFile.at(folder.resolve("none"))).isEqualTo(SocketFile.MISSING);
    }

    @Test
    void nobody_behind_the_socket_of_a_process_that_died() throws IOException {
        Path path = folder.resolve("dead");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(path));
        }
        assertThat(path).exists();
        assertThat(SocketFile.at(path)).isEqualTo(SocketFile.NOBODY);
    }

    @Test
    void nobody_behind_an_ordinary_file() throws IOException {
        assertThat(SocketFile.at(Files.createFile(folder.resolve("file")))).isEqualTo(SocketFile.NOBODY);
    }

    @Test
    void somebody_who_listens_and_does_not_notice_the_look() throws IOException {
        Path path = folder.resolve("alive");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(path));
            server.configureBlocking(false);
            assertThat(SocketFile.at(path)).isEqualTo(SocketFile.SOMEBODY);
            assertThat(server.accept()).isNull();
        }
    }
}
