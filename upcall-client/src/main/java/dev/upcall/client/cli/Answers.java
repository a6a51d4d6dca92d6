package dev.upcall.client.cli;

import dev.upcall.client.UpcallException;
import dev.upcall.proto.guest.GuestProfile;
import dev.upcall.proto.guest.ResultMeaning;
import dev.upcall.proto.hotplug.PlanReport;
import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.MmioDevice;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.session.Trouble;
import dev.upcall.proto.session.request.Outcome;
import dev.upcall.proto.session.request.Outcome.NotSentCause;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// How requests and their ends read: for people, and as fields.
final class Answers {
    private Answers() {}

    /// The line of a request that reached what it wanted; empty for the others, which are a [Failure].
    static Optional<Report> report(PlanReport.Entry entry, Duration elapsed) {
        String undo = entry.undo() ? "undone: " : "";
        return switch (entry.outcome()) {
            case Outcome.Done done -> {
                Report report = new Report(undo + done(entry.request()) + " in " + millis(elapsed), fields(entry));
                yield Optional.of(timed(
                        done.word().isPresent()
                                ? report.with("word", done.word().getAsInt())
                                : report,
                        elapsed));
            }
            case Outcome.Absent _ ->
                Optional.of(timed(
                        new Report(
                                undo + subject(entry.request()) + " is absent now: its removal had to be repeated,"
                                        + " and which copy removed it nobody knows",
                                fields(entry)),
                        elapsed));
            case Outcome.Refused _,
                    Outcome.Unknown _,
                    Outcome.GuestRestarted _,
                    Outcome.NotDone _,
                    Outcome.NotSent _,
                    Outcome.Unsafe _,
                    Outcome.Misbehaved _ -> Optional.empty();
        };
    }

    /// What ended the run, as the command's failure.
    static Failure failure(PlanReport.Entry entry, PlanReport report, GuestProfile profile, Optional<Trouble> trouble) {
        Failure failure = single(entry, profile, trouble);
        fields(entry).forEach((name, value) -> {
            if (!name.equals("undo")) {
                failure.with(name, value);
            }
        });
        return withHistory(failure, report);
    }

    /// How a wish of an extended guest failed.
    static Failure failure(UpcallException e) {
        ExitCode exit = switch (e) {
            case UpcallException.NotSupported _, UpcallException.InventoryUnstable _ -> ExitCode.REFUSED;
            case UpcallException.NotConnected _ -> ExitCode.NOT_CONNECTED;
            case UpcallException.NotSent _,
                    UpcallException.NotCarriedOut _,
                    UpcallException.PeerLost _,
                    UpcallException.PeerLeaving _ -> ExitCode.NOT_SENT;
            case UpcallException.OutcomeUnknown _, UpcallException.GuestRestarted _ -> ExitCode.OUTCOME_UNKNOWN;
            case UpcallException.UnsafeForGuest _ -> ExitCode.UNSAFE;
            case UpcallException.PeerMisbehaved _ -> ExitCode.PROTOCOL_BROKEN;
        };
        return new Failure(exit, reason(e), String.valueOf(e.getMessage()));
    }

    /// `NotSupported` as `NOT_SUPPORTED`.
    private static String reason(UpcallException e) {
        return e.getClass().getSimpleName().replaceAll("(?<=.)([A-Z])", "_$1").toUpperCase(Locale.ROOT);
    }

    /// The same failure, with what had been done before and what was taken back.
    static Failure withHistory(Failure failure, PlanReport report) {
        List<PlanReport.Entry> done = report.entries().stream()
                .filter(e -> !e.undo() && e.outcome() instanceof Outcome.Answered a && !(a instanceof Outcome.Refused))
                .toList();
        String message = failure.message()
                + sentence("; before that: ", done, e -> done(e.request()))
                + sentence("; undone: ", report.undone(), e -> done(e.request()))
                + sentence("; NOT undone: ", report.notUndone(), e -> e.request() + " (" + why(e.outcome()) + ")");
        Failure full = new Failure(failure.exit(), failure.reason(), message);
        failure.facts().forEach(full::with);
        if (!done.isEmpty()) {
            full.with("done", done.stream().map(Answers::fields).toList());
        }
        if (!report.undone().isEmpty()) {
            full.with("undone", report.undone().stream().map(Answers::fields).toList());
        }
        if (!report.notUndone().isEmpty()) {
            full.with(
                    "not_undone",
                    report.notUndone().stream().map(Answers::fields).toList());
        }
        return full;
    }

    /// A request's own values under stable names.
    static Map<String, Object> fields(Request request) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("op", request.operation().name());
        switch (request) {
            case Request.AddCpu r -> fields.put("apic_ids", numbers(r.ids()));
            case Request.DelCpu r -> fields.put("apic_ids", numbers(r.ids()));
            case Request.AddCpuCount r -> fields.put("count", r.count());
            case Request.DelCpuCount r -> fields.put("count", r.count());
            case Request.AddMmio r -> mmio(fields, r.device());
            case Request.DelMmio r -> mmio(fields, r.device());
            case Request.AddPci r -> fields.put("function", r.function().toString());
            case Request.DelPci r -> fields.put("function", r.function().toString());
        }
        return fields;
    }

    static List<Integer> numbers(List<ApicId> ids) {
        return ids.stream().map(ApicId::value).toList();
    }

    static String millis(Duration elapsed) {
        return String.format(Locale.ROOT, "%.1f ms", elapsed.toNanos() / 1e6);
    }

    static double millisNumber(Duration elapsed) {
        return Math.round(elapsed.toNanos() / 1e3) / 1e3;
    }

    private static Failure single(PlanReport.Entry entry, GuestProfile profile, Optional<Trouble> trouble) {
        Request request = entry.request();
        return switch (entry.outcome()) {
            case Outcome.Refused o -> {
                ResultMeaning meaning = ResultMeaning.of(request.operation(), o.result(), profile.cpuModel());
                yield new Failure(
                                ExitCode.REFUSED,
                                meaning.name(),
                                "the guest refused " + request + ": " + errno(meaning, o.result()) + ": "
                                        + meaning.sentence())
                        .with("result", o.result());
            }
            case Outcome.Unknown o ->
                new Failure(ExitCode.OUTCOME_UNKNOWN, o.cause().name(), "outcome unknown: " + o.why());
            case Outcome.GuestRestarted o ->
                new Failure(ExitCode.OUTCOME_UNKNOWN, "GUEST_RESTARTED", "the guest restarted: " + o.why());
            case Outcome.NotDone o -> new Failure(ExitCode.NOT_SENT, "NOT_DONE", "not carried out: " + o.why());
            case Outcome.NotSent o
            when o.cause() == NotSentCause.NOT_CONNECTED ->
                new Failure(
                        trouble.filter(Trouble::isProtocolBreach).isPresent()
                                ? ExitCode.PROTOCOL_BROKEN
                                : ExitCode.NOT_CONNECTED,
                        trouble.map(t -> t.kind().name()).orElse(""),
                        "connection lost before " + request + " was sent: " + o.why());
            case Outcome.NotSent o ->
                new Failure(ExitCode.NOT_SENT, o.cause().name(), request + " was not sent: " + o.why());
            case Outcome.Unsafe o -> unsafe(o);
            case Outcome.Misbehaved o ->
                new Failure(ExitCode.PROTOCOL_BROKEN, "MISBEHAVED", "the guest broke the protocol: " + o.why());
            case Outcome.Done _, Outcome.Absent _ ->
                throw new IllegalArgumentException("no failure: " + entry.outcome());
        };
    }

    static Failure unsafe(Outcome.Unsafe unsafe) {
        return new Failure(
                ExitCode.UNSAFE,
                unsafe.hazard().name(),
                unsafe.why() + "; nothing was sent (--force-unsafe sends it all the same)");
    }

    private static String why(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Refused o -> "refused with " + ResultMeaning.errnoName(o.result());
            case Outcome.Unknown o -> o.why();
            case Outcome.GuestRestarted o -> o.why();
            case Outcome.NotDone o -> o.why();
            case Outcome.NotSent o -> o.why();
            case Outcome.Unsafe o -> o.why();
            case Outcome.Misbehaved o -> o.why();
            case Outcome.Done _, Outcome.Absent _ -> "done";
        };
    }

    private static Map<String, Object> fields(PlanReport.Entry entry) {
        Map<String, Object> fields = fields(entry.request());
        fields.put("outcome", outcomeName(entry.outcome()));
        if (entry.undo()) {
            fields.put("undo", true);
        }
        return fields;
    }

    private static String outcomeName(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Done _ -> "DONE";
            case Outcome.Absent _ -> "ABSENT";
            case Outcome.Refused _ -> "REFUSED";
            case Outcome.Unknown _ -> "UNKNOWN";
            case Outcome.GuestRestarted _ -> "GUEST_RESTARTED";
            case Outcome.NotDone _ -> "NOT_DONE";
            case Outcome.NotSent _ -> "NOT_SENT";
            case Outcome.Unsafe _ -> "UNSAFE";
            case Outcome.Misbehaved _ -> "MISBEHAVED";
        };
    }

    private static Report timed(Report report, Duration elapsed) {
        return report.with("elapsed_ms", millisNumber(elapsed));
    }

    private static void mmio(Map<String, Object> fields, MmioDevice device) {
        fields.put("base", "0x" + Long.toHexString(device.window().base()));
        fields.put("size", "0x" + Long.toHexString(device.window().size()));
        fields.put("irq", device.irq().value());
    }

    private static String done(Request request) {
        return subject(request) + (request.operation().name().startsWith("ADD") ? " added" : " removed");
    }

    private static String subject(Request request) {
        return switch (request) {
            case Request.AddCpu r -> cpus(r.ids());
            case Request.DelCpu r -> cpus(r.ids());
            case Request.AddCpuCount r -> count(r.count());
            case Request.DelCpuCount r -> count(r.count());
            case Request.AddMmio r -> "virtio-mmio " + r.device();
            case Request.DelMmio r -> "virtio-mmio " + r.device();
            case Request.AddPci r -> "PCI " + r.function();
            case Request.DelPci r -> "PCI " + r.function();
        };
    }

    private static String cpus(List<ApicId> ids) {
        return (ids.size() == 1 ? "CPU " : "CPUs ")
                + ids.stream().map(ApicId::toString).collect(Collectors.joining(", "));
    }

    private static String count(int count) {
        return count + (count == 1 ? " CPU" : " CPUs");
    }

    private static String errno(ResultMeaning meaning, int result) {
        return meaning.name().equals(Integer.toString(result))
                ? "result " + result
                : meaning.name() + " (" + result + ")";
    }

    private static String sentence(
            String lead, List<PlanReport.Entry> entries, java.util.function.Function<PlanReport.Entry, String> text) {
        return entries.isEmpty() ? "" : lead + entries.stream().map(text).collect(Collectors.joining(", "));
    }
}
