package io.tollgate.app.command;

import io.tollgate.app.cli.CommandFailed;
import io.tollgate.app.cli.Table;
import io.tollgate.app.container.Access;
import io.tollgate.app.container.ServiceContainer;
import io.tollgate.http.DeliveryDocument;
import io.tollgate.queue.job.Delivery;
import io.tollgate.queue.job.DeliveryId;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What people are owed when jobs end. */
@Command(
        name = "deliveries",
        description = "Shows messages that are owed, and sends them again.",
        subcommands = {DeliveriesCommand.ListDeliveries.class, DeliveriesCommand.Redeliver.class})
public final class DeliveriesCommand extends CommandGroup {
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
                List<Delivery> deliveries =
                        container.tollgate().operations().deliveries(Optional.ofNullable(state), limit);
                Document document = new Document(
                        deliveries.stream().map(DeliveryDocument::of).toList());
                if (deliveries.isEmpty()) {
                    output().result(document, List.of("no deliveries"));
                } else {
                    output().result(document, table(deliveries));
                }
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
            DeliveryId delivery;
            try {
                delivery = DeliveryId.parse(id);
            } catch (IllegalArgumentException e) {
                throw new CommandFailed(
                        "'" + id + "' is not a delivery's id; 'tollgate deliveries list' shows them", e);
            }
            try (ServiceContainer container = open(Access.WRITE)) {
                Delivery due = await(container.tollgate().operations().redeliver(delivery))
                        .orElseThrow(() -> new CommandFailed("there is no delivery " + delivery));
                output().result(DeliveryDocument.of(due), table(List.of(due)));
            }
        }
    }
}
