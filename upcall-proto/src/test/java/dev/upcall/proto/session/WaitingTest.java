package dev.upcall.proto.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.upcall.proto.session.request.Pending;
import dev.upcall.proto.session.request.SendTerms;
import dev.upcall.proto.session.request.Waiting;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WaitingTest {

    @Test
    void it_behaves_like_a_plain_queue() {
        for (int seed = 0; seed < 500; seed++) {
            Random random = new Random(seed);
            ArrayDeque<Pending> model = new ArrayDeque<>();
            Waiting waiting = Waiting.NONE;
            for (int step = 0; step < 200; step++) {
                Pending pending = new Pending(step, Play.ADD_MMIO, SendTerms.DEFAULT, random.nextInt(1_000));
                switch (random.nextInt(5)) {
                    case 0, 1 -> {
                        waiting = waiting.addLast(pending);
                        model.addLast(pending);
                    }
                    case 2 -> {
                        waiting = waiting.addFirst(pending);
                        model.addFirst(pending);
                    }
                    case 3 -> {
                        if (!model.isEmpty()) {
                            waiting = waiting.removeFirst();
                            model.removeFirst();
                        }
                    }
                    default -> {
                        int limit = random.nextInt(500);
                        List<Pending> gone = new ArrayList<>();
                        waiting = waiting.without(p -> p.limit() < limit, gone::add);
                        assertThat(gone)
                                .isEqualTo(model.stream()
                                        .filter(p -> p.limit() < limit)
                                        .toList());
                        model.removeIf(p -> p.limit() < limit);
                        assertThat(waiting.earliestLimit()).isEqualTo(earliest(model));
                    }
                }
                assertThat(waiting.toList()).as("seed %d step %d", seed, step).isEqualTo(List.copyOf(model));
                assertThat(waiting.size()).isEqualTo(model.size());
                assertThat(waiting.head()).isEqualTo(model.peekFirst());
                assertThat(waiting.earliestLimit()).isLessThanOrEqualTo(earliest(model));
            }
        }
    }

    @Test
    void one_is_found_by_its_ticket() {
        Pending one = new Pending("one", Play.ADD_MMIO, SendTerms.DEFAULT, 1);
        Waiting waiting = Waiting.NONE.addLast(one);

        assertThat(waiting.find("one")).contains(one);
        assertThat(waiting.find("two")).isEmpty();
    }

    @Test
    void nothing_can_be_taken_from_nothing() {
        assertThat(Waiting.NONE.head()).isNull();
        assertThatIllegalStateException().isThrownBy(Waiting.NONE::removeFirst);
    }

    @Test
    void an_earlier_step_keeps_its_own_queue() {
        Waiting before = Waiting.NONE.addLast(new Pending(1, Play.ADD_MMIO, SendTerms.DEFAULT, 1));
        before.addLast(new Pending(2, Play.ADD_MMIO, SendTerms.DEFAULT, 1)).removeFirst();

        assertThat(before.size()).isEqualTo(1);
        assertThat(before.toList()).hasSize(1);
    }

    private static long earliest(ArrayDeque<Pending> model) {
        return model.stream().mapToLong(Pending::limit).min().orElse(Long.MAX_VALUE);
    }
}
