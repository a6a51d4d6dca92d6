package dev.upcall.stub.linux;

import static dev.upcall.stub.linux.AcpiTables.processor;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ProcessorObjectsTest {

    @Test
    void a_qemu_guests_dsdt_names_four_processors() {
        byte[] dump = AcpiTables.dump("dsdt-processors.hex");
        ProcessorObjects processors = ProcessorObjects.in(List.of(Arrays.copyOf(dump, dump.length + 64)));
        for (int uid = 0; uid < 4; uid++) {
            assertThat(processors.uid("\\_SB_.CPUS.C00" + uid)).hasValue(uid);
        }
        assertThat(processors.uid("\\_SB_.CPUS.C004")).isEmpty();
    }

    @Test
    void one_that_is_cut_off_is_none() {
        byte[] dump = AcpiTables.dump("dsdt-processors.hex");
        assertThat(ProcessorObjects.in(List.of(dump)).uid("C003")).isEmpty();
    }

    @Test
    void the_uid_is_not_the_number_in_the_name() {
        assertThat(ProcessorObjects.in(List.of(processor("CPU1", 9))).uid("\\_PR_.CPU1"))
                .hasValue(9);
    }

    @Test
    void a_name_in_two_tables_with_two_uids_stands_for_none() {
        ProcessorObjects processors =
                ProcessorObjects.in(List.of(processor("CPU1", 1), processor("CPU1", 2), processor("CPU2", 2)));
        assertThat(processors.uid("\\_SB_.CPU1")).isEmpty();
        assertThat(processors.uid("\\_SB_.CPU2")).hasValue(2);
    }

    @Test
    void names_with_a_path_are_found_by_their_last_four_letters() {
        assertThat(uidOf("\\CPU1")).hasValue(5);
        assertThat(uidOf("^^CPU1")).hasValue(5);
        assertThat(uidOf("._SB_CPU1")).hasValue(5);
        assertThat(uidOf("\\/\u0003_SB_CPUSCPU1")).hasValue(5);
    }

    @Test
    void what_only_looks_alike_is_none() {
        byte[] lowerCase = processor("cpu1", 1);
        byte[] oddBlock = processor("CPU1", 1);
        oddBlock[12] = 5;
        byte[] tooShort = processor("CPU1", 1);
        tooShort[2] = 5;
        ProcessorObjects processors = ProcessorObjects.in(List.of(lowerCase, oddBlock, tooShort, new byte[0]));
        assertThat(processors.uid("CPU1")).isEmpty();
        assertThat(processors.uid("cpu1")).isEmpty();
    }

    @Test
    void whatever_the_bytes_it_is_read() {
        Random random = new Random(5);
        for (int i = 0; i < 20_000; i++) {
            byte[] table = new byte[random.nextInt(40)];
            random.nextBytes(table);
            for (int at = 0; at < table.length - 1; at += 1 + random.nextInt(12)) {
                table[at] = 0x5b;
                table[at + 1] = (byte) 0x83;
            }
            assertThat(ProcessorObjects.in(List.of(table)).uid("CPU1")).isEmpty();
        }
    }

    private static OptionalLong uidOf(String name) {
        byte[] letters = name.getBytes(StandardCharsets.ISO_8859_1);
        byte[] table = new byte[letters.length + 9];
        table[0] = 0x5b;
        table[1] = (byte) 0x83;
        table[2] = (byte) (table.length - 2);
        System.arraycopy(letters, 0, table, 3, letters.length);
        table[3 + letters.length] = 5;
        return ProcessorObjects.in(List.of(table)).uid("CPU1");
    }
}
