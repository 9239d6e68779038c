package io.tollgate.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.credits.ledger.QuoteId;
import io.tollgate.queue.Tollgate;
import io.tollgate.queue.access.Scope;
import io.tollgate.queue.dispatch.JobView;
import io.tollgate.queue.gate.JobRequest;
import io.tollgate.queue.job.BatchId;
import io.tollgate.queue.job.InputValue;
import io.tollgate.queue.job.JobCommand.CancelResult;
import io.tollgate.queue.job.JobCommand.SubmitResult;
import io.tollgate.queue.job.JobFilter;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobSpec;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.QueuedJob;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Jobs and batches. */
final class JobRoutes {
    private static final Route.Access JOBS = Route.Access.of(Scope.JOBS);

    private final Services services;
    private final Tollgate tollgate;
    private final JobPages pages;
    private final JobWaits waits;
    private final JobStreams streams;

    JobRoutes(Services services, JobWaits waits, JobStreams streams) {
        this.services = services;
        this.tollgate = services.tollgate();
        this.pages = new JobPages(services);
        this.waits = waits;
        this.streams = streams;
    }

    private record BatchDocument(String id, String status, List<JobDocument> jobs) {}

    private record WorkflowDocument(Object workflow, String format) {}

    List<Route> routes() {
        String jobs = Paths.API + "/jobs";
        String job = jobs + "/{id}";
        String batches = Paths.API + "/batches";
        return List.of(
                Route.later("POST", jobs, JOBS, this::submit),
                Route.of("GET", jobs, JOBS, call -> pages.page(call, Optional.of(call.user()))),
                Route.later("GET", job, JOBS, this::show),
                Route.of("GET", job + "/workflow", JOBS, this::workflow),
                Route.of("GET", job + "/why", JOBS, this::why),
                Route.of("GET", job + "/events", JOBS, this::events),
                Route.later("POST", job + "/cancel", JOBS, this::cancel),
                Route.later("POST", job + "/retry", JOBS, this::retry),
                Route.later("POST", job + "/rerun", JOBS, this::rerun),
                Route.later("POST", batches, JOBS, this::submitBatch),
                Route.of("GET", batches + "/{id}", JOBS, this::showBatch),
                Route.later("POST", batches + "/{id}/cancel", JOBS, this::cancelBatch));
    }

    private CompletionStage<Answer> submit(Call call) {
        boolean dryRun = call.flag("dry_run");
        return call.json().thenCompose(read -> {
            Body body = new Body(read);
            JobRequest request = Submissions.read(call, body, dryRun ? Optional.empty() : idempotencyKey(call));
            body.done();
            return dryRun
                    ? quoted(List.of(request))
                    : tollgate.submitAsync(request).thenCompose(result -> submitted(call, result));
        });
    }

    private CompletionStage<Answer> quoted(List<JobRequest> requests) {
        return tollgate.quoteAsync(requests).thenApply(view -> Answer.ok(QuoteDocument.of(view)));
    }

    private static Optional<String> idempotencyKey(Call call) {
        return call.header("Idempotency-Key");
    }

    /** On the store's thread: what reads the store again does so elsewhere. */
    private CompletionStage<Answer> submitted(Call call, SubmitResult result) {
        SubmitResult.Accepted accepted = accepted(result);
        QueuedJob job = accepted.jobs().get(0);
        Duration wait = call.preferredWait();
        CompletionStage<Optional<JobView>> view = accepted.replayed() || !wait.isZero()
                ? CompletableFuture.completedFuture(job.id())
                        .thenComposeAsync(id -> waits.await(id, false, wait), services.io())
                : CompletableFuture.completedFuture(
                        Optional.of(tollgate.view(accepted.fresh().get(0))));
        return view.thenApply(found -> {
            Answer.Json answer = new Answer.Json(accepted.replayed() ? 200 : 201, document(found, job.id()), Map.of());
            answer = answer.with("Location", JobDocument.Urls.of(job.id()).self());
            if (!wait.isZero()) {
                answer = answer.with("Preference-Applied", "wait=" + wait.toSeconds());
            }
            return accepted.replayed() ? answer.with("Idempotency-Replayed", "true") : answer;
        });
    }

    /** What was taken in; a refusal ends the call. */
    static SubmitResult.Accepted accepted(SubmitResult result) {
        if (result instanceof SubmitResult.Refused refused) {
            throw new ProblemException(Problem.of(refused.refusal()));
        }
        return (SubmitResult.Accepted) result;
    }

    private JobDocument document(Optional<JobView> view, JobId id) {
        return document(view.orElseThrow(() -> new ProblemException(Problem.notFound("there is no job " + id))));
    }

    private JobDocument document(JobView view) {
        return pages.document(view);
    }

    private static JobId jobId(Call call) {
        return call.pathId("id", "job", JobId::parse);
    }

    /** The user's own job, or no job at all. */
    private JobView own(Call call) {
        JobId id = jobId(call);
        return tollgate.job(call.user(), id)
                .orElseThrow(() -> new ProblemException(Problem.notFound("there is no job " + id)));
    }

    private CompletionStage<Answer> show(Call call) {
        Duration wait = Duration.ofSeconds(call.whole("wait", 0, 0, 60));
        boolean change = call.query("until", "change or end", text -> switch (text) {
                    case "change" -> true;
                    case "end" -> false;
                    default -> throw new IllegalArgumentException();
                })
                .orElse(false);
        JobView now = own(call);
        if (wait.isZero()) {
            return CompletableFuture.completedFuture(Answer.ok(document(now)));
        }
        JobId id = now.record().job().id();
        return waits.await(id, change, wait).thenApply(view -> Answer.ok(document(view, id)));
    }

    private Answer workflow(Call call) throws Exception {
        Map<String, InputValue> inputs = own(call).record().job().spec().inputs();
        for (InputValue value : inputs.values()) {
            if (value instanceof InputValue.Graph graph) {
                JsonNode read = ApiJson.read(graph.text().getBytes(StandardCharsets.UTF_8));
                return Answer.ok(new WorkflowDocument(read, "api"));
            }
        }
        throw new ProblemException(Problem.notFound(
                "this job ran a workflow of the catalogue; the graphs of the catalogue are the operator's"));
    }

    private Answer why(Call call) {
        return Answer.ok(StoryDocument.of(own(call).record(), tollgate.credits().grants(call.user())));
    }

    private Answer events(Call call) {
        JobId id = own(call).record().job().id();
        return new Answer.Events(call.key(), streams.of(id));
    }

    private CompletionStage<Answer> cancel(Call call) {
        JobId id = jobId(call);
        return tollgate.cancel(call.user(), id)
                .thenApplyAsync(
                        result -> {
                            if (result instanceof CancelResult.NotFound) {
                                throw new ProblemException(Problem.notFound("there is no job " + id));
                            }
                            return Answer.ok(document(tollgate.job(id), id));
                        },
                        services.io());
    }

    /** What may be submitted may be repeated. */
    private JobId repeatable(Call call) {
        JobSpec spec = own(call).record().job().spec();
        if (spec.workflow().value().equals(Submissions.RAW)) {
            call.require(Scope.JOBS_RAW);
        }
        if (spec.priority() > 0) {
            call.require(Scope.ADMIN);
        }
        return spec.id();
    }

    private CompletionStage<Answer> retry(Call call) {
        return tollgate.retry(call.user(), repeatable(call)).thenCompose(result -> submitted(call, result));
    }

    private CompletionStage<Answer> rerun(Call call) {
        return tollgate.rerun(call.user(), repeatable(call), call.flag("keep_seed"))
                .thenCompose(result -> submitted(call, result));
    }

    private CompletionStage<Answer> submitBatch(Call call) {
        boolean dryRun = call.flag("dry_run");
        return call.json().thenCompose(read -> {
            Body body = new Body(read);
            List<JobRequest> requests = new ArrayList<>();
            Optional<JsonNode> jobs = body.any("jobs");
            if (jobs.isEmpty()
                    || !jobs.get().isArray()
                    || jobs.get().isEmpty()
                    || jobs.get().size() > Tollgate.MAX_BATCH) {
                body.wrong("jobs", "must be a list of 1 to " + Tollgate.MAX_BATCH + " jobs");
            } else {
                for (int i = 0; i < jobs.get().size(); i++) {
                    Body job = body.within(jobs.get().get(i), "jobs[" + i + "]");
                    requests.add(Submissions.read(call, job, Optional.empty()));
                    job.checkUnknown();
                }
            }
            Optional<QuoteId> quote =
                    body.text("quote_id", "the id of a quote", id -> new QuoteId(UUID.fromString(id)));
            body.done();
            return dryRun
                    ? quoted(requests)
                    : tollgate.submitBatchAsync(requests, idempotencyKey(call), quote)
                            .thenApplyAsync(this::batchSubmitted, services.io());
        });
    }

    private Answer batchSubmitted(SubmitResult result) {
        SubmitResult.Accepted accepted = accepted(result);
        BatchId batch = accepted.jobs().get(0).spec().batch().orElseThrow();
        List<JobView> views = accepted.jobs().stream()
                .flatMap(job -> tollgate.job(job.id()).stream())
                .toList();
        Answer.Json answer = new Answer.Json(accepted.replayed() ? 200 : 201, batch(batch, views), Map.of());
        answer = answer.with("Location", Paths.API + "/batches/" + batch);
        return accepted.replayed() ? answer.with("Idempotency-Replayed", "true") : answer;
    }

    private BatchDocument batch(BatchId id, List<JobView> views) {
        boolean over =
                views.stream().allMatch(view -> view.record().job().kind().isTerminal());
        boolean begun = views.stream().anyMatch(view -> view.record().job().kind() != JobState.Kind.QUEUED);
        return new BatchDocument(
                id.toString(),
                over ? "done" : begun ? "running" : "queued",
                views.stream().map(pages::listed).toList());
    }

    private List<JobView> ownBatch(Call call, BatchId id) {
        List<JobView> views = new ArrayList<>(
                tollgate.jobs(JobFilter.of(call.user()).with(id), Optional.empty(), Tollgate.MAX_BATCH));
        if (views.isEmpty()) {
            throw new ProblemException(Problem.notFound("there is no batch " + id));
        }
        Collections.reverse(views); // as they were submitted
        return views;
    }

    private static BatchId batchId(Call call) {
        return call.pathId("id", "batch", BatchId::parse);
    }

    private Answer showBatch(Call call) {
        BatchId id = batchId(call);
        return Answer.ok(batch(id, ownBatch(call, id)));
    }

    private CompletionStage<Answer> cancelBatch(Call call) {
        BatchId id = batchId(call);
        ownBatch(call, id);
        return tollgate.cancelBatch(call.user(), id)
                .thenApplyAsync(done -> Answer.ok(batch(id, ownBatch(call, id))), services.io());
    }
}
