package io.tollgate.app.command;

import io.tollgate.app.cli.CommandFailed;
import io.tollgate.app.cli.Table;
import io.tollgate.app.container.Access;
import io.tollgate.app.container.ServiceContainer;
import io.tollgate.credits.account.UserId;
import io.tollgate.queue.delivery.DeliveryChannel;
import io.tollgate.queue.delivery.Endpoint;
import io.tollgate.queue.delivery.SigningSecrets;
import io.tollgate.queue.job.DeliveryEvent;
import io.tollgate.queue.job.EndpointId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Who is told of all jobs of a user. */
@Command(
        name = "webhooks",
        description = "Shows and changes the addresses that are told of all jobs of a user.",
        subcommands = {
            WebhooksCommand.ListEndpoints.class,
            WebhooksCommand.Add.class,
            WebhooksCommand.Remove.class,
            WebhooksCommand.Rotate.class,
            WebhooksCommand.Resume.class,
            WebhooksCommand.Test.class
        })
public final class WebhooksCommand extends CommandGroup {
    private record EndpointDocument(
            String id,
            String url,
            List<String> events,
            Endpoint.State state,
            Optional<String> reason,
            Instant createdAt,
            Optional<Instant> failingSince,
            Optional<String> secret) {
        static EndpointDocument of(Endpoint endpoint, boolean withSecret) {
            return new EndpointDocument(
                    endpoint.id().toString(),
                    endpoint.url(),
                    endpoint.events().stream().map(DeliveryEvent::type).toList(),
                    endpoint.state(),
                    endpoint.reason(),
                    endpoint.createdAt(),
                    endpoint.failingSince(),
                    withSecret ? Optional.of(endpoint.secrets().current().reveal()) : Optional.empty());
        }
    }

    private record ListDocument(List<EndpointDocument> webhooks) {}

    private record SecretDocument(String secret) {}

    private record TestDocument(boolean delivered, Optional<Integer> status, Optional<String> error, String answer) {}

    private static Table table(List<Endpoint> endpoints) {
        Table table = new Table("webhook", "url", "events", "state", "reason");
        endpoints.forEach(endpoint -> table.row(
                endpoint.id(),
                endpoint.url(),
                endpoint.events().stream().map(DeliveryEvent::word).collect(Collectors.joining(" ")),
                endpoint.state().word(),
                endpoint.reason().orElse("")));
        return table;
    }

    /** What they share. */
    abstract static class OfUser extends LocalCommand {
        final UserId whose() {
            return user();
        }

        static EndpointId id(String text) {
            try {
                return EndpointId.parse(text);
            } catch (IllegalArgumentException e) {
                throw new CommandFailed("'" + text + "' is not a webhook's id; 'tollgate webhooks list' shows them", e);
            }
        }

        final CommandFailed none(String id) {
            return new CommandFailed(user() + " has no webhook " + id);
        }

        final void show(Endpoint endpoint, boolean withSecret) {
            List<String> lines = new ArrayList<>(table(List.of(endpoint)).lines());
            if (withSecret) {
                lines.add("secret: " + endpoint.secrets().current().reveal());
                lines.add("It is not shown again.");
            }
            output().result(EndpointDocument.of(endpoint, withSecret), lines);
        }
    }

    /** All of a user's. */
    @Command(name = "list", description = "Lists your webhooks, oldest first.")
    static final class ListEndpoints extends OfUser {
        @Override
        protected void execute() {
            try (ServiceContainer container = open(Access.READ)) {
                List<Endpoint> endpoints = container.tollgate().endpoints().list(whose());
                ListDocument document = new ListDocument(endpoints.stream()
                        .map(endpoint -> EndpointDocument.of(endpoint, false))
                        .toList());
                if (endpoints.isEmpty()) {
                    output().result(document, List.of("no webhooks"));
                } else {
                    output().result(document, table(endpoints));
                }
            }
        }
    }

    /** One more. */
    @Command(name = "add", description = "Adds a webhook and prints its secret, once.")
    static final class Add extends OfUser {
        @Parameters(arity = "1", paramLabel = "URL", description = "Where messages are posted to.")
        private String url = "";

        @Option(
                names = "--events",
                split = ",",
                paramLabel = "TYPE",
                description = "What it is told of, such as job.failed (default: all ends).")
        private List<String> events = new ArrayList<>();

        @Override
        protected void execute() {
            Set<DeliveryEvent> wanted = EnumSet.noneOf(DeliveryEvent.class);
            for (String word : events) {
                wanted.add(DeliveryEvent.parse(word)
                        .orElseThrow(() -> new CommandFailed("there is no event '" + word + "'")));
            }
            try (ServiceContainer container = open(Access.WRITE)) {
                Endpoint endpoint = container
                        .tollgate()
                        .addEndpoint(whose(), url, wanted.isEmpty() ? DeliveryEvent.FINAL : wanted)
                        .orElseThrow(() -> new CommandFailed(
                                user() + " has " + Endpoint.MAX_PER_USER + " webhooks, which is as many as one may"));
                show(endpoint, true);
            } catch (IllegalArgumentException e) {
                throw new CommandFailed(String.valueOf(e.getMessage()), e);
            }
        }
    }

    /** One less. */
    @Command(name = "remove", description = "Removes a webhook: what is still owed to it is given up.")
    static final class Remove extends OfUser {
        @Parameters(arity = "1", paramLabel = "ID", description = "The webhook's id.")
        private String id = "";

        private record Document(String removed) {}

        @Override
        protected void execute() {
            EndpointId endpoint = id(id);
            try (ServiceContainer container = open(Access.WRITE)) {
                if (!container.tollgate().endpoints().delete(whose(), endpoint)) {
                    throw none(id);
                }
                output().result(new Document(endpoint.toString()), List.of("removed"));
            }
        }
    }

    /** Another secret. */
    @Command(
            name = "rotate",
            description = "Makes a new secret and prints it, once; the old one signs beside it for a day. Without an id"
                    + " it is the one for addresses that are named with jobs.")
    static final class Rotate extends OfUser {
        @Parameters(arity = "0..1", paramLabel = "ID", description = "The webhook's id.")
        private @Nullable String id;

        @Override
        protected void execute() {
            String named = id;
            try (ServiceContainer container = open(Access.WRITE)) {
                if (named == null) {
                    SigningSecrets secrets = container.tollgate().endpoints().rotate(whose());
                    String secret = secrets.current().reveal();
                    output().result(new SecretDocument(secret), List.of("secret: " + secret));
                    return;
                }
                show(container.tollgate().endpoints().rotate(whose(), id(named)).orElseThrow(() -> none(named)), true);
            }
        }
    }

    /** Told of jobs again. */
    @Command(name = "resume", description = "Tells a paused webhook of jobs again.")
    static final class Resume extends OfUser {
        @Parameters(arity = "1", paramLabel = "ID", description = "The webhook's id.")
        private String id = "";

        @Override
        protected void execute() {
            try (ServiceContainer container = open(Access.WRITE)) {
                show(container.tollgate().endpoints().resume(whose(), id(id)).orElseThrow(() -> none(id)), false);
            }
        }
    }

    /** Whether anybody is there. */
    @Command(name = "test", description = "Sends a test message and says what was answered.")
    static final class Test extends OfUser {
        @Parameters(arity = "1", paramLabel = "ID", description = "The webhook's id.")
        private String id = "";

        @Override
        protected void execute() {
            try (ServiceContainer container = open(Access.READ)) {
                DeliveryChannel.Outcome outcome =
                        await(container.tollgate().testEndpoint(whose(), id(id)).orElseThrow(() -> none(id)));
                Optional<DeliveryChannel.Answer> answer = outcome.answer();
                boolean delivered = outcome instanceof DeliveryChannel.Outcome.Delivered;
                Optional<String> error = outcome instanceof DeliveryChannel.Outcome.Failed failed
                        ? Optional.of(failed.error())
                        : Optional.empty();
                output().result(
                                new TestDocument(
                                        delivered,
                                        answer.map(DeliveryChannel.Answer::status),
                                        error,
                                        answer.map(DeliveryChannel.Answer::start)
                                                .orElse("")),
                                List.of(delivered ? "delivered" : "failed: " + error.orElse("")));
                if (!delivered) {
                    throw new CommandFailed("the test message was not delivered: " + error.orElse(""));
                }
            }
        }
    }
}
