package dev.upcall.stub.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.upcall.proto.extension.Bytes;
import dev.upcall.proto.extension.CpuInventory;
import dev.upcall.proto.extension.DeviceReference;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.EventAck;
import dev.upcall.proto.extension.EventKind;
import dev.upcall.proto.extension.EventNotify;
import dev.upcall.proto.extension.HandshakeReply;
import dev.upcall.proto.extension.InventoryRequest;
import dev.upcall.proto.extension.inventory.Inventory;
import dev.upcall.proto.guest.GuestProfile;
import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.MmioDevice;
import dev.upcall.proto.message.PciFunction;
import dev.upcall.stub.machine.MachineConfig;
import dev.upcall.stub.observe.AgentDump;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// "Extended guests" §3 and §4 on the machine: what it says of itself, unasked and asked.
class ExtendedEventsTest {
    private static final PciFunction RNG = PciFunction.parse("00:04.0");

    private final VirtualGuest guest =
            VirtualGuest.extended(MachineConfig.of(GuestProfile.KATA_6_12, 8).withBootCpus(0, 1));
    private final ExtendedHost host = ExtendedHost.opened(guest);

    @Test
    void s3_cpus_and_devices_raise_events_whoever_changes_them() {
        VirtualGuest.Peer stock = guest.connect();
        stock.ask(RequestBytes.addCpu(2));
        stock.ask(RequestBytes.delCpu(2));
        stock.ask(RequestBytes.addMmio(0xd000_0000L, 0x1000, 6));
        stock.ask(RequestBytes.delMmio(0xd000_0000L, 0x1000, 6));
        guest.machine().vmm().addPci(List.of(RNG));
        stock.ask(RequestBytes.addPci(0, RNG.devfn()));
        stock.ask(RequestBytes.delPci(0, RNG.devfn()));
        assertThat(host.told())
                .containsExactly(
                        "CPU_ONLINE cpu:2",
                        "CPU_OFFLINE cpu:2",
                        "DEVICE_ADDED mmio:0xd0000000+0x1000",
                        "DEVICE_REMOVED mmio:0xd0000000+0x1000",
                        "DEVICE_ADDED pci:00:04.0",
                        "DEVICE_REMOVED pci:00:04.0");
    }

    @Test
    void s3_the_guests_own_sysfs_raises_events_too() {
        assertThat(guest.machine().sysfsCpu(1, false, guest.now())).isEmpty();
        assertThat(guest.machine().sysfsCpu(1, true, guest.now())).isEmpty();
        guest.settle();
        assertThat(host.told()).containsExactly("CPU_OFFLINE cpu:1", "CPU_ONLINE cpu:1");
    }

    @Test
    void s3_what_is_refused_or_fails_raises_nothing() {
        guest.machine().vmm().removeVcpus(List.of(5));
        host.peer.write(RequestBytes.addCpu(5));
        guest.pass(Duration.ofSeconds(10));
        assertThat(host.peer.takeReply()).isEqualTo(ReplyText.of(1, -5, 0, 0));
        assertThat(host.told()).isEmpty();
    }

    @Test
    void s3_an_event_comes_while_a_request_is_out_and_is_not_its_answer() {
        guest.machine().vmm().removeVcpus(List.of(5));
        host.peer.write(RequestBytes.addCpu(5));
        guest.server().userEvent(Bytes.utf8("hello"), guest.now());
        guest.settle();
        EventNotify event = host.events().getFirst();
        assertThat(event.kind()).isEqualTo(EventKind.USER);
        assertThat(event.detail().toUtf8()).isEqualTo("hello");
        guest.pass(Duration.ofSeconds(10));
        assertThat(host.peer.takeReply()).isEqualTo(ReplyText.of(1, -5, 0, 0));
    }

    @Test
    void s3_events_are_kept_over_connections_and_sent_again_to_a_client_that_knows_the_epoch() {
        ExtendedHost first = host;
        guest.connect().ask(RequestBytes.addCpu(2));
        EventNotify seen = first.events().getFirst();
        first.peer.close();
        guest.connect().ask(RequestBytes.addCpu(3));
        ExtendedHost again = ExtendedHost.connected(guest);
        HandshakeReply.Open reply = again.open(Optional.of(seen.epoch()), seen.sequence());
        assertThat(reply.nextEvent()).isEqualTo(2);
        assertThat(again.told()).containsExactly("CPU_ONLINE cpu:3");
    }

    @Test
    void s3_256_user_events_are_on_their_way_256_wait_and_the_next_is_refused() {
        IntStream.range(0, 512)
                .forEach(i -> assertThat(guest.server().userEvent(Bytes.utf8("event " + i), guest.now()))
                        .isTrue());
        assertThat(guest.server().userEvent(Bytes.utf8("one more"), guest.now()))
                .isFalse();
        guest.settle();
        List<EventNotify> first = host.events();
        assertThat(first).hasSize(256);
        host.say(new EventAck(first.getLast().epoch(), 256));
        assertThat(host.events())
                .hasSize(256)
                .last()
                .satisfies(e -> assertThat(e.detail().toUtf8()).isEqualTo("event 511"));
        AgentDump dump = guest.server().dump().agent().orElseThrow();
        assertThat(dump.userWaiting()).isZero();
        assertThat(dump.acknowledged()).isEqualTo(256);
    }

    @Test
    void s3_a_detail_has_512_bytes_at_most_and_a_stock_guest_says_nothing() {
        assertThat(guest.server().userEvent(Bytes.of(new byte[512]), guest.now()))
                .isTrue();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> guest.server().userEvent(Bytes.of(new byte[513]), guest.now()))
                .withMessageContaining("512 bytes: 513");
        VirtualGuest stock = new VirtualGuest(MachineConfig.of(GuestProfile.KATA_6_12, 8));
        assertThatIllegalStateException()
                .isThrownBy(() -> stock.server().userEvent(Bytes.EMPTY, stock.now()))
                .withMessageContaining("--extensions");
    }

    @Test
    void s3_a_host_is_heard_once_in_order_and_acknowledged_within_100_ms() {
        host.say(new EventNotify(host.client, 1, EventKind.USER, DeviceReference.NONE, Bytes.utf8("a"), 0, 0));
        host.say(new EventNotify(host.client, 1, EventKind.USER, DeviceReference.NONE, Bytes.utf8("a"), 0, 0));
        host.say(new EventNotify(host.client, 4, EventKind.USER, DeviceReference.NONE, Bytes.utf8("b"), 0, 2));
        guest.pass(Duration.ofMillis(99));
        assertThat(host.hearAll()).isEmpty();
        guest.pass(Duration.ofMillis(1));
        assertThat(host.hearAll()).containsExactly(new EventAck(host.client, 4));
        AgentDump dump = guest.server().dump().agent().orElseThrow();
        assertThat(List.of(dump.heard(), dump.missed())).containsExactly(2L, 2L);
        assertThat(dump.lastHeard()).isEqualTo("b");
    }

    @Test
    void s4_the_inventory_is_the_machine() {
        guest.machine().vmm().addPci(List.of(RNG));
        VirtualGuest.Peer stock = guest.connect();
        stock.ask(RequestBytes.addCpu(2));
        stock.ask(RequestBytes.addMmio(0xd000_1000L, 0x1000, 7));
        stock.ask(RequestBytes.addMmio(0xd000_0000L, 0x1000, 6));
        stock.ask(RequestBytes.addPci(0, RNG.devfn()));
        assertThat(guest.machine().sysfsCpu(1, false, guest.now())).isEmpty();
        Inventory inventory = host.inventory();
        assertThat(inventory.cpus())
                .isEqualTo(new CpuInventory(
                        ids(0, 1, 2),
                        ids(0, 2),
                        IntStream.range(0, 8).mapToObj(ApicId::new).toList(),
                        new ApicId(0)));
        assertThat(inventory.mmio())
                .containsExactly(MmioDevice.of(0xd000_0000L, 0x1000, 6), MmioDevice.of(0xd000_1000L, 0x1000, 7));
        assertThat(inventory.pci()).containsExactly(RNG);
        assertThat(inventory.running()).isZero();
        assertThat(inventory.connections()).extracting(c -> c.count()).containsExactly(1, 1);
    }

    @Test
    void s4_what_runs_is_counted_on_any_connection_also_on_one_that_is_gone() {
        guest.machine().vmm().removeVcpus(List.of(5));
        VirtualGuest.Peer stock = guest.connect();
        stock.write(RequestBytes.addCpu(5));
        assertThat(host.inventory().running()).isEqualTo(1);
        assertThat(host.inventory().settles(host.client)).isFalse();
        assertThat(host.inventory().cpus().present()).contains(new ApicId(5));
        stock.close();
        assertThat(host.inventory().running()).isEqualTo(1);
        guest.pass(Duration.ofSeconds(10));
        assertThat(host.inventory().running()).isZero();
        assertThat(host.inventory().settles(host.client)).isTrue();
    }

    @Test
    void s4_the_generation_grows_with_every_change_and_not_without() {
        long before = host.inventory().generation();
        assertThat(host.inventory().generation()).isEqualTo(before);
        VirtualGuest.Peer stock = guest.connect();
        long connected = host.inventory().generation();
        assertThat(connected).isGreaterThan(before);
        stock.ask(RequestBytes.addCpu(2));
        long added = host.inventory().generation();
        assertThat(added).isGreaterThan(connected);
        assertThat(guest.machine().sysfsCpu(2, false, guest.now())).isEmpty();
        assertThat(host.inventory().generation()).isGreaterThan(added);
    }

    @Test
    void s4_a_guest_with_more_than_a_page_is_told_in_pages_and_a_foreign_token_is_einval() {
        VirtualGuest.Peer stock = guest.connect();
        for (int i = 0; i < 200; i++) {
            assertThat(stock.ask(RequestBytes.addMmio(0xd000_0000L + i * 0x1000L, 0x1000, 5)))
                    .isEqualTo(ReplyText.of(5, 0, 0, 0));
        }
        assertThat(host.events()).hasSize(200);
        host.say(new EventAck(new Epoch(0x102), 200));
        assertThat(host.inventory().mmio()).hasSize(200);
        host.say(new InventoryRequest(Bytes.utf8("token")));
        assertThat(host.refusal()).isEqualTo(-22);
    }

    @Test
    void s4_a_device_that_the_protocol_cannot_name_is_left_out() {
        guest.connect().ask(RequestBytes.addMmio(0xd000_0000L, 0x1000, 0x8000_0000));
        assertThat(guest.machine().dump().mmio()).hasSize(1);
        assertThat(host.inventory().mmio()).isEmpty();
    }

    private static Set<ApicId> ids(int... ids) {
        return Set.copyOf(IntStream.of(ids).mapToObj(ApicId::new).toList());
    }
}
