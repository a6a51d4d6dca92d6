package dev.upcall.proto.extension.liveness;

import static dev.upcall.proto.extension.liveness.BindingOrder.BindCause.FIRST;
import static dev.upcall.proto.extension.liveness.BindingOrder.BindCause.RESTARTED;
import static dev.upcall.proto.extension.liveness.BindingOrder.BindCause.RESUMED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.upcall.proto.extension.DeviceReference;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.liveness.BindingOrder.Bind;
import dev.upcall.proto.extension.liveness.BindingOrder.Removed;
import dev.upcall.proto.extension.liveness.BindingOrder.RenewPicture;
import dev.upcall.proto.extension.liveness.BindingOrder.Unbind;
import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.PciFunction;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

/// §2: what becomes of what was plugged in.
class AttachmentTest {

    private static final Epoch E1 = new Epoch(1);
    private static final Epoch E2 = new Epoch(2);
    private static final DeviceReference CPU = new DeviceReference.Cpu(new ApicId(1));
    private static final DeviceReference PCI = new DeviceReference.Pci(new PciFunction(0, 4, 0));

    private final List<BindingOrder> out = new ArrayList<>();

    @Test
    void s2_the_first_alive_binds_and_the_following_do_nothing() {
        alive(alive(Attachment.begin(RemovalPolicy.AUTO), E1), E1);

        assertThat(out).containsExactly(new Bind(E1, FIRST));
    }

    @Test
    void s2_auto_unbinds_and_then_removes_every_device() {
        Attachment lost = lost(bound(RemovalPolicy.AUTO), LossCause.CONNECTION);

        assertThat(out)
                .containsExactly(new Unbind(E1, LossCause.CONNECTION), new Removed(E1, CPU), new Removed(E1, PCI));
        assertThat(lost.devices()).isEmpty();
        assertThat(lost.isLost(CPU)).isFalse();
    }

    @Test
    void s2_auto_binds_the_next_life() {
        alive(lost(bound(RemovalPolicy.AUTO), LossCause.CONNECTION), E2);

        assertThat(out).last().isEqualTo(new Bind(E2, RESTARTED));
    }

    @Test
    void s2_a_restart_that_nobody_saw_unbinds_removes_and_binds() {
        Attachment bound = bound(RemovalPolicy.AUTO).judged(new Verdict.Restarted(E1, E2), out);

        assertThat(out)
                .containsExactly(
                        new Unbind(E1, LossCause.RESTARTED),
                        new Removed(E1, CPU),
                        new Removed(E1, PCI),
                        new Bind(E2, RESTARTED));
        assertThat(bound.devices()).isEmpty();
    }

    @Test
    void s2_manual_unbinds_once_and_keeps_the_entries_as_lost() {
        Attachment lost = lost(lost(bound(RemovalPolicy.MANUAL), LossCause.PROBE), LossCause.CONNECTION);

        assertThat(out).containsExactly(new Unbind(E1, LossCause.PROBE));
        assertThat(lost.isLost(CPU)).isTrue();
    }

    @Test
    void s2_manual_binds_another_life_only_after_everything_was_unregistered() {
        Attachment lost = lost(bound(RemovalPolicy.MANUAL), LossCause.PROBE);
        lost = alive(lost, E2).unregister(CPU, out);
        lost = alive(lost, E2);
        assertThat(out).hasSize(2).last().isEqualTo(new Removed(E1, CPU));

        lost = lost.unregister(PCI, out);
        assertThat(out).last().isEqualTo(new Removed(E1, PCI));
        alive(lost, E2);

        assertThat(out).last().isEqualTo(new Bind(E2, RESTARTED));
    }

    @Test
    void s2_unregister_is_idempotent_and_touches_no_bound_device() {
        Attachment bound = bound(RemovalPolicy.MANUAL);
        assertThat(bound.unregister(CPU, out).unregisterAll(out)).isEqualTo(bound);

        Attachment lost = lost(bound, LossCause.PROBE);
        out.clear();
        Attachment once = lost.unregisterAll(out);
        assertThat(out).containsExactly(new Removed(E1, CPU), new Removed(E1, PCI));
        assertThat(once.unregisterAll(out).unregister(CPU, out)).isEqualTo(once);
        assertThat(out).hasSize(2);
    }

    @Test
    void s2_the_same_life_that_answers_again_is_resumed_with_what_it_had() {
        for (RemovalPolicy policy : RemovalPolicy.values()) {
            Attachment lost = lost(bound(policy), LossCause.PROBE);
            out.clear();

            Attachment back = alive(lost, E1);

            assertThat(out).containsExactly(new Bind(E1, RESUMED), new RenewPicture(Set.of(CPU, PCI)));
            assertThat(back.devices()).containsExactly(CPU, PCI);
            assertThat(back.pictured(Set.of(PCI)).devices()).containsExactly(PCI);
        }
    }

    @Test
    void s2_what_was_unregistered_does_not_come_back_with_the_same_life() {
        Attachment lost = lost(bound(RemovalPolicy.MANUAL), LossCause.PROBE)
                .unregister(CPU, out)
                .under(RemovalPolicy.AUTO);

        assertThat(alive(lost, E1).devices()).containsExactly(PCI);
    }

    @Test
    void s2_a_policy_change_takes_effect_at_the_next_verdict() {
        Attachment lost = lost(bound(RemovalPolicy.MANUAL), LossCause.PROBE).under(RemovalPolicy.AUTO);
        assertThat(out).hasSize(1);
        assertThat(lost.isLost(CPU)).isTrue();

        alive(lost, E2);

        assertThat(out.subList(1, 4))
                .containsExactly(new Removed(E1, CPU), new Removed(E1, PCI), new Bind(E2, RESTARTED));
    }

    @Test
    void s2_a_device_comes_and_goes_while_bound_only() {
        Attachment bound = bound(RemovalPolicy.AUTO).unplugged(CPU);
        assertThat(bound.devices()).containsExactly(PCI);

        assertThat(Attachment.begin(RemovalPolicy.AUTO).plugged(CPU).devices()).isEmpty();
    }

    /// Any order of verdicts and wishes: BIND and UNBIND alternate, and every REMOVED stands behind its UNBIND.
    @Test
    void s2_bind_and_unbind_alternate_whatever_happens() {
        for (long seed = 0; seed < 2000; seed++) {
            RandomGenerator random =
                    RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
            Attachment attachment = Attachment.begin(RemovalPolicy.AUTO);
            List<BindingOrder> told = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                attachment = happens(attachment, random, told);
            }
            assertThat(story(told)).as("seed %d", seed).matches("(BUR*)*B?");
        }
    }

    private static String story(List<BindingOrder> told) {
        StringBuilder story = new StringBuilder();
        for (BindingOrder order : told) {
            story.append(
                    switch (order) {
                        case Bind _ -> "B";
                        case Unbind _ -> "U";
                        case Removed _ -> "R";
                        case RenewPicture _ -> "";
                    });
        }
        return story.toString();
    }

    private static Attachment happens(Attachment a, RandomGenerator random, List<BindingOrder> told) {
        Epoch epoch = new Epoch(1 + random.nextInt(3));
        DeviceReference device = random.nextBoolean() ? CPU : PCI;
        return switch (random.nextInt(9)) {
            case 0, 1 -> a.judged(new Verdict.Alive(epoch), told);
            case 2 -> a.judged(new Verdict.Lost(epoch, LossCause.CONNECTION), told);
            case 3 -> a.judged(new Verdict.Restarted(new Epoch(1 + random.nextInt(3)), epoch), told);
            case 4 -> a.plugged(device);
            case 5 -> a.unregister(device, told);
            case 6 -> a.unregisterAll(told);
            case 7 -> a.under(random.nextBoolean() ? RemovalPolicy.AUTO : RemovalPolicy.MANUAL);
            default -> a.unplugged(device);
        };
    }

    private Attachment bound(RemovalPolicy policy) {
        return Attachment.begin(policy)
                .judged(new Verdict.Alive(E1), new ArrayList<>())
                .plugged(CPU)
                .plugged(PCI);
    }

    private Attachment alive(Attachment attachment, Epoch epoch) {
        return attachment.judged(new Verdict.Alive(epoch), out);
    }

    private Attachment lost(Attachment attachment, LossCause cause) {
        return attachment.judged(new Verdict.Lost(E1, cause), out);
    }
}
