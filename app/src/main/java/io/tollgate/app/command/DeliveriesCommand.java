package io.tollgate.app.command;

import io.tollgate.app.cli.CommandFailed;
import io.tollgate.app.cli.Table;
import io.tollgate.app.container.Access;
import io.tollgate.app.container.ServiceContainer;
import io.tollgate.http.DeliveryDocument;
import io.tollgate.queue.job.Delivery;
import io.tollgate.queue.job.DeliveryFilter;
import io.tollgate.queue.job.DeliveryId;
import io.tollgate.queue.job.LoggedDelivery;
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

    private record Document(List<DeliveryDocument> deliveries) {}

    private static Table table(List<Delivery> deliveries) {
        Table table = new Table("delivery", "job", "to", "of", "state", "tries", "last error");
        deliveries.forEach(delivery -> table.row(
                delivery.id(),
                delivery.job(),
                delivery.target().channel() + ":" + delivery.target().address(),
                delivery.event().word(),
                delivery.state().word(),
                delivery.tries(),
                delivery.lastError().orElse("")));
        return table;
    }

    private static Table tries(LoggedDelivery logged) {
        Table table = new Table("try", "at", "took", "status", "error", "answer");
        logged.log()
                .forEach(one -> table.row(
                        one.number(),
                        one.at(),
                        one.took().toMillis() + " ms",
                        one.status().isPresent() ? String.valueOf(one.status().getAsInt()) : "",
                        one.error().map(DeliveriesCommand::line).orElse(""),
                        one.answer().map(DeliveriesCommand::line).orElse("")));
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

    private static LoggedDelivery find(ServiceContainer container, DeliveryId id) {
        return container
                .tollgate()
                .operations()
                .delivery(id)
                .orElseThrow(() -> new CommandFailed("there is no delivery " + id));
    }

    /** Newest first. */
    @Command(name = "list", description = "Lists deliveries, newest first.")
    static final class ListDeliveries extends LocalCommand {
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
            try (ServiceContainer container = open(Access.READ)) {
                DeliveryFilter filter =
                        Optional.ofNullable(state).map(DeliveryFilter.ALL::in).orElse(DeliveryFilter.ALL);
                List<LoggedDelivery> deliveries =
                        container.tollgate().operations().deliveries(filter, Optional.empty(), limit);
                Document document = new Document(
                        deliveries.stream().map(DeliveryDocument::of).toList());
                if (deliveries.isEmpty()) {
                    output().result(document, List.of("no deliveries"));
                } else {
                    output().result(
                                    document,
                                    table(deliveries.stream()
                                            .map(LoggedDelivery::delivery)
                                            .toList()));
                }
            }
        }
    }

    /** One, with its tries. */
    @Command(name = "show", description = "Shows a delivery and its latest tries.")
    static final class Show extends LocalCommand {
        @Parameters(arity = "1", paramLabel = "ID", description = "The delivery's id.")
        private String id = "";

        @Override
        protected void execute() {
            DeliveryId delivery = id(id);
            try (ServiceContainer container = open(Access.READ)) {
                LoggedDelivery found = find(container, delivery);
                List<String> lines =
                        new ArrayList<>(table(List.of(found.delivery())).lines());
                if (!found.log().isEmpty()) {
                    lines.add("");
                    lines.addAll(tries(found).lines());
                }
                output().result(DeliveryDocument.of(found), lines);
            }
        }
    }

    /** Once more. */
    @Command(name = "redeliver", description = "Makes a delivery due again.")
    static final class Redeliver extends LocalCommand {
        @Parameters(arity = "1", paramLabel = "ID", description = "The delivery's id.")
        private String id = "";

        @Override
        protected void execute() {
            DeliveryId delivery = id(id);
            try (ServiceContainer container = open(Access.WRITE)) {
                Delivery again = await(container.tollgate().operations().redeliver(delivery))
                        .orElseThrow(() -> new CommandFailed("there is no delivery " + delivery));
                output().result(DeliveryDocument.of(find(container, delivery)), table(List.of(again)));
            }
        }
    }
}
