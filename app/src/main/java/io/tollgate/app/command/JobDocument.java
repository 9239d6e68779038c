package io.tollgate.app.command;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Hold;
import io.tollgate.queue.JobHandle;
import io.tollgate.queue.dispatch.JobView;
import io.tollgate.queue.dispatch.WaitReason;
import io.tollgate.queue.event.Progress;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.Attempt;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.BatchId;
import io.tollgate.queue.job.Failure;
import io.tollgate.queue.job.InputValue;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.queue.job.JobSpec;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.Lane;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.Origin;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.RunId;
import io.tollgate.queue.job.Transition;
import io.tollgate.queue.job.WorkflowName;
import io.tollgate.queue.lane.Eta;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A job as programs read it: the same words as over HTTP. */
record JobDocument(
        JobId id,
        JobState.Kind status,
        boolean partial,
        WorkflowName workflow,
        ModelName model,
        QueueName queue,
        Lane lane,
        int priority,
        UserId userId,
        Optional<BatchId> batchId,
        Map<String, Object> inputs,
        Instant createdAt,
        Instant updatedAt,
        Optional<Instant> startedAt,
        Optional<Instant> completedAt,
        Instant expiresAt,
        Optional<Integer> queuePosition,
        Optional<Duration> estimatedWait,
        Optional<Instant> estimatedStartAt,
        Optional<Instant> estimatedCompletedAt,
        Optional<WaitReason> waitReason,
        Optional<Step> progress,
        List<Try> attempts,
        List<Made> outputs,
        Optional<Problem> error,
        Cost cost,
        Metrics metrics,
        List<Happened> history,
        Optional<JobId> retryOf,
        Optional<JobId> rerunOf,
        List<String> tags,
        Map<String, String> metadata) {

    record Step(double value, Optional<Integer> step, Optional<Integer> steps, Optional<String> message) {}

    record Try(
            int number,
            RunId runId,
            BackendId backend,
            Attempt.Phase phase,
            Optional<Instant> startedAt,
            Optional<Instant> endedAt,
            Optional<Problem> error) {}

    record Made(
            AssetId id,
            Optional<String> nodeId,
            String name,
            String type,
            String contentType,
            long sizeBytes,
            String hash,
            Optional<String> url,
            JobId jobId) {}

    record Problem(String code, String message, boolean retryable) {
        static Problem of(Failure failure) {
            return new Problem(
                    failure.kind().code(), failure.message(), failure.kind().isRetryable());
        }
    }

    record Cost(Amount quoted, Amount held, Amount captured, Amount released, Amount discount, String currency) {
        static Cost of(JobRecord record) {
            Hold hold = record.hold();
            Amount released = hold.open() ? Amount.ZERO : hold.amount().minus(hold.captured());
            return new Cost(
                    hold.amount(),
                    hold.amount(),
                    hold.captured(),
                    released,
                    hold.listPrice().minus(hold.amount()),
                    "credits");
        }
    }

    record Metrics(Optional<Long> queueMs, Optional<Long> executionMs) {}

    record Happened(JobState.Kind status, Instant at, String reason) {}

    static JobDocument of(JobView view, Instant now) {
        return of(view, now, Map.of());
    }

    /** @param urls where outputs are, by their id */
    static JobDocument of(JobView view, Instant now, Map<AssetId, String> urls) {
        JobRecord record = view.record();
        JobSpec spec = record.job().spec();
        JobState state = record.job().state();
        List<Transition> history = record.history();
        Optional<Instant> start = record.attempts().stream()
                .flatMap(attempt -> attempt.startedAt().stream())
                .findFirst();
        Optional<Instant> end = record.job().endedAt();
        return new JobDocument(
                spec.id(),
                state.kind(),
                state instanceof JobState.Succeeded done && done.partial(),
                spec.workflow(),
                spec.model(),
                spec.queue(),
                record.job().lane(),
                spec.priority(),
                spec.user(),
                spec.batch(),
                inputs(spec.inputs()),
                spec.createdAt(),
                history.isEmpty()
                        ? spec.createdAt()
                        : history.get(history.size() - 1).at(),
                start,
                end,
                spec.expiresAt(),
                view.position(),
                view.eta().map(eta -> wait(eta, now)),
                view.eta().map(Eta::start),
                view.eta().map(Eta::end),
                view.waitReason(),
                view.progress().map(JobDocument::step),
                record.attempts().stream().map(JobDocument::attempt).toList(),
                record.outputs().stream()
                        .map(output -> new Made(
                                output.id(),
                                output.nodeId(),
                                output.name(),
                                output.contentType().replaceFirst("/.*", ""),
                                output.contentType(),
                                output.sizeBytes(),
                                "sha256:" + output.sha256(),
                                Optional.ofNullable(urls.get(output.id())),
                                output.job()))
                        .toList(),
                JobHandle.failure(record).map(Problem::of),
                Cost.of(record),
                metrics(record, start, end),
                history.stream()
                        .map(line -> new Happened(line.to(), line.at(), line.cause()))
                        .toList(),
                origin(spec, Origin.Kind.RETRY),
                origin(spec, Origin.Kind.RERUN),
                spec.tags(),
                new TreeMap<>(spec.metadata()));
    }

    private static Duration wait(Eta eta, Instant now) {
        Duration wait = Duration.between(now, eta.start());
        return wait.isNegative() ? Duration.ZERO : wait;
    }

    private static Optional<JobId> origin(JobSpec spec, Origin.Kind kind) {
        return spec.origin().filter(origin -> origin.kind() == kind).map(Origin::job);
    }

    private static Step step(Progress progress) {
        return new Step(
                progress.fraction(),
                progress.step() < 0 ? Optional.empty() : Optional.of(progress.step()),
                progress.steps() < 0 ? Optional.empty() : Optional.of(progress.steps()),
                progress.message());
    }

    private static Try attempt(Attempt attempt) {
        return new Try(
                attempt.number(),
                attempt.runId(),
                attempt.backend(),
                attempt.phase(),
                attempt.startedAt(),
                attempt.endedAt(),
                attempt.failure().map(Problem::of));
    }

    private static Metrics metrics(JobRecord record, Optional<Instant> start, Optional<Instant> end) {
        Instant created = record.job().spec().createdAt();
        Optional<Long> waited = start.or(() -> end)
                .map(time -> Math.max(0, Duration.between(created, time).toMillis()));
        Optional<Long> ran = start.flatMap(from ->
                end.map(to -> Math.max(0, Duration.between(from, to).toMillis())));
        return new Metrics(waited, ran);
    }

    private static Map<String, Object> inputs(Map<String, InputValue> inputs) {
        Map<String, Object> shown = new TreeMap<>();
        inputs.forEach((name, value) -> shown.put(name, shown(value)));
        return shown;
    }

    private static Object shown(InputValue value) {
        if (value instanceof InputValue.Text text) {
            return text.value();
        } else if (value instanceof InputValue.Whole whole) {
            return whole.value();
        } else if (value instanceof InputValue.Decimal decimal) {
            return decimal.value();
        } else if (value instanceof InputValue.Flag flag) {
            return flag.value();
        } else if (value instanceof InputValue.Asset asset) {
            return asset.id();
        } else if (value instanceof InputValue.Graph graph) {
            return graph.text();
        }
        return value.files();
    }
}
