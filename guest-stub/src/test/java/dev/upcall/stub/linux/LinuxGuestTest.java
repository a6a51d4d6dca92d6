package dev.upcall.stub.linux;

import static dev.upcall.stub.linux.FakeKernel.CPU;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upcall.proto.extension.CpuInventory;
import dev.upcall.proto.extension.EventKind;
import dev.upcall.proto.extension.ExecuteOnce;
import dev.upcall.proto.extension.HandshakeReply;
import dev.upcall.proto.extension.OnceReply;
import dev.upcall.proto.extension.inventory.Inventory;
import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.Operation;
import dev.upcall.proto.message.PciFunction;
import dev.upcall.proto.message.Request;
import dev.upcall.stub.StubGuest;
import dev.upcall.stub.StubOptions;
import dev.upcall.stub.mood.Ending;
import dev.upcall.stub.mood.Mood;
import java.io.IOException;
import java.io.InputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The agent as its clients see it: frames in, frames out, over a fake kernel.
@Timeout(60)
class LinuxGuestTest {
    private static final int ADD_CPU = 1;
    private static final int DEL_CPU = 2;
    private static final int ADD_MMIO = 5;
    private static final int DEL_MMIO = 6;
    private static final int ADD_PCI = 7;
    private static final int DEL_PCI = 8;
    private static final String EPERM = " -1 0 0";

    private final FakeKernel kernel;

    LinuxGuestTest(@TempDir Path root) throws IOException {
        kernel = new FakeKernel(root);
        kernel.comes(1, 1);
        kernel.comes(2, 3);
    }

    @Test
    void plain_requests_are_answered_like_a_kernels_stale_results_and_loads_included() throws IOException {
        try (LinuxHost host = new LinuxHost(kernel.plan(), false)) {
            assertThat(host.ask(ADD_CPU, 258, 2, 0x14, 3, 1)).isEqualTo("1 0 4 2");
            assertThat(host.ask(DEL_CPU, 258, 1, 0x14, 3)).isEqualTo("2 0 4 1");
            assertThat(host.ask(DEL_CPU, 258, 1, 0x14, 3))
                    .as("a kernel crashes")
                    .isEqualTo("2 -22 0 1");
            assertThat(host.ask(DEL_PCI, 2, 0, 5 << 3))
                    .as("done, with the old result")
                    .isEqualTo("8 -22 0 1");
            assertThat(kernel.at("sys/bus/pci/devices/0000:00:05.0")).doesNotExist();
            assertThat(host.ask(DEL_CPU, 258, 2, 0x14, 1, 0)).isEqualTo("2 -22 0 0");
            assertThat(host.ask(ADD_CPU, 258, 1, 0x14, 3)).isEqualTo("1 0 4 1");
            assertThat(host.ask(ADD_PCI, 2, 0, 5 << 3)).isEqualTo("7 0 0 1");
            assertThat(kernel.at("sys/bus/pci/devices/0000:00:05.0")).exists();
        }
    }

    @Test
    void virtio_mmio_is_refused_like_by_a_kernel_without_it_whatever_the_load() throws IOException {
        try (LinuxHost host = new LinuxHost(kernel.plan(), true)) {
            assertThat(host.ask(ADD_MMIO, 24, 0, 0, 0, 0xd0)).isEqualTo(ADD_MMIO + EPERM);
            assertThat(host.ask(DEL_MMIO, 1)).isEqualTo(DEL_MMIO + EPERM);
            assertThat(host.ask(3, 1)).as("memory, which nobody has").isEqualTo("3" + EPERM);
        }
    }

    @Test
    void an_opening_tells_the_kernel_its_boot_and_what_it_can() throws IOException {
        try (LinuxHost host = new LinuxHost(kernel.plan(), true)) {
            HandshakeReply.Open open = host.open();
            assertThat(open.product()).isEqualTo("Linux 6.1.0-fake, upcall agent");
            assertThat(open.architecture()).isEqualTo("x86_64");
            assertThat(open.bootId()).hasToString("5db54521-da52-4a53-bcb4-08af47557426");
            assertThat(open.operations())
                    .containsExactlyInAnyOrder(
                            Operation.ADD_CPU, Operation.DEL_CPU, Operation.ADD_PCI, Operation.DEL_PCI);
        }
    }

    @Test
    void the_inventory_tells_what_is_in_use_in_the_order_of_cpu_numbers() throws IOException {
        kernel.goes(2, true);
        try (LinuxHost host = new LinuxHost(kernel.plan(), true)) {
            host.open();
            kernel.goes(2, false);
            Inventory inventory = host.inventory();
            CpuInventory cpus = inventory.cpus();
            assertThat(cpus.present()).containsExactlyInAnyOrder(new ApicId(0), new ApicId(3));
            assertThat(cpus.online()).containsExactly(new ApicId(0));
            assertThat(cpus.slots()).containsExactly(new ApicId(0), new ApicId(1), new ApicId(3));
            assertThat(cpus.boot()).isEqualTo(new ApicId(0));
            assertThat(inventory.pci()).extracting(String::valueOf).containsExactly("00:00.0", "00:03.0", "00:05.0");
            assertThat(inventory.mmio()).isEmpty();
            assertThat(inventory.running()).isZero();
        }
    }

    @Test
    void a_long_inventory_comes_in_pages_and_its_generation_grows_with_every_change() throws IOException {
        Path devices = kernel.at("sys/bus/pci/devices");
        for (int devfn = 0; devfn < 256; devfn++) {
            for (int bus = 1; bus < 4; bus++) {
                Files.createFile(devices.resolve("0000:" + PciFunction.ofDevfn(bus, devfn)));
            }
        }
        try (LinuxHost host = new LinuxHost(kernel.plan(), true)) {
            host.open();
            Inventory first = host.inventory();
            assertThat(first.pci()).hasSize(3 * 256 + 3).isSorted();
            assertThat(host.inventory().generation()).isEqualTo(first.generation());
            kernel.goes(1, true);
            assertThat(host.inventory().generation()).isGreaterThan(first.generation());
        }
    }

    @Test
    void each_operation_raises_its_events_before_its_answer() throws IOException {
        try (LinuxHost host = new LinuxHost(kernel.plan(), true)) {
            host.open();
            host.say(ExecuteOnce.of(LinuxHost.CLIENT, 1, 0, new Request.AddCpu(new ApicId(3))));
            assertThat(((OnceReply) host.hear()).answer().result()).isZero();
            host.say(ExecuteOnce.of(LinuxHost.CLIENT, 2, 0, new Request.DelPci(PciFunction.parse("00:05.0"))));
            assertThat(((OnceReply) host.hear()).answer().result()).isZero();
            host.say(ExecuteOnce.of(LinuxHost.CLIENT, 2, 0, new Request.DelPci(PciFunction.parse("00:05.0"))));
            OnceReply again = (OnceReply) host.hear();
            assertThat(again.replayed()).isTrue();
            assertThat(kernel.written)
                    .containsExactly(CPU + "/cpu2/online=1", "sys/bus/pci/devices/0000:00:05.0/remove=1");
            assertThat(host.told(0)).containsExactly("CPU_ONLINE cpu:3", "DEVICE_REMOVED pci:00:05.0");
        }
    }

    @Test
    void what_others_change_is_told_of_itself() throws IOException {
        LinuxPlan plan = kernel.plan();
        LinuxPlan watching =
                new LinuxPlan(plan.root(), plan.writer(), Duration.ofMillis(1), plan.pause(), plan.notes());
        try (LinuxHost host = new LinuxHost(watching, true)) {
            host.open();
            kernel.goes(1, true);
            assertThat(host.told(1)).containsExactly("CPU_ONLINE cpu:1");
            kernel.write(kernel.at("sys/bus/pci/devices/0000:00:05.0/remove"), "1");
            assertThat(host.told(2)).contains("DEVICE_REMOVED pci:00:05.0");
        }
    }

    @Test
    void while_a_cpu_starts_pci_and_the_inventory_go_on_and_another_cpu_waits() throws Exception {
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch finish = new CountDownLatch(1);
        AttributeWriter slow = new AttributeWriter() {
            @Override
            public int write(Path file, String value) {
                if (file.endsWith("cpu2/online")) {
                    started.countDown();
                    try {
                        finish.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                }
                return kernel.write(file, value);
            }

            @Override
            public boolean real() {
                return true;
            }
        };
        try (LinuxHost host = new LinuxHost(kernel.plan(slow), true)) {
            host.send(ADD_CPU, 258, 1, 0x14, 3);
            started.await();
            host.connect();
            assertThat(host.ask(ADD_PCI, 2, 0, 5 << 3)).isEqualTo("7 0 0 0");
            host.connect();
            host.open();
            Inventory meanwhile = host.inventory();
            assertThat(meanwhile.running()).isEqualTo(1);
            assertThat(meanwhile.cpus().present()).containsExactly(new ApicId(0));
            host.say(ExecuteOnce.of(LinuxHost.CLIENT, 1, 0, new Request.AddCpu(new ApicId(1))));
            assertThat(host.machine().contents().running()).isEqualTo(2);
            assertThat(kernel.written).as("not yet").containsExactly("sys/class/pci_bus/0000:00/rescan=1");
            finish.countDown();
            assertThat(((OnceReply) host.hear()).answer().result()).isZero();
            assertThat(host.told(0)).containsExactly("CPU_ONLINE cpu:3", "CPU_ONLINE cpu:1");
        }
    }

    @Test
    void what_the_kernel_stops_to_show_makes_an_operation_fail_with_eio() throws IOException {
        try (LinuxHost host = new LinuxHost(kernel.plan(), false)) {
            Files.delete(kernel.at(CPU + "/online"));
            assertThat(host.ask(ADD_CPU, 258, 1, 0x14, 3)).isEqualTo("1 -5 0 0");
            assertThat(kernel.notes)
                    .contains("an operation has failed: " + kernel.at(CPU + "/online") + " is not there");
            assertThat(host.machine().contents().cpus()).as("as it was").hasSize(3);
            assertThat(host.machine().contents().running()).isZero();
        }
    }

    @Test
    void a_kernel_that_shows_no_cpus_cannot_be_served() throws IOException {
        Files.delete(kernel.at(CPU + "/online"));
        assertThatThrownBy(() -> new LinuxHost(kernel.plan(), true))
                .isInstanceOf(IOException.class)
                .hasMessage(kernel.at(CPU + "/online") + " is not there");
    }

    @Test
    void a_dry_run_says_so_before_anything_else_and_answers_success() throws IOException {
        LinuxPlan plan = kernel.plan(AttributeWriter.dry(kernel.notes::add));
        try (LinuxHost host = new LinuxHost(plan, true)) {
            assertThat(kernel.notes)
                    .first()
                    .isEqualTo("dry run: requests are answered as if they had worked, and nothing is changed");
            assertThat(host.open().product()).endsWith("dry run: nothing is changed");
            host.say(ExecuteOnce.of(LinuxHost.CLIENT, 1, 0, new Request.AddCpu(new ApicId(3))));
            assertThat(((OnceReply) host.hear()).answer().result()).isZero();
            assertThat(host.inventory().cpus().online()).as("the truth").containsExactly(new ApicId(0));
            assertThat(host.told(0)).isEmpty();
        }
    }

    @Test
    void a_real_guest_has_no_moods_and_is_not_rebooted_by_its_agent() throws IOException {
        try (LinuxHost host = new LinuxHost(kernel.plan(), true)) {
            host.open();
            assertThatThrownBy(() -> host.server().become(new Mood.LoseNextReply(), 0))
                    .hasMessageContaining("a real one");
            assertThatThrownBy(() -> host.server().reboot(0)).hasMessageContaining("a real one");
            assertThatThrownBy(() -> host.server().leave(EventKind.RESTARTING, Ending.REBOOTS, 0))
                    .hasMessageContaining("a real one");
            assertThatThrownBy(() -> host.server().machine()).hasMessageContaining("a real one");
            assertThat(host.inventory().pci()).as("and goes on").hasSize(3);
        }
    }

    @Test
    void its_dump_shows_the_kernel() throws IOException {
        try (LinuxHost host = new LinuxHost(kernel.plan(), false)) {
            assertThat(host.machine().dump().kernel()).isEqualTo("linux 6.1.0-fake");
            assertThat(host.machine().dump().cpus())
                    .extracting(c -> c.number() + "=" + c.apicId())
                    .containsExactly("0=0", "1=1", "2=3");
            assertThat(host.machine().dump().pciKnown()).containsExactly("00:00.0", "00:03.0", "00:05.0");
        }
    }

    @Test
    void at_a_socket_the_end_of_an_operation_wakes_the_guest() throws IOException {
        Path socket = kernel.root.resolve("s");
        try (StubGuest guest = StubGuest.start(StubOptions.of(kernel.plan()).withListen("unix://" + socket));
                SocketChannel host = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            InputStream in = Channels.newInputStream(host);
            host.write(ByteBuffer.wrap(new byte[] {'d'}));
            assertThat(in.readNBytes(1024)).hasSize(1024);
            ByteBuffer request = ByteBuffer.allocate(1024).order(ByteOrder.LITTLE_ENDIAN);
            request.putInt(0x444D0100).putInt(258).putInt(ADD_CPU).putInt(0).put(new byte[] {1, 0x14, 3});
            host.write(request.clear());
            ByteBuffer reply = ByteBuffer.wrap(in.readNBytes(1024)).order(ByteOrder.LITTLE_ENDIAN);
            assertThat(reply.getInt(16)).isZero();
            assertThat(guest.dump().machine().cpus().get(2).online()).isTrue();
        }
    }
}
