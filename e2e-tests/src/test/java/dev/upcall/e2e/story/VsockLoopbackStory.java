package dev.upcall.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.e2e.vm.GuestVm;
import dev.upcall.e2e.vm.GuestVm.Said;
import dev.upcall.e2e.vm.Machine;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// AF_VSOCK really connected: the client and the bridge run *inside* a guest and reach a service there over vsock
/// loopback, CID 1, because a host that runs tests has no other machine to dial.
@Timeout(300)
class VsockLoopbackStory {
    @RegisterExtension
    static final VmStage STAGE = VmStage.with(Machine.serving("guest-stub --vcpus 0-3 --listen vsock://any:219"));

    private GuestVm vm;

    @BeforeEach
    void the_service_is_up() {
        vm = STAGE.vm();
        vm.awaitConsole("the service", vm.boots(), "listening on vsock://any");
    }

    private void assertPrints(String start, String line) {
        Said said = vm.shell(line);
        assertThat(said.exit()).as("%s said:\n%s", line, said.text()).isZero();
        assertThat(said.out()).anyMatch(printed -> printed.startsWith(start));
    }

    @Test
    void a_vsock_target_is_dialled() {
        assertPrints("CPU 1 added in ", "upcall -t vsock://1:219 cpu add 1");
    }

    @Test
    void a_port_nobody_listens_on_is_named() {
        // An emulated CPU needs seconds for what the first failure of a fresh JVM loads.
        Said said = vm.shell("upcall -t vsock://1:220 --wait 15s status");
        assertThat(said.exit()).isEqualTo(3);
        assertThat(said.text())
                .startsWith("upcall: not connected to vsock://1:220: the address exists but nobody listens");
    }

    @Test
    void a_bridge_dials_the_ports_of_a_vsock_address() {
        vm.shell("upcall bridge --guest vsock://1 --listen hvsock:///tmp/b.sock >/dev/console 2>&1 &");
        vm.console()
                .await(
                        "the bridge in the guest",
                        line -> line.startsWith("bridge listens on /tmp/b.sock "),
                        Duration.ofMinutes(1));

        assertPrints(
                "virtio-mmio 0xd0000000+0x1000 irq 6 added in ",
                "upcall -t hvsock:///tmp/b.sock mmio add --base 0xd0000000 --size 0x1000 --irq 6");
    }

    /// The other direction: who dials port 52 of the bridge's machine reaches the program behind its UNIX socket.
    @Test
    void a_guest_dials_a_port_that_the_bridge_has_opened_to_it() {
        vm.shell("guest-stub --vcpus 0-3 --listen unix:///tmp/c.sock_52 >/dev/console 2>&1 &");
        vm.console()
                .await(
                        "the program of the host",
                        line -> line.startsWith("listening on unix:///tmp/c.sock_52"),
                        Duration.ofMinutes(1));
        vm.shell("upcall bridge --guest vsock://1 --host-port 52 --listen hvsock:///tmp/c.sock >/dev/console 2>&1 &");
        vm.console()
                .await(
                        "the bridge in the guest",
                        line -> line.startsWith("bridge listens on /tmp/c.sock "),
                        Duration.ofMinutes(1));

        assertPrints("CPU 1 added in ", "upcall -t vsock://1:52 cpu add 1");
    }
}
