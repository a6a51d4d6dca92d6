package dev.upcall.proto.hotplug;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upcall.proto.guest.CpuPicture;
import dev.upcall.proto.guest.GuestProfile;
import dev.upcall.proto.guest.Hazard;
import dev.upcall.proto.guest.Safety;
import dev.upcall.proto.guest.Verdict;
import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.MmioDevice;
import dev.upcall.proto.message.PciFunction;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.session.request.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/// Plans against a guest that is a function: request → outcome, with the picture kept as the session keeps it.
class PlanRunTest {

    private static final MmioDevice MMIO = MmioDevice.of(0xd000_0000L, 0x1000, 6);
    private static final PciFunction PCI = PciFunction.parse("00:04.0");
    private static final Outcome DONE = new Outcome.Done(OptionalInt.of(1));

    private CpuPicture picture = CpuPicture.BOOT_CPU_ONLY;
    private final List<Request> sent = new ArrayList<>();

    private PlanReport run(Plan plan, boolean undo, Function<Request, Outcome> guest) {
        return run(plan, GuestProfile.KATA_6_1, undo, guest);
    }

    private PlanReport run(Plan plan, GuestProfile profile, boolean undo, Function<Request, Outcome> guest) {
        PlanRun run = new PlanRun(plan, profile, undo);
        Optional<Request> next = run.next(picture);
        while (next.isPresent()) {
            sent.add(next.get());
            Outcome outcome = guest.apply(next.get());
            if (outcome instanceof Outcome.Done) {
                picture = picture.afterAnswer(next.get(), 0);
            }
            run.ended(outcome);
            next = run.next(picture);
        }
        return run.report();
    }

    @Test
    void cpus_are_added_one_id_per_request_lowest_first() {
        picture = CpuPicture.of(List.of(new ApicId(0), new ApicId(2)));
        PlanReport report = run(Plan.of(new PlanStep.AddCpus(3)), true, _ -> DONE);
        assertThat(report.succeeded()).isTrue();
        assertThat(sent)
                .containsExactly(
                        new Request.AddCpu(new ApicId(1)),
                        new Request.AddCpu(new ApicId(3)),
                        new Request.AddCpu(new ApicId(4)));
    }

    @Test
    void setting_fewer_cpus_removes_from_the_highest_slot_down_and_keeps_the_boot_cpu() {
        picture = CpuPicture.of(List.of(new ApicId(0), new ApicId(3), new ApicId(1)));
        run(Plan.of(new PlanStep.SetCpus(1)), true, _ -> DONE);
        assertThat(sent).containsExactly(new Request.DelCpu(new ApicId(1)), new Request.DelCpu(new ApicId(3)));
    }

    @Test
    void setting_the_number_there_is_sends_nothing() {
        PlanReport report = run(Plan.of(new PlanStep.SetCpus(1)), true, _ -> DONE);
        assertThat(report.succeeded()).isTrue();
        assertThat(sent).isEmpty();
    }

    @Test
    void arm64_guests_are_asked_for_one_cpu_at_a_time() {
        run(Plan.of(new PlanStep.AddCpus(2)), GuestProfile.KATA_ARM64, true, _ -> DONE);
        assertThat(sent).containsExactly(new Request.AddCpuCount(1), new Request.AddCpuCount(1));
    }

    @Test
    void what_was_done_is_undone_in_reverse_when_a_step_fails() {
        Plan plan = Plan.of(
                new PlanStep.AddCpus(2),
                new PlanStep.Ask(new Request.AddMmio(MMIO)),
                new PlanStep.Ask(new Request.AddPci(PCI)));
        PlanReport report = run(plan, true, r -> r instanceof Request.AddPci ? new Outcome.Refused(-19) : DONE);
        assertThat(report.failure().orElseThrow().request()).isEqualTo(new Request.AddPci(PCI));
        assertThat(report.failure().orElseThrow().stepNumber()).isEqualTo(3);
        assertThat(report.undone())
                .extracting(PlanReport.Entry::request)
                .containsExactly(
                        new Request.DelMmio(MMIO),
                        new Request.DelCpu(new ApicId(2)),
                        new Request.DelCpu(new ApicId(1)));
        assertThat(picture.presentInSlotOrder()).containsExactly(ApicId.BOOT);
    }

    @Test
    void nothing_is_undone_when_that_is_not_wanted() {
        Plan plan = Plan.of(new PlanStep.AddCpus(1), new PlanStep.Ask(new Request.AddPci(PCI)));
        PlanReport report = run(plan, false, r -> r instanceof Request.AddPci ? new Outcome.Refused(-19) : DONE);
        assertThat(report.succeeded()).isFalse();
        assertThat(report.undone()).isEmpty();
        assertThat(sent).hasSize(2);
    }

    @Test
    void an_unknown_outcome_ends_the_run_and_is_never_undone() {
        Plan plan = Plan.of(new PlanStep.Ask(new Request.AddMmio(MMIO)), new PlanStep.AddCpus(1));
        Outcome unknown = new Outcome.Unknown(Outcome.UnknownCause.CONNECTION_LOST, "lost");
        PlanReport report = run(plan, true, r -> r instanceof Request.AddCpu ? unknown : DONE);
        assertThat(report.failure().orElseThrow().outcome()).isEqualTo(unknown);
        assertThat(report.undone()).extracting(PlanReport.Entry::request).containsExactly(new Request.DelMmio(MMIO));
    }

    @Test
    void an_undo_that_fails_is_reported_and_the_others_go_on() {
        Plan plan = Plan.of(
                new PlanStep.AddCpus(1),
                new PlanStep.Ask(new Request.AddMmio(MMIO)),
                new PlanStep.Ask(new Request.AddPci(PCI)));
        PlanReport report = run(
                plan,
                true,
                r -> r instanceof Request.AddPci || r instanceof Request.DelMmio ? new Outcome.Refused(-19) : DONE);
        assertThat(report.notUndone()).extracting(PlanReport.Entry::request).containsExactly(new Request.DelMmio(MMIO));
        assertThat(report.undone())
                .extracting(PlanReport.Entry::request)
                .containsExactly(new Request.DelCpu(new ApicId(1)));
    }

    @Test
    void a_removal_that_finds_nothing_is_reached_but_not_ours_to_undo() {
        Plan plan = Plan.of(new PlanStep.Ask(new Request.DelMmio(MMIO)), new PlanStep.Ask(new Request.AddPci(PCI)));
        PlanReport report =
                run(plan, true, r -> r instanceof Request.DelMmio ? new Outcome.Absent() : new Outcome.Refused(-19));
        assertThat(report.entries()).hasSize(2);
        assertThat(report.undone()).isEmpty();
    }

    @Test
    void a_preview_stops_where_the_run_would_and_sends_nothing() {
        Plan plan = Plan.of(
                new PlanStep.AddCpus(1),
                new PlanStep.Ask(new Request.DelCpu(new ApicId(9))),
                new PlanStep.Ask(new Request.AddPci(PCI)));
        List<Plan.Preview> preview = plan.preview(Safety.of(GuestProfile.KATA_6_12), picture);
        assertThat(preview).hasSize(2);
        assertThat(preview.getLast().verdict())
                .isInstanceOfSatisfying(
                        Verdict.Unsafe.class, u -> assertThat(u.hazard()).isEqualTo(Hazard.CRASHES_GUEST));
    }

    @Test
    void a_preview_follows_what_the_steps_before_would_have_done() {
        Plan plan = Plan.of(new PlanStep.AddCpus(2), new PlanStep.SetCpus(1));
        assertThat(plan.preview(Safety.of(GuestProfile.KATA_6_1), picture))
                .extracting(Plan.Preview::request)
                .containsExactly(
                        new Request.AddCpu(new ApicId(1)),
                        new Request.AddCpu(new ApicId(2)),
                        new Request.DelCpu(new ApicId(2)),
                        new Request.DelCpu(new ApicId(1)));
    }

    @Test
    void an_empty_plan_and_an_endless_one_are_refused_with_the_number() {
        assertThatThrownBy(() -> new Plan(List.of())).hasMessageContaining("at least one step");
        List<PlanStep> many = java.util.Collections.nCopies(Plan.STEPS_MAX + 1, new PlanStep.AddCpus(1));
        assertThatThrownBy(() -> new Plan(many)).hasMessageContaining("1001");
        assertThatThrownBy(() -> new PlanStep.SetCpus(0)).hasMessageContaining(": 0");
    }

    @Test
    void next_before_the_last_one_ended_is_a_mistake_of_the_driver() {
        PlanRun run = new PlanRun(Plan.of(new PlanStep.AddCpus(1)), GuestProfile.KATA_6_1, true);
        assertThat(run.next(picture)).isPresent();
        assertThatThrownBy(() -> run.next(picture)).isInstanceOf(IllegalStateException.class);
    }
}
