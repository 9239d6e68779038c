package io.tollgate.http;

import io.tollgate.credits.account.Perks;
import io.tollgate.credits.account.Tier;
import io.tollgate.credits.account.UserId;
import io.tollgate.credits.pricing.Toll;
import io.tollgate.queue.FreeRuns;
import io.tollgate.queue.Tollgate;
import io.tollgate.queue.access.ApiKey;
import io.tollgate.queue.access.Scope;
import io.tollgate.queue.job.Lane;
import io.tollgate.queue.job.WorkflowName;
import io.tollgate.queue.workflow.Workflow;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What there is to have, how busy it is, and who asks. */
final class CatalogueRoutes {
    private final Tollgate tollgate;

    CatalogueRoutes(Services services) {
        this.tollgate = services.tollgate();
    }

    private record WorkflowsDocument(List<WorkflowDocument> workflows) {}

    private record QueuesDocument(List<QueueDocument> queues) {}

    private record MeDocument(UserId userId, String tier, String lane, List<String> scopes, Key key, Limits limits) {}

    private record Key(String id, String name, Optional<Instant> expiresAt) {}

    private record Limits(Optional<Integer> openJobs, int jobsOfBatch) {}

    List<Route> routes() {
        String workflows = Paths.API + "/workflows";
        String queues = Paths.API + "/queues";
        return List.of(
                Route.of("GET", workflows, Route.Access.KEY, this::workflows),
                Route.of("GET", workflows + "/{name}", Route.Access.KEY, this::workflow),
                Route.of("GET", queues, Route.Access.KEY, call -> queues()),
                Route.of("GET", queues + "/{name}", Route.Access.KEY, this::queue),
                Route.of("GET", Paths.API + "/me", Route.Access.KEY, this::me));
    }

    private Answer workflows(Call call) {
        Map<WorkflowName, Toll> prices = tollgate.prices(call.user());
        List<FreeRuns> free = tollgate.freeRuns(call.user());
        return Answer.ok(new WorkflowsDocument(tollgate.catalogue().all().stream()
                .map(workflow -> WorkflowDocument.of(workflow, prices, free))
                .toList()));
    }

    private Answer workflow(Call call) {
        String name = call.path("name");
        Workflow found = tollgate.catalogue().all().stream()
                .filter(workflow -> workflow.name().value().equals(name))
                .findFirst()
                .orElseThrow(() -> new ProblemException(Problem.notFound("there is no workflow of that name")));
        return Answer.ok(WorkflowDocument.of(found, tollgate.prices(call.user()), tollgate.freeRuns(call.user())));
    }

    private Answer queues() {
        return Answer.ok(new QueuesDocument(
                tollgate.operations().queues().stream().map(QueueDocument::of).toList()));
    }

    private Answer queue(Call call) {
        String name = call.path("name");
        return Answer.ok(tollgate.operations().queues().stream()
                .filter(queue -> queue.queue().value().equals(name))
                .findFirst()
                .map(QueueDocument::of)
                .orElseThrow(() -> new ProblemException(Problem.notFound("there is no queue of that name"))));
    }

    private Answer me(Call call) {
        ApiKey key = call.key();
        Tier tier = tollgate.credits().tier(call.user());
        Perks perks = tier.perks();
        return Answer.ok(new MeDocument(
                call.user(),
                tier.name(),
                perks.lane().orElse(Lane.REGULAR.word()),
                key.scopes().stream().map(Scope::word).sorted().toList(),
                new Key(key.id().toString(), key.name(), key.expiresAt()),
                new Limits(
                        perks.jobsAtMost().isPresent()
                                ? Optional.of(perks.jobsAtMost().getAsInt())
                                : Optional.empty(),
                        Tollgate.MAX_BATCH)));
    }
}
