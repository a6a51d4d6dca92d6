package dev.upcall.stub.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class LaneTest {

    @Test
    void operations_run_one_behind_the_other_and_too_many_are_refused() throws InterruptedException {
        CountDownLatch runs = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(Lane.WAITING_MAX);
        List<Integer> order = Collections.synchronizedList(new ArrayList<>());
        try (Lane lane = new Lane("test")) {
            assertThat(lane.offer(() -> {
                        runs.countDown();
                        await(go);
                    }))
                    .isTrue();
            runs.await();
            for (int i = 0; i < Lane.WAITING_MAX; i++) {
                int number = i;
                assertThat(lane.offer(() -> {
                            order.add(number);
                            done.countDown();
                        }))
                        .isTrue();
            }
            assertThat(lane.offer(() -> order.add(-1))).as("one too many").isFalse();
            go.countDown();
            done.await();
        }
        assertThat(order)
                .containsExactlyElementsOf(
                        IntStream.range(0, Lane.WAITING_MAX).boxed().toList());
    }

    @Test
    void a_closed_lane_takes_nothing() {
        Lane lane = new Lane("test");
        lane.close();
        assertThat(lane.offer(() -> {})).isFalse();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
