package io.tollgate.app.command;

import io.tollgate.app.cli.TollgateCommand;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A word that only means something with another one behind it. */
abstract class CommandGroup extends TollgateCommand {
    @Spec
    private @Nullable CommandSpec group;

    @Override
    protected final boolean asksServers() {
        return true; // if the one behind it does
    }

    @Override
    protected final void execute() {
        if (group == null) {
            throw new IllegalStateException("not started by the command line");
        }
        throw new ParameterException(
                group.commandLine(),
                "'" + group.name() + "' needs one of " + group.subcommands().keySet());
    }
}
