package dev.upcall.client.bridge.vhost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upcall.client.bridge.Peer;
import dev.upcall.proto.vsock.CloseReason;
import dev.upcall.proto.vsock.PacketHeader;
import dev.upcall.proto.vsock.PacketOp;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Every case in which vhost-device-vsock 0.3.0 was seen to hang, spin, leak or lose bytes
/// (`vhost-user-vsock` 5). Too few descriptors are in [VsockBridgeTest].
@Timeout(120)
class WhatBreaksOthersTest {
    private static final int PORT = 219;
    private static final int BOTH = 3;

    @TempDir
    private Path folder;

    private Bridged bridged;
    private FakeVm vm;

    @BeforeEach
    void a_guest_is_up() throws IOException {
        bridged = new Bridged(folder);
        vm = bridged.vm();
    }

    @AfterEach
    void the_device_still_serves() throws IOException {
        bridged.opens(vm, bridged.dial(), 4711);
        bridged.close();
    }

    @Test
    void a_client_closes_after_connect_and_before_ok() throws IOException {
        Peer hasty = bridged.dial();
        hasty.write("CONNECT 219\n");
        PacketHeader request = vm.hears(PacketOp.REQUEST);
        int port = request.srcPort();
        hasty.close();
        assertThat(vm.hears(PacketOp.RST).srcPort()).isEqualTo(port);
        assertThat(bridged.ends.next().reason()).isEqualTo(CloseReason.HOST_HASTY);
        vm.says(PacketOp.RESPONSE, PORT, port, 0); // the guest had answered already
        assertThat(vm.hears(PacketOp.RST).srcPort()).isEqualTo(port);
    }

    @Test
    void a_client_connects_and_closes_without_a_word() throws IOException {
        for (int i = 0; i < 100; i++) {
            Peer.dial(bridged.hybrid).close();
        }
        bridged.opens(vm, bridged.dial(), PORT);
        assertThat(bridged.bridge.streams()).isOne();
    }

    @Test
    void a_client_writes_while_the_vm_is_stopped() throws IOException {
        Peer host = bridged.dial();
        bridged.opens(vm, host, PORT);
        int[] bases = vm.stop();
        host.write("while you slept");
        vm.start(bases[0], bases[1]);
        vm.hears(PacketOp.RW);
        assertThat(new String(vm.data(), StandardCharsets.US_ASCII)).isEqualTo("while you slept");
    }

    @Test
    void a_client_connects_while_the_vm_is_stopped() throws IOException {
        int[] bases = vm.stop();
        Peer host = bridged.dial();
        host.write("CONNECT 219\n");
        vm.start(bases[0], bases[1]);
        PacketHeader request = vm.hears(PacketOp.REQUEST);
        vm.says(PacketOp.RESPONSE, PORT, request.srcPort(), 0);
        host.readOk();
    }

    @Test
    void a_client_connects_while_the_guest_reboots() throws IOException {
        bridged.opens(vm, bridged.dial(), PORT);
        vm.resetGuest();
        Peer host = bridged.dial();
        host.write("CONNECT 219\n");
        vm.start(0, 0);
        PacketHeader request = vm.hears(PacketOp.REQUEST);
        vm.says(PacketOp.RESPONSE, PORT, request.srcPort(), 0);
        host.readOk();
    }

    @Test
    void a_client_closes_with_unread_data() throws IOException {
        Peer host = bridged.dial();
        int port = bridged.opens(vm, host, PORT);
        vm.saysData(PORT, port, new byte[1000]);
        host.read(1); // it has arrived; 999 bytes stay unread
        host.close();
        PacketHeader shutdown = vm.hears(PacketOp.SHUTDOWN);
        assertThat(shutdown.flags()).isEqualTo(BOTH);
        vm.says(PacketOp.RST, PORT, port, 0);
        assertThat(bridged.ends.next().reason()).isEqualTo(CloseReason.FINISHED);
        assertThat(bridged.bridge.streams()).isZero();
    }

    @Test
    void a_client_closes_in_the_middle_of_a_download() throws IOException {
        Peer host = bridged.dial();
        int port = bridged.opens(vm, host, PORT);
        for (int i = 0; i < 4; i++) {
            vm.saysData(PORT, port, new byte[16 * 1024]);
        }
        host.read(20_000);
        host.close();
        PacketHeader heard = vm.hears();
        while (heard.op() == PacketOp.CREDIT_UPDATE.code()) {
            heard = vm.hears();
        }
        assertThat(heard.op()).isEqualTo(PacketOp.SHUTDOWN.code());
        vm.says(PacketOp.RST, PORT, port, 0);
        vm.says(PacketOp.RST, PORT, port, 0); // as Linux does, often twice
        assertThat(bridged.ends.next().reason()).isEqualTo(CloseReason.FINISHED);
        assertThat(bridged.bridge.streams()).isZero();
    }

    @Test
    void bytes_behind_connect_are_kept() throws IOException {
        Peer host = bridged.dial();
        host.write("CONNECT 219\nright behind");
        PacketHeader request = vm.hears(PacketOp.REQUEST);
        vm.says(PacketOp.RESPONSE, PORT, request.srcPort(), 0);
        vm.hears(PacketOp.RW);
        assertThat(new String(vm.data(), StandardCharsets.US_ASCII)).isEqualTo("right behind");
        host.readOk();
    }

    @Test
    void a_connect_line_comes_in_pieces() throws IOException {
        Peer host = bridged.dial();
        for (char piece : "Connect 219".toCharArray()) {
            host.write(String.valueOf(piece));
            assertThat(bridged.bridge.streams()).isZero();
        }
        host.write("\nand more");
        PacketHeader request = vm.hears(PacketOp.REQUEST);
        vm.says(PacketOp.RESPONSE, PORT, request.srcPort(), 0);
        host.readOk();
        vm.hears(PacketOp.RW);
        assertThat(new String(vm.data(), StandardCharsets.US_ASCII)).isEqualTo("and more");
    }

    @Test
    void the_host_ends_and_still_receives() throws IOException {
        Peer host = bridged.dial();
        int port = bridged.opens(vm, host, PORT);
        host.write("question");
        host.end();
        vm.hears(PacketOp.RW);
        assertThat(vm.hears(PacketOp.SHUTDOWN).flags()).isEqualTo(PacketHeader.NO_MORE_SEND);
        vm.saysData(PORT, port, "answer".getBytes(StandardCharsets.US_ASCII));
        assertThat(host.read(6)).isEqualTo("answer");
        vm.says(PacketOp.SHUTDOWN, PORT, port, BOTH);
        vm.hears(PacketOp.RST);
        assertThat(host.readToEnd()).isEmpty();
    }

    @Test
    void the_guest_ends_and_still_receives() throws IOException {
        Peer host = bridged.dial();
        int port = bridged.opens(vm, host, PORT);
        vm.saysData(PORT, port, "question".getBytes(StandardCharsets.US_ASCII));
        vm.says(PacketOp.SHUTDOWN, PORT, port, PacketHeader.NO_MORE_SEND);
        assertThat(host.readToEnd()).isEqualTo("question");
        host.write("answer");
        vm.hears(PacketOp.RW);
        assertThat(new String(vm.data(), StandardCharsets.US_ASCII)).isEqualTo("answer");
        host.close();
        assertThat(vm.hears(PacketOp.SHUTDOWN).flags()).isEqualTo(BOTH);
    }

    @Test
    void a_guest_that_receives_no_more_stops_the_hosts_writer() throws IOException {
        Peer host = bridged.dial();
        int port = bridged.opens(vm, host, PORT);
        vm.says(PacketOp.SHUTDOWN, PORT, port, PacketHeader.NO_MORE_RECEIVE);
        vm.saysData(PORT, port, "no more".getBytes(StandardCharsets.US_ASCII));
        assertThat(host.read(7)).isEqualTo("no more");
        assertThatThrownBy(() -> host.write(new byte[4096])).isInstanceOf(IOException.class);
    }

    @Test
    void a_guest_calls_where_nobody_listens() throws IOException {
        vm.says(PacketOp.REQUEST, 77, 5000, 0);
        PacketHeader answer = vm.hears(PacketOp.RST);
        assertThat(answer.srcPort()).isEqualTo(5000);
        assertThat(answer.dstPort()).isEqualTo(77);
        assertThat(bridged.ends.next().reason()).isEqualTo(CloseReason.HOST_REFUSED);
    }

    @Test
    void a_port_nobody_listens_on_in_the_guest() throws IOException {
        Peer host = bridged.dial();
        host.write("CONNECT 9999\n");
        PacketHeader request = vm.hears(PacketOp.REQUEST);
        vm.says(PacketOp.RST, 9999, request.srcPort(), 0);
        assertThat(host.readToEnd()).isEmpty();
        assertThat(bridged.ends.next().reason()).isEqualTo(CloseReason.GUEST_REFUSED);
    }

    @Test
    void a_line_that_is_no_connect() throws IOException {
        Peer host = bridged.dial();
        host.write("GET / HTTP/1.1\r\n");
        assertThat(host.readToEnd()).isEmpty();
    }
}
