package dev.upcall.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.session.State;
import dev.upcall.proto.session.Trouble;
import org.junit.jupiter.api.Test;

class RepeatedTroubleTest {
    private static final State NO_FILE = failed(Trouble.Kind.NO_SOCKET_FILE);
    private static final State REFUSED = failed(Trouble.Kind.CONNECT_REFUSED);
    private static final State DIALLING = new State.WaitingServer(1, 1, 0, 1, Trouble.of(Trouble.Kind.NOT_TRIED));
    private static final State CONNECTED = new State.Connected(new State.Connection(1, 1, 0, false, false));

    private final RepeatedTrouble repeated = new RepeatedTrouble();

    private static State failed(Trouble.Kind kind) {
        return new State.Reconnecting(2, 0, Trouble.of(kind));
    }

    @Test
    void the_second_failure_for_the_same_reason_and_all_that_follows_it_is_no_news() {
        assertThat(repeated.isNews(DIALLING)).isTrue();
        assertThat(repeated.isNews(NO_FILE)).isTrue();
        assertThat(repeated.isNews(DIALLING)).isTrue();
        assertThat(repeated.isNews(NO_FILE)).isFalse();
        assertThat(repeated.isNews(DIALLING)).isFalse();
        assertThat(repeated.isNews(NO_FILE)).isFalse();
        assertThat(repeated.takeRounds()).isEqualTo(2);
    }

    @Test
    void another_reason_is_news_and_so_is_a_connection() {
        repeated.isNews(NO_FILE);
        repeated.isNews(NO_FILE);

        assertThat(repeated.isNews(REFUSED)).isTrue();
        assertThat(repeated.takeRounds()).isEqualTo(1);
        assertThat(repeated.takeRounds()).isZero();
        assertThat(repeated.isNews(REFUSED)).isFalse();
        assertThat(repeated.isNews(CONNECTED)).isTrue();
        assertThat(repeated.isNews(REFUSED))
                .as("after a connection it is another loss")
                .isTrue();
    }
}
