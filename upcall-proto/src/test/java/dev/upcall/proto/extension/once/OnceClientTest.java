package dev.upcall.proto.extension.once;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upcall.proto.extension.BootId;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.ExecuteOnce;
import dev.upcall.proto.extension.Feature;
import dev.upcall.proto.extension.Features;
import dev.upcall.proto.extension.HandshakeReply;
import dev.upcall.proto.extension.once.AfterLoss.Decision;
import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.Request;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// §5, the client's part.
class OnceClientTest {

    private static final Epoch CLIENT = new Epoch(0xC1);
    private static final Epoch GUEST = new Epoch(0x6E);
    private static final Epoch OTHER = new Epoch(0x6F);
    private static final BootId BOOT = new BootId(1, 1);
    private static final BootId OTHER_BOOT = new BootId(1, 2);
    private static final Features NO_INVENTORY = Features.of(Feature.EXACTLY_ONCE);
    private static final Request REQUEST = new Request.AddCpu(new ApicId(1));

    @Test
    void s5_ids_rise_and_what_was_settled_is_acknowledged() {
        OnceClient.Issued first = OnceClient.begin(CLIENT).issue(REQUEST);
        OnceClient.Issued second = first.next().settled(1).issue(REQUEST);

        assertThat(first.request().requestId()).isEqualTo(1);
        assertThat(first.request().acknowledgedId()).isZero();
        assertThat(second.request().requestId()).isEqualTo(2);
        assertThat(second.request().acknowledgedId()).isEqualTo(1);
    }

    @Test
    void s5_nothing_from_an_unsettled_request_on_is_acknowledged() {
        OnceClient client =
                OnceClient.begin(CLIENT).issue(REQUEST).next().issue(REQUEST).next();

        ExecuteOnce third = client.settled(2).issue(REQUEST).request();

        assertThat(third.acknowledgedId()).isZero();
    }

    @Test
    void s5_a_repeat_has_the_same_id_and_the_same_content() {
        OnceClient.Issued issued = connected().issue(REQUEST);

        assertThat(issued.next().repeat(1, REQUEST)).isEqualTo(issued.request());
        OnceClient settled = issued.next().settled(1);
        assertThatThrownBy(() -> settled.repeat(1, REQUEST)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void s5_the_same_guest_epoch_is_asked_again() {
        assertThat(decide(GUEST, BOOT, false, Features.ALL)).isEqualTo(Decision.REPEAT);
        assertThat(decide(GUEST, BOOT, false, NO_INVENTORY)).isEqualTo(Decision.REPEAT);
    }

    @Test
    void s5_another_guest_epoch_is_never_asked_again() {
        assertThat(decide(OTHER, BOOT, false, Features.ALL)).isEqualTo(Decision.ASK_INVENTORY);
        assertThat(decide(OTHER, OTHER_BOOT, false, Features.ALL)).isEqualTo(Decision.ASK_INVENTORY);
    }

    @Test
    void s5_once_lost_is_like_another_guest_epoch() {
        assertThat(decide(GUEST, BOOT, true, Features.ALL)).isEqualTo(Decision.ASK_INVENTORY);
        assertThat(decide(GUEST, BOOT, true, NO_INVENTORY)).isEqualTo(Decision.OUTCOME_UNKNOWN);
    }

    @Test
    void s5_without_an_inventory_the_boot_id_tells_a_restart_from_what_nobody_knows() {
        assertThat(decide(OTHER, OTHER_BOOT, false, NO_INVENTORY)).isEqualTo(Decision.GUEST_RESTARTED);
        assertThat(decide(OTHER, BOOT, false, NO_INVENTORY)).isEqualTo(Decision.OUTCOME_UNKNOWN);
    }

    @Test
    void s5_a_guest_that_takes_no_execute_once_any_more_is_never_sent_a_plain_copy() {
        assertThat(decide(GUEST, BOOT, false, Features.of(Feature.INVENTORY))).isEqualTo(Decision.ASK_INVENTORY);
        assertThat(decide(GUEST, BOOT, false, Features.NONE)).isEqualTo(Decision.OUTCOME_UNKNOWN);
        assertThat(AfterLoss.decide(false, BOOT, Optional.empty())).isEqualTo(Decision.OUTCOME_UNKNOWN);
    }

    @Test
    void s5_a_repeat_whose_outcome_is_no_longer_kept_is_the_inventorys() {
        assertThat(AfterLoss.repeatRefused(BOOT, opened(GUEST, BOOT, false, Features.ALL)))
                .isEqualTo(Decision.ASK_INVENTORY);
        assertThat(AfterLoss.repeatRefused(BOOT, opened(GUEST, BOOT, false, NO_INVENTORY)))
                .isEqualTo(Decision.OUTCOME_UNKNOWN);
    }

    @Test
    void s5_a_table_that_was_lost_once_stays_lost_for_what_was_sent_to_it() {
        OnceClient client = connected().issue(REQUEST).next();
        assertThat(client.mayRepeat(1)).isTrue();

        client =
                client.opened(opened(GUEST, BOOT, true, Features.ALL)).opened(opened(GUEST, BOOT, false, Features.ALL));

        assertThat(client.mayRepeat(1)).isFalse();
        assertThat(client.issue(REQUEST).next().mayRepeat(2)).isTrue();
        assertThat(client.openedStock()
                        .opened(opened(GUEST, BOOT, false, Features.ALL))
                        .mayRepeat(1))
                .isFalse();
    }

    private static OnceClient connected() {
        return OnceClient.begin(CLIENT).opened(opened(GUEST, BOOT, false, Features.ALL));
    }

    private static Decision decide(Epoch guest, BootId boot, boolean onceLost, Features features) {
        HandshakeReply.Open reply = opened(guest, boot, onceLost, features);
        OnceClient client = connected().issue(REQUEST).next().opened(reply);
        return AfterLoss.decide(client.mayRepeat(1), BOOT, Optional.of(reply));
    }

    private static HandshakeReply.Open opened(Epoch guest, BootId boot, boolean onceLost, Features features) {
        return new HandshakeReply.Open(1, features, guest, boot, 2000, 1, 0, onceLost, "", "", Set.of());
    }
}
