package dev.upcall.client.hotplug;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.upcall.proto.guest.CpuPicture;
import dev.upcall.proto.guest.GuestProfile;
import dev.upcall.proto.hotplug.Plan;
import dev.upcall.proto.hotplug.PlanStep;
import dev.upcall.proto.hybrid.Escaped;
import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.MmioDevice;
import dev.upcall.proto.message.PciFunction;
import dev.upcall.proto.message.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.representer.Representer;
import org.yaml.snakeyaml.resolver.Resolver;

/// A plan as a file holds it.
///
/// @param plan the steps
/// @param present APIC ids the guest has, in slot order, where the file says so
/// @param kernel the guest's profile, where the file says so
public record PlanFile(Plan plan, Optional<List<ApicId>> present, Optional<GuestProfile> kernel) {

    /// A thousand steps of a hundred characters; anything larger is not a plan.
    public static final int CHARACTERS_MAX = 256 * 1024;

    private static final ObjectMapper TREES = new ObjectMapper();

    /// Every plain scalar stays text: YAML 1.1 would take `00:04.0` for a number to the base of 60.
    private static final Resolver TEXT_ONLY = new Resolver() {
        @Override
        protected void addImplicitResolvers() {}
    };

    private static final Set<String> TOP_KEYS = Set.of("kernel", "present", "steps");

    /// Reads a plan from YAML or JSON text.
    ///
    /// @throws MalformedPlanException with one sentence that says where, what was expected and what was found
    public static PlanFile parse(String text) throws MalformedPlanException {
        if (text.length() > CHARACTERS_MAX) {
            throw new MalformedPlanException(
                    "a plan may have at most " + CHARACTERS_MAX + " characters, found " + text.length());
        }
        JsonNode root = read(text);
        if (!root.isObject()) {
            throw expected("the plan", "a map with the key \"steps\"", root);
        }
        requireKeys("the plan", root, TOP_KEYS);
        try {
            Optional<GuestProfile> kernel = kernel(root);
            Optional<List<ApicId>> present = present(root.get("present"));
            return new PlanFile(new Plan(steps(root.get("steps"))), present, kernel);
        } catch (IllegalArgumentException e) {
            throw new MalformedPlanException(String.valueOf(e.getMessage()));
        }
    }

    private static JsonNode read(String text) throws MalformedPlanException {
        LoaderOptions options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        options.setMaxAliasesForCollections(0);
        Yaml yaml = new Yaml(
                new SafeConstructor(options),
                new Representer(new DumperOptions()),
                new DumperOptions(),
                options,
                TEXT_ONLY);
        try {
            JsonNode root = TREES.valueToTree(yaml.load(text));
            return root == null ? TREES.nullNode() : root;
        } catch (MarkedYAMLException e) {
            String line = e.getProblemMark() == null
                    ? ""
                    : "line " + (e.getProblemMark().getLine() + 1) + ": ";
            throw new MalformedPlanException(
                    line + "not YAML or JSON: " + Escaped.text(String.valueOf(e.getProblem())));
        } catch (YAMLException e) {
            throw new MalformedPlanException("not YAML or JSON: " + Escaped.text(String.valueOf(e.getMessage())));
        }
    }

    private static List<PlanStep> steps(JsonNode node) throws MalformedPlanException {
        if (node == null || !node.isArray()) {
            throw expected("\"steps\"", "a list of steps", node);
        }
        List<PlanStep> steps = new ArrayList<>();
        for (JsonNode step : node) {
            String where = "step " + (steps.size() + 1);
            if (!step.isObject() || step.size() != 1) {
                throw expected(where, "one operation such as add-cpu: {count: 2}", step);
            }
            Map.Entry<String, JsonNode> entry = step.properties().iterator().next();
            try {
                steps.add(step(where, entry.getKey(), entry.getValue()));
            } catch (IllegalArgumentException e) {
                throw new MalformedPlanException(where + ": " + e.getMessage());
            }
        }
        return steps;
    }

    private static PlanStep step(String where, String operation, JsonNode value) throws MalformedPlanException {
        return switch (operation) {
            case "add-cpu" -> addCpu(where, value);
            case "del-cpu" -> {
                requireKeys(where, object(where, value), Set.of("apic-ids"));
                yield new PlanStep.Ask(new Request.DelCpu(ids(where, value.get("apic-ids"))));
            }
            case "set-cpus" -> new PlanStep.SetCpus(integer(where, value));
            case "add-mmio" -> new PlanStep.Ask(new Request.AddMmio(mmio(where, value)));
            case "del-mmio" -> new PlanStep.Ask(new Request.DelMmio(mmio(where, value)));
            case "add-pci" -> new PlanStep.Ask(new Request.AddPci(pci(where, value)));
            case "del-pci" -> new PlanStep.Ask(new Request.DelPci(pci(where, value)));
            default ->
                throw new MalformedPlanException(where + ": expected add-cpu, del-cpu, set-cpus, add-mmio, del-mmio,"
                        + " add-pci or del-pci, found \"" + Escaped.text(operation) + "\"");
        };
    }

    private static PlanStep addCpu(String where, JsonNode value) throws MalformedPlanException {
        requireKeys(where, object(where, value), Set.of("count", "apic-ids"));
        if (value.size() != 1) {
            throw expected(where, "either count or apic-ids", value);
        }
        return value.has("count")
                ? new PlanStep.AddCpus(integer(where, value.get("count")))
                : new PlanStep.Ask(new Request.AddCpu(ids(where, value.get("apic-ids"))));
    }

    private static MmioDevice mmio(String where, JsonNode value) throws MalformedPlanException {
        requireKeys(where, object(where, value), Set.of("base", "size", "irq"));
        return MmioDevice.of(
                number(where + " base", value.get("base")),
                number(where + " size", value.get("size")),
                integer(where + " irq", value.get("irq")));
    }

    private static PciFunction pci(String where, JsonNode value) throws MalformedPlanException {
        if (!value.isTextual()) {
            throw expected(where, "a PCI function such as 00:04.0", value);
        }
        try {
            return PciFunction.parse(value.textValue());
        } catch (IllegalArgumentException e) {
            throw new MalformedPlanException(
                    where + ": " + e.getMessage() + ", found \"" + Escaped.text(value.textValue()) + "\"");
        }
    }

    private static Optional<List<ApicId>> present(JsonNode node) throws MalformedPlanException {
        if (node == null) {
            return Optional.empty();
        }
        List<ApicId> ids = ids("\"present\"", node);
        return Optional.of(CpuPicture.of(ids).presentInSlotOrder()); // refuses duplicates and emptiness
    }

    private static Optional<GuestProfile> kernel(JsonNode root) throws MalformedPlanException {
        JsonNode node = root.get("kernel");
        if (node == null) {
            return Optional.empty();
        }
        Optional<GuestProfile> profile = GuestProfile.byId(node.asText());
        if (profile.isEmpty()) {
            throw expected("\"kernel\"", "one of " + GuestProfile.ids(), node);
        }
        return profile;
    }

    private static List<ApicId> ids(String where, JsonNode node) throws MalformedPlanException {
        if (node == null || !node.isArray()) {
            throw expected(where, "a list of APIC ids such as [1, 2]", node);
        }
        List<ApicId> ids = new ArrayList<>();
        for (JsonNode id : node) {
            ids.add(new ApicId(integer(where, id)));
        }
        return ids;
    }

    private static JsonNode object(String where, JsonNode node) throws MalformedPlanException {
        if (!node.isObject()) {
            throw expected(where, "a map such as {count: 2}", node);
        }
        return node;
    }

    private static int integer(String where, JsonNode node) throws MalformedPlanException {
        long value = number(where, node);
        if (value < Integer.MIN_VALUE || value > Integer.MAX_VALUE) {
            throw expected(where, "a 32-bit number", node);
        }
        return (int) value;
    }

    /// A number, or text that is one: YAML readers disagree about hexadecimal.
    private static long number(String where, JsonNode node) throws MalformedPlanException {
        if (node != null && node.canConvertToLong() && node.isIntegralNumber()) {
            return node.longValue();
        }
        if (node != null
                && node.isIntegralNumber()
                && node.bigIntegerValue().bitLength() <= Long.SIZE
                && node.bigIntegerValue().signum() >= 0) {
            return node.bigIntegerValue().longValue();
        }
        if (node != null && node.isTextual()) {
            String text = node.textValue();
            try {
                return text.startsWith("0x") || text.startsWith("0X")
                        ? Long.parseUnsignedLong(text.substring(2), 16)
                        : Long.parseLong(text);
            } catch (NumberFormatException e) {
                throw expected(where, "a number such as 4096 or 0x1000", node);
            }
        }
        throw expected(where, "a number such as 4096 or 0x1000", node);
    }

    private static void requireKeys(String where, JsonNode node, Set<String> known) throws MalformedPlanException {
        for (Map.Entry<String, JsonNode> entry : node.properties()) {
            if (!known.contains(entry.getKey())) {
                throw new MalformedPlanException(where + ": unknown key \"" + Escaped.text(entry.getKey())
                        + "\", expected one of " + known.stream().sorted().toList());
            }
        }
    }

    private static MalformedPlanException expected(String where, String what, @Nullable JsonNode found) {
        String text =
                found == null ? "nothing" : Escaped.text(found.isTextual() ? found.textValue() : found.toString());
        return new MalformedPlanException(
                where + ": expected " + what + ", found " + (text.length() > 80 ? text.substring(0, 80) + "…" : text));
    }
}
