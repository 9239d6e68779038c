package io.tollgate.app.cli;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** What stands above all commands. */
@Command(
        name = "tollgate",
        description = "A priority lane to your GPUs with the toll booth built in.",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        versionProvider = Version.class,
        usageHelpAutoWidth = true,
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done", "1:refused or failed", "2:wrong usage"})
final class TopCommand implements Runnable {
    private final Terminal terminal;
    private final Map<String, String> environment;

    @Mixin
    private SharedOptions options = new SharedOptions();

    @Spec
    private @Nullable CommandSpec spec;

    TopCommand(Terminal terminal, Map<String, String> environment) {
        this.terminal = terminal;
        this.environment = environment;
    }

    Terminal terminal() {
        return terminal;
    }

    Map<String, String> environment() {
        return environment;
    }

    SharedOptions options() {
        return options;
    }

    @Override
    public void run() {
        if (spec == null) {
            throw new IllegalStateException("not started by the command line");
        }
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }
}
