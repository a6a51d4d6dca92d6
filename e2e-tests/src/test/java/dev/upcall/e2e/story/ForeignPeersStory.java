package dev.upcall.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.client.UpcallClient;
import dev.upcall.client.transport.HybridTarget;
import dev.upcall.client.transport.Target;
import dev.upcall.e2e.ConsoleLog;
import dev.upcall.e2e.Guest;
import dev.upcall.e2e.Program;
import dev.upcall.e2e.Requirement;
import dev.upcall.e2e.SocketFolder;
import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.MmioDevice;
import dev.upcall.proto.message.PciFunction;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.session.request.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Peers written in C from the kernel's structs: what client and stub might have got wrong together, they have
/// not.
class ForeignPeersStory {
    @RegisterExtension
    final Stage stage = Stage.needing(Requirement.GCC);

    @Test
    void a_host_in_c_hears_from_the_stub_what_a_kernel_says() {
        Guest guest = stage.guest(stage.folder(), "--vcpus", "0-3").start();

        ConsoleLog host = stage.peer("host", guest.socket()).console();

        host.await("its last answer", line -> line.startsWith("ask what no kernel knows"), Times.SOON);
        assertThat(host.lines())
                .containsExactly(
                        "CONNECT: type 0 size 0",
                        "add CPUs 1 and 2: type 1 size 4 result 0 word 2",
                        "add CPU 1 again: type 1 size 0 result -22",
                        "remove CPU 2: type 2 size 4 result 0 word 1",
                        "remove the boot CPU: type 2 size 0 result -22",
                        "add a device: type 5 size 0 result 0",
                        "add it again: type 5 size 0 result -17",
                        "remove it: type 6 size 0 result 0",
                        "remove it again: type 6 size 0 result -19",
                        "ask what no kernel knows: type 99 size 0 result -1");
    }

    @Test
    void a_guest_in_c_reads_the_structs_that_the_client_meant() throws IOException {
        SocketFolder folder = stage.folder();
        Path socket = folder.file("c.sock");
        Program guest = stage.peer("guest", socket);
        UpcallClient client = stage.client(new HybridTarget(socket, Target.DEFAULT_PORT));
        client.awaitConnected(Times.START);

        assertThat(client.execute(new Request.AddCpu(List.of(new ApicId(3), new ApicId(254)))))
                .isEqualTo(new Outcome.Done(OptionalInt.of(2)));
        assertThat(client.delCpu(254)).isEqualTo(new Outcome.Done(OptionalInt.of(1)));
        MmioDevice disk = MmioDevice.of(0x1_2345_6000L, 0x2000, 7);
        assertThat(client.addMmio(disk)).isEqualTo(Outcome.Done.PLAIN);
        assertThat(client.addMmio(disk)).isEqualTo(new Outcome.Refused(Errno.EEXIST));
        assertThat(client.delMmio(disk)).isEqualTo(Outcome.Done.PLAIN);
        assertThat(client.addPci(PciFunction.parse("02:1f.7"))).isEqualTo(Outcome.Done.PLAIN);

        assertThat(guest.console().lines())
                .containsExactly(
                        "CONNECT 219",
                        "ADD_CPU count 2 apic_ver 0x14 ids 3 254 size 258",
                        "DEL_CPU count 1 apic_ver 0x14 ids 254 size 258",
                        "ADD_MMIO base 0x123456000 size 0x2000 irq 7 size 24",
                        "ADD_MMIO base 0x123456000 size 0x2000 irq 7 size 24",
                        "DEL_MMIO base 0x123456000 size 0x2000 irq 7 size 24",
                        "ADD_PCI bus 2 devfn 255 size 2");
    }
}
