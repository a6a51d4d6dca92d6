package dev.upcall.stub.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.guest.GuestProfile;
import dev.upcall.proto.message.PciFunction;
import dev.upcall.stub.machine.MachineConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What real kernels answered, the machine answers byte for byte, and has the same CPUs. Set-ups come from the files
/// where they say them (6.12), else from `upcall-wire` §7 (6.1).
class CaptureReplayTest {
    private static final List<PciFunction> PIIX = Stream.of("00:00.0", "00:01.0", "00:01.1", "00:01.3", "00:02.0")
            .map(PciFunction::parse)
            .toList();
    private static final PciFunction VSOCK = PciFunction.parse("00:02.0");
    private static final PciFunction DISK = PciFunction.parse("00:03.0");
    private static final PciFunction RNG = PciFunction.parse("00:04.0");

    private static final Pattern QMP_VCPUS = Pattern.compile("QMP device_add of the vCPU.* APIC id \\[([0-9, ]+)\\]");
    private static final Pattern POSSIBLE = Pattern.compile("possible_cpus=([0-9]+)");

    @Test
    void a_6_1_guest_answers_byte_for_byte() {
        replay61(VirtualGuest::new);
    }

    @Test
    void s1_with_extensions_over_6_1_a_client_that_does_not_ask_for_them_gets_the_same_bytes() {
        replay61(VirtualGuest::extended);
    }

    private static void replay61(Function<MachineConfig, VirtualGuest> boot) {
        Map<String, List<CaptureLine>> scenarios = scenariosOf("/captures/upcall-6.1.jsonl");
        List<CaptureLine> first = new ArrayList<>(scenarios.get("A-basic"));
        first.addAll(scenarios.remove("A-cpu"));
        scenarios.put("A-basic", first);
        int frames = 0;
        int silences = 0;
        for (var scenario : scenarios.entrySet()) {
            VirtualGuest guest = boot.apply(configOf61(scenario.getKey()));
            CaptureReplay replay = new CaptureReplay(guest);
            replay.play(scenario.getValue(), line -> beside61(guest, line));
            frames += replay.frames;
            silences += replay.silences;
        }
        assertThat(frames).isEqualTo(68);
        assertThat(silences).isEqualTo(5);
    }

    @Test
    void a_6_12_guest_answers_byte_for_byte_and_has_the_same_cpus() {
        replay612(GuestProfile.KATA_6_12, VirtualGuest::new);
    }

    @Test
    void s1_with_extensions_over_6_12_a_client_that_does_not_ask_for_them_gets_the_same_bytes() {
        replay612(GuestProfile.KATA_6_12, VirtualGuest::extended);
    }

    @Test
    void a_6_18_guest_is_a_6_12_guest() {
        replay612(GuestProfile.KATA_6_18, VirtualGuest::new);
    }

    private static void replay612(GuestProfile kernel, Function<MachineConfig, VirtualGuest> boot) {
        int frames = 0;
        int silences = 0;
        int masks = 0;
        for (var scenario : scenariosOf("/captures/upcall-6.12.jsonl").entrySet()) {
            String setUp = scenario.getValue().getFirst().note();
            assertThat(setUp).startsWith("SET-UP: ");
            VirtualGuest guest = boot.apply(configOf612(kernel, setUp));
            CaptureReplay replay = new CaptureReplay(guest);
            replay.play(scenario.getValue(), line -> beside612(guest, line));
            frames += replay.frames;
            silences += replay.silences;
            masks += replay.masks;
        }
        assertThat(frames).isEqualTo(93);
        assertThat(silences).isEqualTo(1);
        assertThat(masks).isEqualTo(29);
    }

    private static MachineConfig configOf61(String scenario) {
        List<PciFunction> pci = new ArrayList<>(PIIX);
        if (scenario.equals("D-pci")) {
            pci.add(DISK);
        }
        return MachineConfig.of(GuestProfile.KATA_6_1, 4)
                .withPci(pci, Optional.of(VSOCK))
                .withVcpus(
                        switch (scenario) {
                            case "B-cpu-order" -> List.of(0, 1, 2, 3);
                            case "B-cpu-del-unknown" -> List.of(0, 1);
                            default -> List.of(0);
                        });
    }

    /// What `upcall-wire` §7 says happened beside the wire.
    private static void beside61(VirtualGuest guest, CaptureLine line) {
        if (!line.fromHost()) {
            return;
        }
        switch (line.label()) {
            case "A.add-cpu-1" -> guest.machine().vmm().addVcpus(List.of(1));
            case "A.add-cpu-2-3-partial" -> guest.machine().vmm().addVcpus(List.of(2));
            case "A.add-cpu-3" -> guest.machine().vmm().addVcpus(List.of(3));
            case "B.del-cpu-2-already-offline" ->
                assertThat(guest.machine().sysfsCpu(2, false, guest.now())).isEmpty();
            case "B.del-cpu-2-online-again" ->
                assertThat(guest.machine().sysfsCpu(2, true, guest.now())).isEmpty();
            case "D.add-pci-hotplugged-rng" -> guest.machine().vmm().addPci(List.of(RNG));
            default -> {}
        }
    }

    private static MachineConfig configOf612(GuestProfile kernel, String setUp) {
        boolean onlyZeroListed = setUp.contains("lists only APIC id 0");
        boolean listedFour = setUp.contains("lists APIC id 0 enabled and 1,2,3 disabled")
                || setUp.contains("lists 0 enabled, 1,2,3 disabled");
        boolean oneVcpu = setUp.contains("-smp 1,");
        assertThat(onlyZeroListed ^ listedFour).as(setUp).isTrue();
        assertThat(oneVcpu ^ setUp.contains("-smp 4")).as(setUp).isTrue();
        Matcher possible = POSSIBLE.matcher(setUp);
        return MachineConfig.of(kernel, possible.find() ? Integer.parseInt(possible.group(1)) : 16)
                .withCpuTable(onlyZeroListed ? List.of(0) : List.of(0, 1, 2, 3))
                .withVcpus(oneVcpu ? List.of(0) : List.of(0, 1, 2, 3))
                .withPci(PIIX, Optional.of(VSOCK));
    }

    private static void beside612(VirtualGuest guest, CaptureLine line) {
        if (line.direction().isEmpty() && line.label().equals("qmp")) {
            Matcher m = QMP_VCPUS.matcher(line.note());
            assertThat(m.matches()).as(line.note()).isTrue();
            guest.machine()
                    .vmm()
                    .addVcpus(Stream.of(m.group(1).split(", ", -1))
                            .map(Integer::valueOf)
                            .toList());
        }
    }

    private static Map<String, List<CaptureLine>> scenariosOf(String resource) {
        Map<String, List<CaptureLine>> scenarios = new LinkedHashMap<>();
        CaptureLine.of(resource).stream()
                .filter(line -> !line.scenario().equals("meta"))
                .forEach(line -> scenarios
                        .computeIfAbsent(line.scenario(), _ -> new ArrayList<>())
                        .add(line));
        return scenarios;
    }
}
