package io.tollgate.http;

import io.tollgate.queue.Tollgate;
import io.tollgate.queue.access.Scope;
import io.tollgate.queue.delivery.DeliveryChannel;
import io.tollgate.queue.delivery.Endpoint;
import io.tollgate.queue.delivery.Endpoints;
import io.tollgate.queue.job.DeliveryEvent;
import io.tollgate.queue.job.DeliveryFilter;
import io.tollgate.queue.job.DeliveryId;
import io.tollgate.queue.job.DeliveryTarget;
import io.tollgate.queue.job.EndpointId;
import io.tollgate.queue.job.JobId;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A user's standing webhooks, and the log of what was sent. */
final class WebhookRoutes {
    private static final Route.Access JOBS = Route.Access.of(Scope.JOBS);

    private static final int MAX_PAGE = 200;

    private final Services services;
    private final Tollgate tollgate;
    private final Endpoints endpoints;

    WebhookRoutes(Services services) {
        this.services = services;
        this.tollgate = services.tollgate();
        this.endpoints = tollgate.endpoints();
    }

    /** @param secret shown when it was made just now, only */
    private record EndpointDocument(
            EndpointId id,
            String url,
            List<String> events,
            String state,
            Optional<String> reason,
            Optional<Instant> failingSince,
            Instant createdAt,
            Optional<String> secret) {
        static EndpointDocument of(Endpoint endpoint, boolean withSecret) {
            return new EndpointDocument(
                    endpoint.id(),
                    endpoint.url(),
                    endpoint.events().stream().map(DeliveryEvent::type).sorted().toList(),
                    endpoint.state().word(),
                    endpoint.reason(),
                    endpoint.failingSince(),
                    endpoint.createdAt(),
                    withSecret ? Optional.of(endpoint.secrets().current().reveal()) : Optional.empty());
        }
    }

    private record EndpointsDocument(List<EndpointDocument> webhooks) {}

    private record TestDocument(boolean delivered, Optional<String> error) {}

    List<Route> routes() {
        String all = Paths.API + "/webhooks";
        String one = all + "/{id}";
        return List.of(
                Route.of("GET", all, JOBS, this::list),
                Route.later("POST", all, JOBS, this::add),
                Route.of("DELETE", one, JOBS, this::delete),
                Route.of("POST", one + "/rotate-secret", JOBS, this::rotate),
                Route.of("POST", one + "/resume", JOBS, this::resume),
                Route.later("POST", one + "/test", JOBS, this::test),
                Route.of("GET", one + "/deliveries", JOBS, this::deliveries),
                Route.of("GET", Paths.API + "/jobs/{id}/deliveries", JOBS, this::deliveriesOfJob));
    }

    private Answer list(Call call) {
        return Answer.ok(new EndpointsDocument(endpoints.list(call.user()).stream()
                .map(endpoint -> EndpointDocument.of(endpoint, false))
                .toList()));
    }

    /** The events that somebody wants to hear of; all ends if nothing is said. */
    static Set<DeliveryEvent> events(Body body, String field) {
        Set<DeliveryEvent> wanted = EnumSet.noneOf(DeliveryEvent.class);
        for (String word : body.texts(field, 16, 40)) {
            DeliveryEvent.parse(word)
                    .ifPresentOrElse(wanted::add, () -> body.wrong(field, "must be some of " + types()));
        }
        return wanted.isEmpty() ? DeliveryEvent.FINAL : wanted;
    }

    private static String types() {
        return Stream.of(DeliveryEvent.values())
                .map(DeliveryEvent::type)
                .sorted()
                .collect(Collectors.joining(", "));
    }

    private CompletionStage<Answer> add(Call call) {
        return call.json().thenApply(read -> {
            Body body = new Body(read);
            String url = body.needed("url", DeliveryTarget.MAX_ADDRESS);
            Set<DeliveryEvent> wanted = events(body, "events");
            body.done();
            Optional<Endpoint> added;
            try {
                added = tollgate.addEndpoint(call.user(), url, wanted);
            } catch (IllegalArgumentException e) {
                throw new ProblemException(Problem.invalid("url", String.valueOf(e.getMessage())));
            }
            return added.map(endpoint -> Answer.created(EndpointDocument.of(endpoint, true)))
                    .orElseThrow(() -> new ProblemException(Problem.of(
                            409,
                            "invalid_state",
                            "you have " + Endpoint.MAX_PER_USER + " webhooks and may have no more; delete one")));
        });
    }

    private static EndpointId id(Call call) {
        return call.pathId("id", "webhook", EndpointId::parse);
    }

    private static ProblemException none() {
        return new ProblemException(Problem.notFound("there is no webhook of that id"));
    }

    private Answer delete(Call call) {
        if (!endpoints.delete(call.user(), id(call))) {
            throw none();
        }
        return new Answer.Empty(204);
    }

    private Answer rotate(Call call) {
        return endpoints
                .rotate(call.user(), id(call))
                .map(endpoint -> Answer.ok(EndpointDocument.of(endpoint, true)))
                .orElseThrow(WebhookRoutes::none);
    }

    private Answer resume(Call call) {
        return endpoints
                .resume(call.user(), id(call))
                .map(endpoint -> Answer.ok(EndpointDocument.of(endpoint, false)))
                .orElseThrow(WebhookRoutes::none);
    }

    private CompletionStage<Answer> test(Call call) {
        return tollgate.testEndpoint(call.user(), id(call))
                .orElseThrow(WebhookRoutes::none)
                .thenApplyAsync(
                        outcome -> Answer.ok(
                                outcome instanceof DeliveryChannel.Outcome.Failed failed
                                        ? new TestDocument(false, Optional.of(failed.error()))
                                        : new TestDocument(true, Optional.empty())),
                        services.io());
    }

    private Answer deliveries(Call call) {
        Endpoint endpoint = endpoints.find(call.user(), id(call)).orElseThrow(WebhookRoutes::none);
        return page(call, DeliveryFilter.to(endpoint.target()));
    }

    /** To all whom the job names, and to the user's standing webhooks. */
    private Answer deliveriesOfJob(Call call) {
        JobId id = call.pathId("id", "job", JobId::parse);
        if (tollgate.job(call.user(), id).isEmpty()) {
            throw new ProblemException(Problem.notFound("there is no job " + id));
        }
        return page(call, DeliveryFilter.of(id));
    }

    private Answer page(Call call, DeliveryFilter filter) {
        Optional<DeliveryId> before = call.query("cursor", "a cursor of an earlier page", DeliveryId::parse);
        int limit = call.whole("limit", 50, 1, MAX_PAGE);
        return Answer.ok(DeliveryDocument.Page.of(tollgate.operations().deliveries(filter, before, limit + 1), limit));
    }
}
