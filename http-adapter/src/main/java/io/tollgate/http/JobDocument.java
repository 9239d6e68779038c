package io.tollgate.http;

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
import io.tollgate.queue.job.ContentHash;
import io.tollgate.queue.job.Failure;
import io.tollgate.queue.job.InputValue;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.queue.job.JobSpec;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.Lane;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.Origin;
import io.tollgate.queue.job.Output;
import io.tollgate.queue.job.PixelSize;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.Receipt;
import io.tollgate.queue.job.RunId;
import io.tollgate.queue.job.Transition;
import io.tollgate.queue.job.WorkflowName;
import io.tollgate.queue.lane.Eta;
import io.tollgate.queue.media.Asset;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/** A job as programs read it, over HTTP and on the command line alike. */
public record JobDocument(
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
        Map<String, String> metadata,
        Urls urls) {

    /**
     * How far the attempt is.
     *
     * @param value from 0 to 1
     */
    public record Step(
            double value,
            int nodesDone,
            int nodesTotal,
            Optional<String> currentNode,
            Optional<String> currentNodeClass,
            Optional<Integer> step,
            Optional<Integer> steps,
            Optional<String> message) {
        static Step of(Progress progress) {
            Optional<Progress.Nodes> nodes = progress.nodes();
            return new Step(
                    progress.fraction(),
                    nodes.map(Progress.Nodes::done).orElse(0),
                    nodes.map(Progress.Nodes::total).orElse(0),
                    nodes.flatMap(Progress.Nodes::current),
                    nodes.flatMap(Progress.Nodes::currentClass),
                    progress.step() < 0 ? Optional.empty() : Optional.of(progress.step()),
                    progress.steps() < 0 ? Optional.empty() : Optional.of(progress.steps()),
                    progress.message());
        }
    }

    /** Where to ask about it, from the server's root. */
    public record Urls(String self, String events, String cancel) {
        static Urls of(JobId id) {
            String self = Paths.API + "/jobs/" + id;
            return new Urls(self, self + "/events", self + "/cancel");
        }
    }

    /** An attempt. */
    public record Try(
            int number,
            RunId runId,
            BackendId backend,
            Attempt.Phase phase,
            Optional<Instant> startedAt,
            Optional<Instant> endedAt,
            Optional<Problem> error) {}

    /**
     * An output.
     *
     * @param width in pixels, of a picture or film that could be measured
     * @param deleted whether it is not stored any more: its owner deleted it, or it expired
     * @param expiresAt when it will be deleted; empty if never, or if it is
     */
    public record Made(
            AssetId id,
            Optional<String> nodeId,
            String name,
            String type,
            String contentType,
            long sizeBytes,
            Optional<Integer> width,
            Optional<Integer> height,
            ContentHash hash,
            Optional<String> url,
            Optional<Instant> urlExpiresAt,
            boolean deleted,
            Optional<Instant> expiresAt,
            JobId jobId) {
        static Made of(Output output, Optional<Kept> kept) {
            return new Made(
                    output.id(),
                    output.nodeId(),
                    output.name(),
                    type(output.contentType()),
                    output.contentType(),
                    output.sizeBytes(),
                    output.pixels().map(PixelSize::width),
                    output.pixels().map(PixelSize::height),
                    output.hash(),
                    kept.flatMap(Kept::url),
                    kept.flatMap(Kept::urlExpiresAt),
                    kept.isEmpty(),
                    kept.flatMap(Kept::expiresAt),
                    output.job());
        }

        private static String type(String contentType) {
            String kind = contentType.replaceFirst("/.*", "");
            return switch (kind) {
                case "image", "video", "audio", "text" -> kind;
                default -> "file";
            };
        }
    }

    /**
     * Why it failed.
     *
     * @param nodeId the part of the workflow that failed, if its backend says which
     * @param classType what kind of part that is
     */
    public record Problem(
            String code, String message, boolean retryable, Optional<String> nodeId, Optional<String> classType) {
        static Problem of(Failure failure) {
            return new Problem(
                    failure.kind().code(),
                    failure.message(),
                    failure.kind().isRetryable(),
                    failure.place().map(Failure.Place::node),
                    failure.place().map(Failure.Place::nodeClass));
        }
    }

    /**
     * What it costs, in credits.
     *
     * @param receipt what became of them, for people
     */
    public record Cost(
            Amount quoted,
            Amount held,
            Amount captured,
            Amount released,
            Amount discount,
            String currency,
            String receipt) {
        /** What a job costs. */
        public static Cost of(JobRecord record) {
            Hold hold = record.hold();
            Amount released = hold.open() ? Amount.ZERO : hold.amount().minus(hold.captured());
            return new Cost(
                    hold.amount(),
                    hold.amount(),
                    hold.captured(),
                    released,
                    hold.listPrice().minus(hold.amount()),
                    "credits",
                    Receipt.of(record).line());
        }
    }

    /** How long it waited and ran, in milliseconds. */
    public record Metrics(Optional<Long> queueMs, Optional<Long> executionMs) {}

    /** A line of its history. */
    public record Happened(JobState.Kind status, Instant at, String reason) {}

    /**
     * A file that is stored.
     *
     * @param url where it is, if it can be fetched
     * @param urlExpiresAt until when that works
     * @param expiresAt when it will be deleted
     */
    public record Kept(Optional<String> url, Optional<Instant> urlExpiresAt, Optional<Instant> expiresAt) {}

    /**
     * A job as it is now.
     *
     * @param urls where outputs are, by their id
     * @param stored the outputs that are still there, by their id
     */
    public static JobDocument of(JobView view, Instant now, Map<AssetId, String> urls, Map<AssetId, Asset> stored) {
        return of(
                view,
                now,
                id -> Optional.ofNullable(stored.get(id))
                        .map(asset ->
                                new Kept(Optional.ofNullable(urls.get(id)), Optional.empty(), asset.expiresAt())));
    }

    /**
     * A job as it is now.
     *
     * @param kept an output that is still there
     */
    public static JobDocument of(JobView view, Instant now, Function<AssetId, Optional<Kept>> kept) {
        return of(view, now, kept, true);
    }

    /** The same as one of many: without its graph if it is one of its inputs, which may be as long as a book. */
    static JobDocument listed(JobView view, Instant now, Function<AssetId, Optional<Kept>> kept) {
        return of(view, now, kept, false);
    }

    private static JobDocument of(
            JobView view, Instant now, Function<AssetId, Optional<Kept>> kept, boolean withGraphs) {
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
                inputs(spec.inputs(), withGraphs),
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
                view.progress().map(Step::of),
                record.attempts().stream().map(JobDocument::attempt).toList(),
                record.outputs().stream()
                        .map(output -> Made.of(output, kept.apply(output.id())))
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
                new TreeMap<>(spec.metadata()),
                Urls.of(spec.id()));
    }

    private static Duration wait(Eta eta, Instant now) {
        Duration wait = Duration.between(now, eta.start());
        return wait.isNegative() ? Duration.ZERO : wait;
    }

    private static Optional<JobId> origin(JobSpec spec, Origin.Kind kind) {
        return spec.origin().filter(origin -> origin.kind() == kind).map(Origin::job);
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

    /** Values as they are shown: files by the ids of their assets. */
    static Map<String, Object> inputs(Map<String, InputValue> inputs, boolean withGraphs) {
        Map<String, Object> shown = new TreeMap<>();
        inputs.forEach((name, value) -> {
            if (withGraphs || !(value instanceof InputValue.Graph)) {
                shown.put(name, shown(value));
            }
        });
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
