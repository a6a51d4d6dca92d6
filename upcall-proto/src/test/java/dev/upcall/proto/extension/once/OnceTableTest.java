package dev.upcall.proto.extension.once;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.ExecuteOnce;
import dev.upcall.proto.extension.ExtensionErrno;
import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.PciFunction;
import dev.upcall.proto.message.Reply;
import dev.upcall.proto.message.Request;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/// §5, what the guest remembers.
class OnceTableTest {

    private static final Epoch CLIENT = new Epoch(0xC);
    private static final Reply.Answer DONE = new Reply.Answer(0, OptionalInt.empty());

    private OnceTable table = OnceTable.EMPTY;

    @Test
    void s5_a_higher_id_is_new_and_gaps_are_allowed() {
        assertThat(table.accept(once(7), 1)).isInstanceOf(OnceTable.Execute.class);
        execute(7);
        execute(9);

        assertThat(table.highest()).isEqualTo(9);
    }

    @Test
    void s5_an_id_that_was_jumped_over_is_never_executed() {
        execute(9);

        assertThat(table.accept(once(8), 1)).isEqualTo(new OnceTable.Refuse(ExtensionErrno.ESTALE));
    }

    @Test
    void s5_a_repeat_with_the_same_content_gets_the_recorded_outcome() {
        Reply.Answer answer = new Reply.Answer(-17, OptionalInt.empty());
        execute(1, answer);

        assertThat(table.accept(once(1), 2)).isEqualTo(new OnceTable.Replay(answer));
    }

    @Test
    void s5_a_repeat_with_other_content_is_refused() {
        execute(1);

        ExecuteOnce other = ExecuteOnce.of(CLIENT, 1, 0, new Request.DelPci(new PciFunction(0, 1, 0)));
        assertThat(table.accept(other, 2)).isEqualTo(new OnceTable.Refuse(ExtensionErrno.EINVAL));
        ExecuteOnce longer = ExecuteOnce.of(CLIENT, 1, 0, new Request.AddCpu(new ApicId(1)));
        assertThat(table.accept(longer, 2)).isEqualTo(new OnceTable.Refuse(ExtensionErrno.EINVAL));
    }

    @Test
    void s5_while_the_first_copy_runs_a_repeat_waits_and_gets_a_replayed_answer() {
        begin(1, 10);

        table = ((OnceTable.Wait) table.accept(once(1), 20)).next();
        OnceTable.Finished finished = table.finished(1, DONE);

        assertThat(finished.waiting()).containsExactly(new OnceTable.Waiter(10, false), new OnceTable.Waiter(20, true));
        assertThat(finished.next().running()).isZero();
    }

    @Test
    void s5_a_connection_that_is_gone_is_told_nothing_and_the_outcome_is_kept() {
        begin(1, 10);

        OnceTable.Finished finished = table.closed(10).finished(1, DONE);

        assertThat(finished.waiting()).isEmpty();
        assertThat(finished.next().accept(once(1), 20)).isEqualTo(new OnceTable.Replay(DONE));
    }

    @Test
    void s5_the_last_256_outcomes_are_kept_and_the_257th_last_is_not() {
        for (int id = 1; id <= 256; id++) {
            execute(id);
        }
        assertThat(table.accept(once(1), 2)).isInstanceOf(OnceTable.Replay.class);

        execute(257);

        assertThat(table.accept(once(1), 2)).isEqualTo(new OnceTable.Refuse(ExtensionErrno.ESTALE));
        assertThat(table.accept(once(2), 2)).isInstanceOf(OnceTable.Replay.class);
        assertThat(table.highest()).isEqualTo(257);
    }

    @Test
    void s5_what_still_runs_is_never_forgotten() {
        begin(1, 10);
        for (int id = 2; id <= 300; id++) {
            execute(id);
        }

        assertThat(table.accept(once(1), 20)).isInstanceOf(OnceTable.Wait.class);
        assertThat(table.running()).isEqualTo(1);
    }

    @Test
    void s5_what_the_client_has_acknowledged_is_forgotten() {
        execute(1);
        execute(2);
        table = ((OnceTable.Execute) table.accept(once(3, 1), 1)).next();

        assertThat(table.accept(once(1), 1)).isEqualTo(new OnceTable.Refuse(ExtensionErrno.ESTALE));
        assertThat(table.accept(once(2), 1)).isInstanceOf(OnceTable.Replay.class);
    }

    @Test
    void s5_what_still_runs_is_kept_although_the_client_has_acknowledged_it() {
        begin(1, 10);
        table = ((OnceTable.Execute) table.accept(once(2, 1), 20)).next();

        assertThat(table.running()).isEqualTo(2);
        assertThat(table.finished(1, DONE).waiting()).containsExactly(new OnceTable.Waiter(10, false));
    }

    @Test
    void an_end_that_nobody_began_changes_nothing() {
        execute(1);

        assertThat(table.finished(1, new Reply.Answer(-5, OptionalInt.empty())).next())
                .isEqualTo(table);
        assertThat(table.finished(2, DONE).next()).isEqualTo(table);
    }

    private void execute(long id) {
        execute(id, DONE);
    }

    private void execute(long id, Reply.Answer answer) {
        begin(id, 1);
        table = table.finished(id, answer).next();
    }

    private void begin(long id, long connection) {
        table = ((OnceTable.Execute) table.accept(once(id), connection)).next();
    }

    private static ExecuteOnce once(long id) {
        return once(id, 0);
    }

    private static ExecuteOnce once(long id, long acknowledged) {
        return ExecuteOnce.of(CLIENT, id, acknowledged, new Request.AddPci(new PciFunction(0, 1, 0)));
    }
}
