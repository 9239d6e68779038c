package io.tollgate.app.command;

import io.tollgate.app.cli.CommandFailed;
import io.tollgate.app.cli.Table;
import io.tollgate.app.container.Access;
import io.tollgate.queue.job.Delivery;
import io.tollgate.queue.job.DeliveryId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What people are owed of their jobs. */
@Command(
        name = "deliveries",
        description = "Shows messages that are owed, and sends them again.",
        subcommands = {
            DeliveriesCommand.ListDeliveries.class,
            DeliveriesCommand.Show.class,
            DeliveriesCommand.Redeliver.class
        })
public final class DeliveriesCommand extends CommandGroup {
    private static final int SHOWN = 60;

    private static Table table(List<Doc> deliveries) {
        Table table = new Table("delivery", "job", "to", "of", "state", "tries", "last error");
        deliveries.forEach(delivery -> table.row(
                delivery.text("id"),
                delivery.text("job_id"),
                delivery.text("channel") + ":" + delivery.text("address"),
                delivery.text("event"),
                delivery.text("state"),
                delivery.text("tries"),
                delivery.text("last_error")));
        return table;
    }

    private static Table tries(Doc delivery) {
        Table table = new Table("try", "at", "took", "status", "error", "answer");
        delivery.list("log")
                .forEach(one -> table.row(
                        one.text("number"),
                        one.text("at"),
                        one.text("duration_ms") + " ms",
                        one.text("status"),
                        line(one.text("error")),
                        line(one.text("answer"))));
        return table;
    }

    /** As much of a text as a table has room for, in one line. */
    private static String line(String text) {
        String line = text.strip().replaceAll("\\s+", " ");
        return line.length() > SHOWN ? line.substring(0, SHOWN) + "…" : line;
    }

    private static DeliveryId id(String text) {
        try {
            return DeliveryId.parse(text);
        } catch (IllegalArgumentException e) {
            throw new CommandFailed("'" + text + "' is not a delivery's id; 'tollgate deliveries list' shows them", e);
        }
    }

    /** Newest first. */
    @Command(name = "list", description = "Lists deliveries, newest first.")
    static final class ListDeliveries extends SiteCommand {
        @Option(names = "--state", paramLabel = "STATE", description = "Only these: ${COMPLETION-CANDIDATES}.")
        private Delivery.@Nullable State state;

        @Option(
                names = "--limit",
                paramLabel = "N",
                defaultValue = "50",
                description = "The most that are listed (default: 50).")
        private int limit = 50;

        @Override
        protected void execute() {
            if (limit < 1 || limit > 1000) {
                throw new CommandFailed("--limit must be between 1 and 1000, not " + limit);
            }
            try (Site site = site(Access.READ)) {
                Doc found = site.deliveries(Optional.ofNullable(state), limit);
                List<Doc> deliveries = found.list("deliveries");
                if (deliveries.isEmpty()) {
                    output().result(found.node(), List.of("no deliveries"));
                } else {
                    output().result(found.node(), table(deliveries));
                }
            }
        }
    }

    /** One, with its tries. */
    @Command(name = "show", description = "Shows a delivery and its latest tries.")
    static final class Show extends SiteCommand {
        @Parameters(arity = "1", paramLabel = "ID", description = "The delivery's id.")
        private String id = "";

        @Override
        protected void execute() {
            DeliveryId delivery = id(id);
            try (Site site = site(Access.READ)) {
                Doc found = site.delivery(delivery);
                List<String> lines = new ArrayList<>(table(List.of(found)).lines());
                if (!found.list("log").isEmpty()) {
                    lines.add("");
                    lines.addAll(tries(found).lines());
                }
                output().result(found.node(), lines);
            }
        }
    }

    /** Once more. */
    @Command(name = "redeliver", description = "Makes a delivery due again.")
    static final class Redeliver extends SiteCommand {
        @Parameters(arity = "1", paramLabel = "ID", description = "The delivery's id.")
        private String id = "";

        @Override
        protected void execute() {
            DeliveryId delivery = id(id);
            try (Site site = site(Access.WRITE)) {
                Doc due = site.redeliver(delivery);
                output().result(due.node(), table(List.of(due)));
            }
        }
    }
}
