package dev.upcall.stub.linux;

import static dev.upcall.stub.linux.AcpiTables.localApic;
import static dev.upcall.stub.linux.AcpiTables.madt;
import static dev.upcall.stub.linux.AcpiTables.x2Apic;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MadtTest {

    @Test
    void a_qemu_guests_table_lists_four_processors() {
        Madt madt = Madt.parse(AcpiTables.dump("madt.hex"));
        for (int uid = 0; uid < 4; uid++) {
            assertThat(madt.apicId(uid)).hasValue(uid);
            assertThat(madt.lists(uid)).isTrue();
        }
        assertThat(madt.apicId(4)).isEmpty();
        assertThat(madt.lists(4)).isFalse();
    }

    @Test
    void uid_and_apic_id_are_told_apart() {
        Madt madt = Madt.parse(madt(localApic(7, 2), x2Apic(3, 300)));
        assertThat(madt.apicId(7)).hasValue(2);
        assertThat(madt.apicId(3)).hasValue(300);
        assertThat(madt.apicId(2)).isEmpty();
        assertThat(madt.lists(300)).isTrue();
        assertThat(madt.lists(7)).isFalse();
    }

    @Test
    void numbers_of_32_bits_are_unsigned() {
        Madt madt = Madt.parse(madt(x2Apic(-1, -2)));
        assertThat(madt.apicId(0xffff_ffffL)).hasValue(0xffff_fffeL);
    }

    @Test
    void an_entry_that_says_nobody_comes_here_lists_nobody() {
        Madt madt = Madt.parse(madt(localApic(1, 0xff), localApic(2, 2)));
        assertThat(madt.lists(0xff)).isFalse();
        assertThat(madt.apicId(1)).isEmpty();
    }

    @Test
    void a_uid_listed_with_two_ids_stands_for_none_and_both_may_come() {
        Madt madt = Madt.parse(madt(localApic(1, 1), localApic(1, 5), localApic(2, 2), x2Apic(2, 2)));
        assertThat(madt.apicId(1)).isEmpty();
        assertThat(madt.lists(1)).isTrue();
        assertThat(madt.lists(5)).isTrue();
        assertThat(madt.apicId(2)).as("twice the same").hasValue(2);
    }

    @Test
    void bytes_behind_the_tables_length_are_not_read() {
        byte[] table = madt(localApic(1, 1));
        Madt madt = Madt.parse(Arrays.copyOf(table, table.length + 1));
        assertThat(madt.lists(1)).isTrue();
    }

    /// Column 2: where a byte is put, column 3: which.
    @ParameterizedTest
    @CsvSource({
        "0, 66, begin with",
        "4, 43, length must be 44 to 60",
        "4, 61, length must be 44 to 60",
        "7, 255, length must be 44 to 60",
        "45, 0, entry at 44 must have 2 to 16 bytes",
        "45, 1, entry at 44 must have 2 to 16 bytes",
        "45, 17, entry at 44 must have 2 to 16 bytes",
        "45, 7, entry at 44 must have at least 8 bytes",
        "44, 9, entry at 44 must have at least 16 bytes",
        "4, 53, entry at 52 must have at least 2 bytes",
    })
    void a_table_whose_lengths_do_not_fit_is_refused_with_the_place(int at, int value, String reason) {
        byte[] table = madt(localApic(1, 1), localApic(2, 2));
        table[at] = (byte) value;
        assertThatThrownBy(() -> Madt.parse(table))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void whatever_the_bytes_it_is_read_or_refused() {
        Random random = new Random(4);
        byte[] good = AcpiTables.dump("madt.hex");
        int read = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] table = Arrays.copyOf(good, random.nextInt(4) == 0 ? random.nextInt(good.length + 9) : good.length);
            for (int n = random.nextInt(4); n > 0 && table.length > 4; n--) {
                table[4 + random.nextInt(table.length - 4)] = (byte) random.nextInt(256);
            }
            try {
                Madt madt = Madt.parse(table);
                read++;
                assertThat(madt.apicId(1L << 40)).isEmpty();
            } catch (IllegalArgumentException e) {
                assertThat(e).hasMessageContaining("found");
            }
        }
        assertThat(read).isBetween(1_000, 19_000);
    }
}
