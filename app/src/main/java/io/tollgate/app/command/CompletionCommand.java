package io.tollgate.app.command;

import io.tollgate.app.cli.TollgateCommand;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A script by which a shell completes what somebody types. */
@Command(
        name = "completion",
        description =
                "Prints a script that completes commands and options in bash, and in zsh with bashcompinit: source"
                        + " <(tollgate completion)")
public final class CompletionCommand extends TollgateCommand {
    @Spec
    private @Nullable CommandSpec own;

    private record Document(String script) {}

    @Override
    protected void execute() {
        if (own == null) {
            throw new IllegalStateException("not started by the command line");
        }
        String script = AutoComplete.bash("tollgate", own.root().commandLine());
        if (output().isJson()) {
            output().result(new Document(script), List.of());
        } else {
            terminal().out().print(script); // as it is: a shell reads it
            terminal().out().flush();
        }
    }
}
