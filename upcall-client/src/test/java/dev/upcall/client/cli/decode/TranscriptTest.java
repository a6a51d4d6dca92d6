package dev.upcall.client.cli.decode;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.client.cli.decode.Explanation.Kind;
import dev.upcall.proto.guest.CpuModel;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// What is said about frames: captured ones, whole and in pieces, and odd ones.
class TranscriptTest {
    private static final String MAGIC = "00014d44";

    private static List<Explanation> explain(CpuModel cpus, List<String> lines) throws MalformedRecordException {
        Transcript transcript = new Transcript(cpus);
        List<Explanation> all = new ArrayList<>();
        int number = 1;
        for (String line : lines) {
            LineReader.read(line, number++).map(transcript::accept).ifPresent(all::addAll);
        }
        return all;
    }

    private static List<Explanation> explain(String... lines) throws MalformedRecordException {
        return explain(CpuModel.SLOT_SCAN, List.of(lines));
    }

    private static List<String> captured() throws IOException {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(TranscriptTest.class.getResourceAsStream("captured-6.1.jsonl")),
                StandardCharsets.UTF_8))) {
            return lines.lines().toList();
        }
    }

    @Test
    void captured_traffic_of_a_real_guest_is_told_in_order() throws Exception {
        assertThat(explain(CpuModel.SLOT_SCAN, captured()))
                .extracting(Explanation::title)
                .containsExactly(
                        "the device-manager service is chosen",
                        "the VMM has connected to the guest's port",
                        "CONNECT: the guest's upcall service is ready",
                        "request of type 99",
                        "reply to type 99: result 0, which says nothing",
                        "request of type 99",
                        "reply to type 99: EPERM",
                        "ADD_CPU APIC ids [0]",
                        "reply to ADD_CPU: EINVAL",
                        "ADD_CPU APIC ids [1]",
                        "reply to ADD_CPU: done",
                        "ADD_MMIO 0xd0000000+0x1000 irq 6",
                        "reply to ADD_MMIO: done",
                        "DEL_PCI 00:04.0",
                        "reply to DEL_PCI: ENODEV");
    }

    @Test
    void what_a_refusal_means_stands_beside_the_result() throws Exception {
        Explanation refusal = explain(CpuModel.SLOT_SCAN, captured()).get(8);
        assertThat(refusal.kind()).isEqualTo(Kind.REPLY);
        assertThat(refusal.operation()).isEqualTo("ADD_CPU");
        assertThat(refusal.fields())
                .filteredOn(f -> f.name().equals("result"))
                .singleElement()
                .satisfies(f -> assertThat(f.value() + " " + f.note()).contains("-22 EINVAL: the id is in use"));
    }

    @Test
    void a_stale_load_word_and_a_stale_pci_result_are_named() throws Exception {
        List<Explanation> all = explain(
                "H->G 64",
                "G->H " + MAGIC,
                "H->G " + MAGIC + "0200000007",
                "G->H " + MAGIC + "000000000700000000000000edffffff02",
                "H->G " + MAGIC + "0200000007",
                "G->H " + MAGIC + "000000000700000000000000edffffff02");
        assertThat(all.get(3).remarks()).singleElement().asString().contains("load word is stale");
        assertThat(all.get(5).remarks()).anySatisfy(r -> assertThat(r).startsWith("perhaps stale"));
    }

    @Test
    void frames_in_any_pieces_are_joined() throws Exception {
        String time = "2026-11-21T10:00:00.000000Z ";
        List<Explanation> all = explain(
                time + "H->G 12 434f4e4e454354203231390a",
                time + "G->H 1000 4f4b20313032350a" + MAGIC,
                time + "G->H 32 -");
        assertThat(all)
                .extracting(Explanation::kind)
                .containsExactly(Kind.HYBRID_CONNECT, Kind.HYBRID_OK, Kind.FRAGMENT, Kind.CONNECT_FRAME);
        assertThat(all.getLast().line()).isEqualTo(3);
    }

    @Test
    void a_request_in_pieces_is_odd_because_the_guest_does_not_join_them() throws Exception {
        Explanation half = explain("2026-11-21T10:00:00Z H->G 512 " + MAGIC).getFirst();
        assertThat(half.kind()).isEqualTo(Kind.FRAGMENT);
        assertThat(half.remarks()).singleElement().asString().contains("does not reassemble");
    }

    @Test
    void bare_frames_tell_by_their_size_which_way_they_went() throws Exception {
        assertThat(explain(MAGIC + "1800000005000000", MAGIC + "0000000005000000", MAGIC, "64"))
                .extracting(Explanation::kind)
                .containsExactly(Kind.REQUEST, Kind.REPLY, Kind.CONNECT_FRAME, Kind.SERVICE_BYTE);
    }

    @Test
    void odd_requests_are_remarked_on() throws Exception {
        assertThat(remarks("78563412020000000700000000000000")).anyMatch(r -> r.contains("wrong magic"));
        assertThat(remarks(MAGIC + "020100000100000000000000" + "00" + "14")).anyMatch(r -> r.contains("count 0"));
        assertThat(remarks(MAGIC + "020100000200000000000000" + "02140202")).anyMatch(r -> r.contains("twice"));
        assertThat(remarks(MAGIC + "020100000100000000000000" + "0114ff")).anyMatch(r -> r.contains("255"));
        assertThat(remarks(MAGIC + "020100000100000000000000" + "01140103")).anyMatch(r -> r.contains("goes on"));
        assertThat(remarks(MAGIC + "170000000500000000000000")).anyMatch(r -> r.contains("not 24"));
        assertThat(remarks(MAGIC + "020000000700000000000000" + "002000000001"))
                .anyMatch(r -> r.contains("byte 21 is 0x01"));
    }

    @Test
    void a_reply_to_another_request_is_remarked_on() throws Exception {
        assertThat(explain("H->G " + MAGIC + "0200000007", "G->H " + MAGIC + "0000000008")
                        .getLast()
                        .remarks())
                .anyMatch(r -> r.contains("does not echo"));
        assertThat(explain("H->G " + MAGIC + "0200000007", "G->H " + MAGIC + "0800000007")
                        .getLast()
                        .remarks())
                .anyMatch(r -> r.contains("neither 0 nor 4"));
    }

    @Test
    void an_arm64_request_is_a_count() throws Exception {
        assertThat(explain(CpuModel.COUNT, List.of("H->G " + MAGIC + "01000000010000000000000003"))
                        .getFirst()
                        .title())
                .isEqualTo("ADD_CPU count 3 (arm64)");
    }

    @Test
    void the_dialect_of_2021_is_named() throws Exception {
        Explanation hello = explain("G->H " + MAGIC + "000000000000e0db").getFirst();
        assertThat(hello.title()).contains("2021");
    }

    @Test
    void what_is_written_to_a_trace_is_what_is_read_from_it() throws Exception {
        ByteBuffer bytes = ByteBuffer.allocate(1024).put(0, (byte) 1).put(900, (byte) 2);
        String line = Piece.traceLine(Instant.parse("2026-11-21T10:00:00.1234567Z"), false, bytes);
        assertThat(line).startsWith("2026-11-21T10:00:00.123456Z G->H 1024 01");
        Piece read = LineReader.read(line, 7).orElseThrow();
        assertThat(read.bytes()).isEqualTo(bytes);
        assertThat(read.direction()).isEqualTo(Direction.FROM_GUEST);
    }

    private static List<String> remarks(String hex) throws MalformedRecordException {
        return explain("H->G " + hex).getFirst().remarks();
    }
}
