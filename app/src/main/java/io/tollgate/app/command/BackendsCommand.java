package io.tollgate.app.command;

import io.tollgate.app.cli.Table;
import io.tollgate.app.container.Access;
import picocli.CommandLine.Command;

/** What runs attempts. */
@Command(
        name = "backends",
        description = "Shows what runs jobs.",
        subcommands = {BackendsCommand.ListBackends.class})
public final class BackendsCommand extends CommandGroup {
    /** As a server sees them, or as they are configured. */
    @Command(
            name = "list",
            description = "Lists the backends and how many runs they have; on a data directory, where nobody asks them,"
                    + " as they are configured.")
    static final class ListBackends extends SiteCommand {
        @Override
        protected void execute() {
            try (Site site = site(Access.READ)) {
                Doc backends = site.backends();
                Table table = new Table("backend", "type", "queues", "slots", "running", "state", "model");
                backends.list("backends")
                        .forEach(backend -> table.row(
                                backend.text("id"),
                                backend.text("type"),
                                backend.texts("queues").isEmpty() ? "all" : String.join(", ", backend.texts("queues")),
                                backend.whole("slots"),
                                backend.whole("taken"),
                                state(backend),
                                backend.text("warm")));
                output().result(backends.node(), table);
            }
        }

        private static String state(Doc backend) {
            String state = backend.text("state");
            return (state.equals("starting") ? "not asked yet" : state)
                    + backend.maybe("reason").map(reason -> ": " + reason).orElse("");
        }
    }
}
