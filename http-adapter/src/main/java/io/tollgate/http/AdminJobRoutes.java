package io.tollgate.http;

import io.tollgate.credits.account.UserId;
import io.tollgate.queue.Tollgate;
import io.tollgate.queue.access.Scope;
import io.tollgate.queue.dispatch.JobView;
import io.tollgate.queue.job.JobCommand.CancelResult;
import io.tollgate.queue.job.JobCommand.ResolveResult;
import io.tollgate.queue.job.JobId;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/** Everybody's jobs, for operators. */
final class AdminJobRoutes {
    private static final Route.Access ADMIN = Route.Access.of(Scope.ADMIN);

    private final Services services;
    private final Tollgate tollgate;
    private final JobPages pages;

    AdminJobRoutes(Services services) {
        this.services = services;
        this.tollgate = services.tollgate();
        this.pages = new JobPages(services);
    }

    private record ClearedDocument(Instant clearedAt, String by) {}

    List<Route> routes() {
        String jobs = Paths.ADMIN + "/jobs";
        String job = jobs + "/{id}";
        return List.of(
                Route.of("GET", jobs, ADMIN, this::list),
                Route.later("POST", jobs + "/clear-finished", ADMIN, this::clearFinished),
                Route.of("GET", job, ADMIN, call -> Answer.ok(document(known(call)))),
                Route.later("POST", job + "/cancel", ADMIN, this::cancel),
                Route.later("POST", job + "/retry", ADMIN, this::retry),
                Route.later("POST", job + "/front", ADMIN, this::front),
                Route.later("POST", job + "/resolve", ADMIN, this::resolve));
    }

    static String actor(Call call) {
        return "admin:" + call.user();
    }

    private JobDocument document(JobView view) {
        return pages.document(view);
    }

    private JobView known(Call call) {
        return known(jobId(call));
    }

    private JobView known(JobId id) {
        return tollgate.job(id).orElseThrow(() -> new ProblemException(Problem.notFound("there is no job " + id)));
    }

    private static JobId jobId(Call call) {
        return call.pathId("id", "job", JobId::parse);
    }

    private Answer list(Call call) {
        return pages.page(call, call.query("user", "a user's name", UserId::new));
    }

    private CompletionStage<Answer> clearFinished(Call call) {
        return tollgate.operations()
                .clearFinished(actor(call))
                .thenApply(
                        cleared -> Answer.ok(new ClearedDocument(cleared.jobs().at(), cleared.by())));
    }

    private CompletionStage<Answer> cancel(Call call) {
        JobId id = jobId(call);
        return tollgate.cancel(id, actor(call))
                .thenApplyAsync(
                        result -> {
                            if (result instanceof CancelResult.NotFound) {
                                throw new ProblemException(Problem.notFound("there is no job " + id));
                            }
                            return Answer.ok(document(known(id)));
                        },
                        services.io());
    }

    /** As its owner would, who pays for it. */
    private CompletionStage<Answer> retry(Call call) {
        JobView old = known(call);
        return tollgate.retry(old.record().job().user(), old.record().job().id())
                .thenApplyAsync(
                        result -> Answer.created(document(
                                known(JobRoutes.accepted(result).jobs().get(0).id()))),
                        services.io());
    }

    private CompletionStage<Answer> front(Call call) {
        JobId id = known(call).record().job().id();
        return tollgate.operations()
                .moveToFront(id, actor(call))
                .thenApplyAsync(
                        moved -> {
                            JobView now = known(id);
                            if (!moved && !now.record().job().promoted()) {
                                throw new ProblemException(
                                        Problem.of(409, "invalid_state", "only a job that waits can go to the front"));
                            }
                            return Answer.ok(document(now));
                        },
                        services.io());
    }

    private CompletionStage<Answer> resolve(Call call) {
        JobId id = jobId(call);
        return call.json().thenCompose(read -> {
            Body body = new Body(read);
            String outcome = body.needed("outcome", 20);
            if (!Set.of("succeeded", "failed").contains(outcome)) {
                body.wrong("outcome", "must be succeeded or failed");
            }
            String reason = body.reason("reason");
            body.done();
            return tollgate.operations()
                    .resolve(id, outcome.equals("succeeded"), actor(call), reason)
                    .thenApplyAsync(result -> resolved(id, result), services.io());
        });
    }

    private Answer resolved(JobId id, ResolveResult result) {
        if (result instanceof ResolveResult.Refused refused) {
            throw new ProblemException(Problem.of(refused.refusal()));
        }
        return Answer.ok(document(known(id)));
    }
}
