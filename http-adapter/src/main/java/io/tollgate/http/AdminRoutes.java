package io.tollgate.http;

import io.tollgate.queue.Operations;
import io.tollgate.queue.Tollgate;
import io.tollgate.queue.access.Scope;
import io.tollgate.queue.backend.BackendStatus;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.Delivery;
import io.tollgate.queue.job.DeliveryFilter;
import io.tollgate.queue.job.DeliveryId;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.QueueSwitch;
import io.tollgate.queue.pull.PullBackend;
import io.tollgate.queue.workflow.InvalidWorkflowException;
import io.tollgate.queue.workflow.Workflow;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** What operators do and see, but for jobs, users and keys. */
final class AdminRoutes {
    private static final Route.Access ADMIN = Route.Access.of(Scope.ADMIN);
    private static final int MAX_LIMIT = 50;
    private static final int MAX_PAGE = 200;

    private final Services services;
    private final Tollgate tollgate;
    private final Operations operations;
    private final Housekeeping house;

    AdminRoutes(Services services) {
        this.services = services;
        this.tollgate = services.tollgate();
        this.operations = tollgate.operations();
        this.house = services.housekeeping();
    }

    private record StatsDocument(
            List<QueueDocument> queues, List<BackendDocument> backends, int driving, Object today) {}

    private record BackendsDocument(List<BackendDocument> backends) {}

    private record LimitDocument(ModelName model, int maxConcurrent, boolean set, int running) {
        static LimitDocument of(Operations.LimitStatus status) {
            return new LimitDocument(status.model(), status.maxConcurrent(), status.set(), status.running());
        }
    }

    private record LimitsDocument(List<LimitDocument> limits) {}

    private record WorkflowsDocument(List<String> workflows) {}

    List<Route> routes() {
        String admin = Paths.ADMIN;
        List<Route> routes = new ArrayList<>(List.of(
                Route.of("GET", admin + "/stats", ADMIN, call -> stats()),
                Route.of("GET", admin + "/limits", ADMIN, call -> limits()),
                Route.later("PUT", admin + "/limits/{model}", ADMIN, this::setLimit),
                Route.later("POST", admin + "/limits/initialize", ADMIN, this::initializeLimits),
                Route.of("GET", admin + "/backends", ADMIN, call -> backends()),
                Route.of("GET", admin + "/deliveries", ADMIN, this::deliveries),
                Route.of("GET", admin + "/deliveries/{id}", ADMIN, this::delivery),
                Route.later("POST", admin + "/deliveries/{id}/redeliver", ADMIN, this::redeliver),
                Route.of("POST", admin + "/workflows/reload", ADMIN, call -> reload()),
                Route.of("GET", admin + "/audit", ADMIN, call -> Answer.ok(AuditDocument.of(operations.audit()))),
                Route.of("GET", admin + "/storage", ADMIN, call -> Answer.ok(house.storage())),
                Route.of("POST", admin + "/backup", ADMIN, call -> Answer.created(house.backup()))));
        for (QueueSwitch.Mode mode : QueueSwitch.Mode.values()) {
            routes.add(Route.later(
                    "POST", admin + "/queues/{queue}/" + verb(mode), ADMIN, call -> switchQueue(call, mode)));
        }
        routes.add(Route.of("POST", admin + "/backends/{id}/pause", ADMIN, call -> pause(call, true)));
        routes.add(Route.of("POST", admin + "/backends/{id}/drain", ADMIN, call -> pause(call, true)));
        routes.add(Route.of("POST", admin + "/backends/{id}/resume", ADMIN, call -> pause(call, false)));
        return routes;
    }

    private static String verb(QueueSwitch.Mode mode) {
        return switch (mode) {
            case OPEN -> "resume";
            case PAUSED -> "pause";
            case DRAINING -> "drain";
        };
    }

    private Answer stats() {
        return Answer.ok(new StatsDocument(
                operations.queues().stream().map(QueueDocument::of).toList(),
                operations.backends().stream().map(this::document).toList(),
                tollgate.driving(),
                tollgate.credits()
                        .totals(tollgate.credits().today(), tollgate.credits().today())));
    }

    private Answer limits() {
        return Answer.ok(new LimitsDocument(
                operations.limits().stream().map(LimitDocument::of).toList()));
    }

    private CompletionStage<Answer> setLimit(Call call) {
        ModelName model = call.pathId("model", "model", ModelName::new);
        return call.json().thenCompose(read -> {
            Body body = new Body(read);
            Optional<Long> limit = body.whole("max_concurrent", 1, MAX_LIMIT);
            if (limit.isEmpty() && !read.has("max_concurrent")) {
                body.wrong("max_concurrent", "is needed: a whole number from 1 to " + MAX_LIMIT);
            }
            body.done();
            OptionalInt wanted = limit.isPresent() ? OptionalInt.of(limit.get().intValue()) : OptionalInt.empty();
            return operations
                    .setLimit(model, wanted, AdminJobRoutes.actor(call))
                    .thenApplyAsync(done -> limit(model), services.io());
        });
    }

    private Answer limit(ModelName model) {
        return operations.limits().stream()
                .filter(status -> status.model().equals(model))
                .findFirst()
                .map(status -> Answer.ok(LimitDocument.of(status)))
                .orElseThrow(() -> new ProblemException(Problem.notFound("there is no model " + model)));
    }

    /** Sets every model of the catalogue to what holds for it now, so that all of them can be seen and changed. */
    private CompletionStage<Answer> initializeLimits(Call call) {
        List<CompletableFuture<?>> all = new ArrayList<>();
        for (Operations.LimitStatus status : operations.limits()) {
            if (!status.set()) {
                all.add(operations
                        .setLimit(status.model(), OptionalInt.of(status.maxConcurrent()), AdminJobRoutes.actor(call))
                        .toCompletableFuture());
            }
        }
        return CompletableFuture.allOf(all.toArray(CompletableFuture[]::new))
                .thenApplyAsync(done -> limits(), services.io());
    }

    private CompletionStage<Answer> switchQueue(Call call, QueueSwitch.Mode mode) {
        QueueName queue = call.pathId("queue", "queue", QueueName::new);
        if (operations.queues().stream().noneMatch(status -> status.queue().equals(queue))) {
            throw new ProblemException(Problem.notFound("there is no queue " + queue));
        }
        return operations
                .switchQueue(queue, mode, AdminJobRoutes.actor(call))
                .thenApplyAsync(
                        done -> operations.queues().stream()
                                .filter(status -> status.queue().equals(queue))
                                .findFirst()
                                .map(status -> Answer.ok(QueueDocument.of(status)))
                                .orElseThrow(),
                        services.io());
    }

    private Answer backends() {
        return Answer.ok(new BackendsDocument(
                operations.backends().stream().map(this::document).toList()));
    }

    private BackendDocument document(BackendStatus status) {
        Optional<Integer> workers = operations
                .registry()
                .find(status.id())
                .filter(PullBackend.class::isInstance)
                .map(desk -> ((PullBackend) desk).workers());
        return BackendDocument.of(status, workers);
    }

    /** What runs there goes on: a paused backend drains by itself. */
    private Answer pause(Call call, boolean paused) {
        BackendId id = call.pathId("id", "backend", BackendId::new);
        if (!operations.registry().pause(id, paused)) {
            throw new ProblemException(Problem.notFound("there is no backend " + id));
        }
        return operations.backends().stream()
                .filter(status -> status.id().equals(id))
                .findFirst()
                .map(status -> Answer.ok(document(status)))
                .orElseThrow();
    }

    private Answer deliveries(Call call) {
        Optional<Delivery.State> state = call.query(
                "state",
                "pending, waiting, delivered or dead",
                text -> Delivery.State.valueOf(text.toUpperCase(Locale.ROOT)));
        Optional<DeliveryId> before = call.query("cursor", "a cursor of an earlier page", DeliveryId::parse);
        int limit = call.whole("limit", 50, 1, MAX_PAGE);
        DeliveryFilter filter = state.map(DeliveryFilter.ALL::in).orElse(DeliveryFilter.ALL);
        return Answer.ok(DeliveryDocument.Page.of(operations.deliveries(filter, before, limit + 1), limit));
    }

    private Answer delivery(Call call) {
        DeliveryId id = call.pathId("id", "delivery", DeliveryId::parse);
        return operations
                .delivery(id)
                .map(found -> Answer.ok(DeliveryDocument.of(found)))
                .orElseThrow(() -> new ProblemException(Problem.notFound("there is no delivery " + id)));
    }

    private CompletionStage<Answer> redeliver(Call call) {
        DeliveryId id = call.pathId("id", "delivery", DeliveryId::parse);
        return operations
                .redeliver(id)
                .thenApplyAsync(
                        delivery -> delivery.flatMap(found -> operations.delivery(id))
                                .map(found -> Answer.ok(DeliveryDocument.of(found)))
                                .orElseThrow(
                                        () -> new ProblemException(Problem.notFound("there is no delivery " + id))),
                        services.io());
    }

    private Answer reload() {
        try {
            return Answer.ok(new WorkflowsDocument(tollgate.reloadCatalogue().all().stream()
                    .map(Workflow::name)
                    .map(String::valueOf)
                    .toList()));
        } catch (InvalidWorkflowException e) {
            throw new ProblemException(
                    Problem.of(422, "invalid_workflow", "the old workflows stay: " + e.getMessage()));
        }
    }
}
