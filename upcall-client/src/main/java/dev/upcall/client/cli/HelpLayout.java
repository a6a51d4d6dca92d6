package dev.upcall.client.cli;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/// A command's own options first; those of all commands under headings of their own, and only where they mean
/// something.
final class HelpLayout {
    /// What every command understands; the other common options are about the guest.
    private static final List<String> GENERAL = List.of("--json", "--verbose", "--help", "--version");

    private static final List<String> WITHOUT_GUEST = List.of(
            "upcall decode", "upcall bridge", "upcall demo", "upcall completion", "upcall man", "upcall guest-stub");

    private HelpLayout() {}

    static void applyTo(CommandLine top) {
        apply(top);
        top.getSubcommands().values().forEach(HelpLayout::applyTo);
    }

    private static void apply(CommandLine command) {
        command.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_OPTION_LIST, HelpLayout::options);
        command.setUsageHelpWidth(100);
        command.setUsageHelpLongOptionsMaxWidth(30);
    }

    private static String options(Help help) {
        List<OptionSpec> all = help.commandSpec().options();
        String name = help.commandSpec().qualifiedName();
        boolean top = help.commandSpec().parent() == null;
        List<OptionSpec> general =
                GENERAL.stream().map(help.commandSpec()::findOption).toList();
        List<OptionSpec> guest = all.stream()
                .filter(o -> !general.contains(o) && (top || o.inherited()))
                .toList();
        List<OptionSpec> own = all.stream()
                .filter(o -> !general.contains(o) && !guest.contains(o))
                .toList();
        String about = WITHOUT_GUEST.contains(name) ? "" : section(help, "%nThe guest:%n", guest);
        return section(help, "", own) + about + section(help, "%nGeneral:%n", general);
    }

    private static String section(Help help, String heading, List<OptionSpec> options) {
        return options.isEmpty()
                ? ""
                : help.createHeading(heading)
                        + help.optionListExcludingGroups(
                                options, help.createDefaultLayout(), null, help.parameterLabelRenderer());
    }
}
