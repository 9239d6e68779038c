package io.tollgate.app.command;

import io.tollgate.app.cli.CommandFailed;
import io.tollgate.app.cli.Table;
import io.tollgate.app.container.Access;
import io.tollgate.queue.job.ModelName;
import java.util.OptionalInt;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** How many jobs of a model may run at once. */
@Command(
        name = "limits",
        description = "Shows and sets how many jobs of a model may run at once.",
        subcommands = {LimitsCommand.ListLimits.class, LimitsCommand.SetLimit.class})
public final class LimitsCommand extends CommandGroup {
    /** What they have in common. */
    abstract static class OfLimits extends SiteCommand {
        final void show(Site site) {
            Doc limits = site.limits();
            Table table = new Table("model", "max", "running", "from");
            limits.list("limits")
                    .forEach(limit -> table.row(
                            limit.text("model"),
                            limit.text("max_concurrent"),
                            limit.text("running"),
                            limit.flag("set") ? "an operator" : "configuration"));
            output().result(limits.node(), table);
        }
    }

    /** All of them. */
    @Command(name = "list", description = "Lists the limit of every model.")
    static final class ListLimits extends OfLimits {
        @Override
        protected void execute() {
            try (Site site = site(Access.READ)) {
                show(site);
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
                try (Site site = site(Access.WRITE)) {
                    site.limit(name, wanted);
                    show(site);
                }
            } catch (NumberFormatException e) {
                throw new CommandFailed("the limit must be a whole number from 1 to 50, not '" + limit + "'", e);
            } catch (IllegalArgumentException e) {
                throw new CommandFailed(String.valueOf(e.getMessage()), e);
            }
        }
    }
}
