package io.tollgate.http;

import io.tollgate.credits.account.UserId;
import io.tollgate.queue.Tollgate;
import io.tollgate.queue.access.Scope;
import io.tollgate.queue.dispatch.JobView;
import io.tollgate.queue.job.BatchId;
import io.tollgate.queue.job.JobCommand.CancelResult;
import io.tollgate.queue.job.JobCommand.ResolveResult;
import io.tollgate.queue.job.JobCommand.SubmitResult;
import io.tollgate.queue.job.JobFilter;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.WorkflowName;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/** Everybody's jobs, for operators. */
final class AdminJobRoutes {
    private static final int MAX_PAGE = 200;
    private static final Route.Access ADMIN = Route.Access.of(Scope.ADMIN);

    private final Services services;
    private final Tollgate tollgate;

    AdminJobRoutes(Services services) {
        this.services = services;
        this.tollgate = services.tollgate();
    }

    private record JobsDocument(List<JobDocument> jobs, Optional<String> nextCursor) {}

    List<Route> routes() {
        String jobs = Paths.ADMIN + "/jobs";
        String job = jobs + "/{id}";
        return List.of(
                Route.of("GET", jobs, ADMIN, this::list),
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
        return JobDocument.of(view, services.clock().instant(), services.links()::kept);
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
        int limit = call.whole("limit", 50, 1, MAX_PAGE);
        JobFilter filter = new JobFilter(
                call.query("user", "a user's name", UserId::new),
                call.query("status", "words such as queued,running", JobRoutes::states)
                        .orElse(Set.of()),
                call.query("workflow", "a workflow's name", WorkflowName::new),
                call.query("model", "a model's name", ModelName::new),
                call.query("batch", "a batch's id", BatchId::parse),
                call.query("tag"),
                call.query("from", "a time such as 2026-01-31T12:00:00Z", Instant::parse),
                call.query("to", "a time such as 2026-01-31T12:00:00Z", Instant::parse));
        List<JobView> views =
                tollgate.jobs(filter, call.query("cursor", "a cursor of an earlier page", Cursor::parse), limit + 1);
        boolean more = views.size() > limit;
        List<JobView> shown = more ? views.subList(0, limit) : views;
        return Answer.ok(new JobsDocument(
                shown.stream().map(this::document).toList(),
                more
                        ? Optional.of(Cursor.text(
                                shown.get(shown.size() - 1).record().job().seq()))
                        : Optional.empty()));
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
                        result -> {
                            if (result instanceof SubmitResult.Refused refused) {
                                throw new ProblemException(Problem.of(refused.refusal()));
                            }
                            return Answer.created(document(known(((SubmitResult.Accepted) result)
                                    .jobs()
                                    .get(0)
                                    .id())));
                        },
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
            String reason = body.needed("reason", 400);
            if (reason.strip().length() < 3) {
                body.wrong("reason", "must be 3 to 400 characters");
            }
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
