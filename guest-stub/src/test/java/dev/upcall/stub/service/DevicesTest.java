package dev.upcall.stub.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.guest.GuestProfile;
import dev.upcall.proto.message.MmioDevice;
import dev.upcall.proto.message.PciFunction;
import dev.upcall.stub.machine.MachineConfig;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// virtio-mmio windows and PCI functions (`upcall-wire` §6).
class DevicesTest {
    private static final long BASE = 0xd0000000L;

    private final VirtualGuest guest = new VirtualGuest(MachineConfig.of(GuestProfile.KATA_6_12, 4)
            .withMmioDevices(List.of(MmioDevice.of(BASE, 0x1000, 6)))
            .withPci(
                    Stream.of("00:00.0", "00:02.0", "00:03.0", "00:03.1", "01:00.0")
                            .map(PciFunction::parse)
                            .toList(),
                    Optional.of(PciFunction.parse("00:02.0"))));
    private final VirtualGuest.Peer peer = guest.connect();

    @Test
    void a_device_the_guest_booted_with_is_known() {
        assertThat(add(BASE, 0x1000, 7)).isEqualTo("-17");
        assertThat(add(BASE + 0x10000, 0x1000, 6)).isEqualTo("-17");
        assertThat(del(BASE, 0x1000, 6)).isEqualTo("0");
        assertThat(del(BASE, 0x1000, 6)).isEqualTo("-19");
    }

    @Test
    void sharing_exactly_one_byte_is_busy_and_not_exists() {
        assertThat(add(BASE + 0xfff, 0x1000, 7)).isEqualTo("-16");
        assertThat(add(BASE - 0xfff, 0x1000, 7)).isEqualTo("-16");
        assertThat(add(BASE + 0xffe, 0x1000, 7)).isEqualTo("-17");
        assertThat(add(BASE + 0x1000, 0x1000, 7)).isEqualTo("0");
    }

    @Test
    void a_window_without_size_is_busy_outside_of_others_and_exists_inside() {
        assertThat(add(BASE + 0x10000, 0, 7)).isEqualTo("-16");
        assertThat(add(BASE + 0x800, 0, 7)).isEqualTo("-17");
    }

    @Test
    void addresses_are_unsigned() {
        assertThat(add(0xffff_ffff_0000_0000L, 0x1000, 7)).isEqualTo("0");
        assertThat(add(0xffff_ffff_ffff_f000L, 0x2000, 8)).isEqualTo("-16");
    }

    @Test
    void irq_5_is_shared_and_irq_0_is_none() {
        assertThat(add(BASE + 0x10000, 0x1000, 5)).isEqualTo("0");
        assertThat(add(BASE + 0x20000, 0x1000, 5)).isEqualTo("0");
        assertThat(add(BASE + 0x30000, 0x1000, 0)).isEqualTo("-22");
        assertThat(del(BASE + 0x30000, 0x1000, 0)).isEqualTo("-22");
    }

    @Test
    void the_size_of_the_message_is_checked_first() {
        assertThat(peer.ask(RequestBytes.mmio(5, 20, BASE, 0x1000, 0))).isEqualTo(ReplyText.of(5, -22, 0, 0));
        assertThat(peer.ask(RequestBytes.mmio(6, 28, BASE, 0x1000, 6))).isEqualTo(ReplyText.of(6, -22, 0, 0));
    }

    @Test
    void add_pci_scans_the_whole_slot() {
        assertThat(peer.ask(RequestBytes.delPci(0, 0x18))).isEqualTo(ReplyText.of(8, 0, 0, 0));
        assertThat(peer.ask(RequestBytes.delPci(0, 0x19))).isEqualTo(ReplyText.of(8, 0, 0, 0));
        assertThat(peer.ask(RequestBytes.addPci(0, 0x18))).isEqualTo(ReplyText.of(7, 0, 0, 0));
        assertThat(guest.machine().dump().pciKnown()).contains("00:03.0", "00:03.1");
    }

    @Test
    void a_function_the_vmm_does_not_have_is_no_device() {
        assertThat(peer.ask(RequestBytes.addPci(0, 0x20))).isEqualTo(ReplyText.of(7, -19, 0, 0));
        assertThat(peer.ask(RequestBytes.addPci(9, 0))).isEqualTo(ReplyText.of(7, -19, 0, 0));
    }

    @Test
    void a_function_that_appears_is_known_only_after_add_pci() {
        guest.machine().vmm().addPci(List.of(PciFunction.parse("00:04.0")));
        assertThat(peer.ask(RequestBytes.delPci(0, 0x20))).isEqualTo(ReplyText.of(8, -19, 0, 0));
        assertThat(guest.connect().ask(RequestBytes.addPci(0, 0x20))).isEqualTo(ReplyText.of(7, 0, 0, 0));
        assertThat(guest.connect().ask(RequestBytes.delPci(0, 0x20))).isEqualTo(ReplyText.of(8, 0, 0, 0));
    }

    @Test
    void removing_its_own_wire_is_never_answered_on_any_connection_until_it_reboots() {
        VirtualGuest.Peer other = guest.connect();
        assertThat(peer.ask(RequestBytes.delPci(0, 0x10))).isEmpty();
        assertThat(other.ask(RequestBytes.ofType(3))).isEmpty();
        VirtualGuest.Peer hybrid = guest.dialHybrid(219);
        hybrid.write("CONNECT 219\n".getBytes(StandardCharsets.US_ASCII));
        assertThat(hybrid.ended).isEmpty();
        guest.pass(Duration.ofSeconds(2));
        assertThat(hybrid.takeAll()).isEmpty();
        assertThat(hybrid.ended).startsWith("closed");
        guest.server().reboot(guest.now());
        guest.settle();
        assertThat(guest.connect().ask(RequestBytes.addPci(0, 0x10))).isEqualTo(ReplyText.of(7, 0, 0, 0));
    }

    private String add(long base, long size, int irq) {
        return result(peer.ask(RequestBytes.addMmio(base, size, irq)));
    }

    private String del(long base, long size, int irq) {
        return result(peer.ask(RequestBytes.delMmio(base, size, irq)));
    }

    private static String result(String reply) {
        return reply.replaceAll(".*result=(-?[0-9]+).*", "$1");
    }
}
