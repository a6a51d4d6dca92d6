package dev.upcall.proto.hotplug;

import dev.upcall.proto.message.Request;

/// One line of a plan, as its author wrote it. What it becomes depends on the CPUs the guest has when its turn comes.
public sealed interface PlanStep {

    /// As many CPUs more, the lowest ids that are not present.
    record AddCpus(int count) implements PlanStep {
        public AddCpus {
            requireCount("CPUs to add", count);
        }

        @Override
        public String toString() {
            return "add " + count + (count == 1 ? " CPU" : " CPUs");
        }
    }

    /// Exactly so many CPUs present, the boot CPU included.
    record SetCpus(int count) implements PlanStep {
        public SetCpus {
            requireCount("CPUs to have", count);
        }

        @Override
        public String toString() {
            return "set CPUs to " + count;
        }
    }

    /// A request as it stands.
    record Ask(Request request) implements PlanStep {
        @Override
        public String toString() {
            return request.toString();
        }
    }

    private static void requireCount(String what, int count) {
        if (count < 1 || count > Request.CPU_COUNT_MAX) {
            throw new IllegalArgumentException(what + " must be 1 to " + Request.CPU_COUNT_MAX + ": " + count);
        }
    }
}
