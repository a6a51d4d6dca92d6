package dev.upcall.stub.control;

import dev.upcall.proto.extension.Bytes;
import dev.upcall.proto.extension.DeviceReference;
import dev.upcall.proto.extension.EventKind;
import dev.upcall.proto.hybrid.Escaped;
import dev.upcall.proto.message.PciFunction;
import dev.upcall.stub.mood.Ending;
import dev.upcall.stub.mood.Mood;
import dev.upcall.stub.mood.MoodSyntax;
import dev.upcall.stub.service.UpcallServer;
import dev.upcall.stub.syntax.WrittenIds;
import dev.upcall.stub.syntax.WrittenPci;
import java.util.List;
import java.util.Optional;

/// One command of the control socket; the package's table says what each does.
sealed interface ControlCommand {

    record Become(Mood mood) implements ControlCommand {}

    record ClearMoods() implements ControlCommand {}

    record Vcpus(boolean add, List<Integer> ids) implements ControlCommand {}

    record Pci(boolean add, List<PciFunction> functions) implements ControlCommand {}

    record SysfsCpu(boolean online, int number) implements ControlCommand {}

    /// @param inOrder a terminal event comes first
    record Reboot(boolean inOrder) implements ControlCommand {}

    /// @param inOrder a terminal event comes first
    record Restart(boolean inOrder) implements ControlCommand {}

    record Pause() implements ControlCommand {}

    record Resume() implements ControlCommand {}

    record Crash() implements ControlCommand {}

    record Exit(EventKind kind) implements ControlCommand {}

    record Event(Bytes detail) implements ControlCommand {}

    /// @param device perhaps none, of CONFIG_CHANGED
    record Raise(EventKind kind, DeviceReference device) implements ControlCommand {}

    record Dump() implements ControlCommand {}

    /// @throws IllegalArgumentException in one sentence that quotes what was found
    static ControlCommand parse(String line) {
        List<String> words = List.of(line.strip().split("[ \t]+"));
        return switch (words.getFirst()) {
            case "mood" ->
                words.size() == 2 && words.get(1).equals("clear")
                        ? new ClearMoods()
                        : new Become(MoodSyntax.parse(words.subList(1, words.size())));
            case "vcpu" -> new Vcpus(either(words, "add", "remove"), WrittenIds.parse(words.get(2)));
            case "pci" -> new Pci(either(words, "add", "remove"), WrittenPci.parse(words.get(2)));
            case "cpu" -> new SysfsCpu(either(words, "online", "offline"), oneNumber(words.get(2)));
            case "reboot" -> new Reboot(inOrder(words));
            case "restart" -> new Restart(inOrder(words));
            case "pause" -> alone(words, new Pause());
            case "resume" -> alone(words, new Resume());
            case "crash" -> alone(words, new Crash());
            case "exit" -> new Exit(kindOfExit(words));
            case "event" ->
                new Event(Bytes.utf8(line.strip().substring("event".length()).strip()));
            case "needs-reset" -> new Raise(EventKind.DEVICE_NEEDS_RESET, device(words, false));
            case "config-changed" -> new Raise(EventKind.CONFIG_CHANGED, device(words, true));
            case "dump" -> alone(words, new Dump());
            default ->
                throw new IllegalArgumentException("a command is mood, vcpu, pci, cpu, event, needs-reset,"
                        + " config-changed, pause, resume, restart, reboot, crash, exit or dump, found \""
                        + Escaped.text(words.getFirst()) + "\"");
        };
    }

    /// Does it, on the guest's thread. The answer's fields; `ok` alone when there is nothing to say.
    ///
    /// @throws IllegalArgumentException when the guest cannot
    default Json.Fields run(UpcallServer server, long now) {
        switch (this) {
            case Become c -> server.become(c.mood(), now);
            case ClearMoods _ -> server.clearMoods(now);
            case Vcpus c when c.add() -> server.machine().vmm().addVcpus(c.ids());
            case Vcpus c -> server.machine().vmm().removeVcpus(c.ids());
            case Pci c when c.add() -> server.machine().vmm().addPci(c.functions());
            case Pci c -> server.machine().vmm().removePci(c.functions());
            case SysfsCpu c -> {
                Optional<String> refusal = server.machine().sysfsCpu(c.number(), c.online(), now);
                if (refusal.isPresent()) {
                    throw new IllegalArgumentException(refusal.get());
                }
            }
            case Reboot c when c.inOrder() -> server.leave(EventKind.RESTARTING, Ending.REBOOTS, now);
            case Reboot _ -> server.reboot(now);
            case Restart c when c.inOrder() -> server.leave(EventKind.RESTARTING, Ending.RESTARTS, now);
            case Restart _ -> server.restart(now);
            case Pause _ -> server.pause(now);
            case Resume _ -> server.resume(now);
            case Crash _ -> server.crash(now);
            case Exit c -> server.leave(c.kind(), Ending.CLOSES, now);
            case Event c -> {
                if (!server.userEvent(c.detail(), now)) {
                    throw new IllegalStateException(
                            "there is no room for one more event: too many wait for clients that acknowledge nothing");
                }
            }
            case Raise c -> server.raise(c.kind(), c.device(), now);
            case Dump _ -> {
                return DumpJson.of(server.dump());
            }
        }
        return new Json.Fields();
    }

    private static boolean either(List<String> words, String yes, String no) {
        boolean right =
                words.size() == 3 && (words.get(1).equals(yes) || words.get(1).equals(no));
        if (!right) {
            throw new IllegalArgumentException(words.getFirst() + " needs " + yes + " or " + no
                    + " and one word behind it, found \"" + Escaped.text(String.join(" ", words)) + "\"");
        }
        return words.get(1).equals(yes);
    }

    private static DeviceReference device(List<String> words, boolean optional) {
        if (optional && words.size() == 1) {
            return DeviceReference.NONE;
        }
        return DeviceReference.parse(String.join(" ", words.subList(1, words.size())));
    }

    private static boolean inOrder(List<String> words) {
        if (words.size() > 2 || (words.size() == 2 && !words.get(1).equals("orderly"))) {
            throw new IllegalArgumentException(words.getFirst() + " is followed by orderly or nothing, found \""
                    + Escaped.text(words.get(1)) + "\"");
        }
        return words.size() == 2;
    }

    private static EventKind kindOfExit(List<String> words) {
        return switch (words.size() == 1 ? "app-exit" : String.join(" ", words.subList(1, words.size()))) {
            case "app-exit" -> EventKind.APP_EXIT;
            case "vm-shutdown" -> EventKind.VM_SHUTDOWN;
            default ->
                throw new IllegalArgumentException("exit is followed by app-exit, vm-shutdown or nothing, found \""
                        + Escaped.text(words.get(1)) + "\"");
        };
    }

    private static int oneNumber(String text) {
        if (!text.matches("[0-9]{1,3}")) {
            throw new IllegalArgumentException("a CPU is a number, found \"" + Escaped.text(text) + "\"");
        }
        return Integer.parseInt(text);
    }

    private static ControlCommand alone(List<String> words, ControlCommand command) {
        if (words.size() > 1) {
            throw new IllegalArgumentException(
                    words.getFirst() + " takes nothing more, found \"" + Escaped.text(words.get(1)) + "\"");
        }
        return command;
    }
}
