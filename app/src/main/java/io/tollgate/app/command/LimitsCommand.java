package io.tollgate.app.command;

import io.tollgate.app.cli.CommandFailed;
import io.tollgate.app.cli.Table;
import io.tollgate.app.container.Access;
import io.tollgate.app.container.ServiceContainer;
import io.tollgate.queue.Operations.LimitStatus;
import io.tollgate.queue.job.ModelName;
import java.util.List;
import java.util.OptionalInt;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** How many jobs of a model may run at once. */
@Command(
        name = "limits",
        description = "Shows and sets how many jobs of a model may run at once.",
        subcommands = {LimitsCommand.ListLimits.class, LimitsCommand.SetLimit.class})
public final class LimitsCommand extends CommandGroup {
    private record Document(List<LimitStatus> limits) {}

    /** What they have in common. */
    abstract static class OfLimits extends LocalCommand {
        final void show(ServiceContainer container) {
            List<LimitStatus> limits = container.tollgate().operations().limits();
            Table table = new Table("model", "max", "running", "from");
            limits.forEach(limit -> table.row(
                    limit.model(),
                    limit.maxConcurrent(),
                    limit.running(),
                    limit.set() ? "an operator" : "configuration"));
            output().result(new Document(limits), table);
        }
    }

    /** All of them. */
    @Command(name = "list", description = "Lists the limit of every model.")
    static final class ListLimits extends OfLimits {
        @Override
        protected void execute() {
            try (ServiceContainer container = open(Access.READ)) {
                show(container);
            }
        }
    }

    /** One of them. */
    @Command(name = "set", description = "Sets a model's limit; running jobs go on.")
    static final class SetLimit extends OfLimits {
        @Parameters(index = "0", paramLabel = "MODEL", description = "The model.")
        private String model = "";

        @Parameters(index = "1", paramLabel = "N", description = "1 to 50, or 'default' for the configured limit.")
        private String limit = "";

        @Override
        protected void execute() {
            try {
                ModelName name = new ModelName(model);
                OptionalInt wanted =
                        limit.equals("default") ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(limit));
                try (ServiceContainer container = open(Access.WRITE)) {
                    await(container.tollgate().operations().setLimit(name, wanted, actor()));
                    show(container);
                }
            } catch (NumberFormatException e) {
                throw new CommandFailed("the limit must be a whole number from 1 to 50, not '" + limit + "'", e);
            } catch (IllegalArgumentException e) {
                throw new CommandFailed(String.valueOf(e.getMessage()), e);
            }
        }
    }
}
