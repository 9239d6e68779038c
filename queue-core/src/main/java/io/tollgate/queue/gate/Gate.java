package io.tollgate.queue.gate;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.QuoteId;
import io.tollgate.credits.ledger.RequestHash;
import io.tollgate.credits.ledger.StorableText;
import io.tollgate.credits.ledger.StoreUnavailableException;
import io.tollgate.queue.access.Doors;
import io.tollgate.queue.backend.Backends;
import io.tollgate.queue.delivery.Deliverer;
import io.tollgate.queue.delivery.Endpoints;
import io.tollgate.queue.event.Events;
import io.tollgate.queue.event.JobEvent;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.BatchId;
import io.tollgate.queue.job.DeliveryTarget;
import io.tollgate.queue.job.IdSource;
import io.tollgate.queue.job.IdempotencyRecord;
import io.tollgate.queue.job.InputProblem;
import io.tollgate.queue.job.InputValue;
import io.tollgate.queue.job.JobCommand;
import io.tollgate.queue.job.JobCommand.IdempotencyKey;
import io.tollgate.queue.job.JobCommand.QuoteResult;
import io.tollgate.queue.job.JobCommand.SubmitResult;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobSpec;
import io.tollgate.queue.job.JobStore;
import io.tollgate.queue.job.Needs;
import io.tollgate.queue.job.Refusal;
import io.tollgate.queue.job.StoredEvent;
import io.tollgate.queue.job.WorkflowName;
import io.tollgate.queue.media.MediaStore;
import io.tollgate.queue.workflow.Catalogue;
import io.tollgate.queue.workflow.GraphReader;
import io.tollgate.queue.workflow.GraphReading;
import io.tollgate.queue.workflow.InputValidator;
import io.tollgate.queue.workflow.RawInput;
import io.tollgate.queue.workflow.SeedSource;
import io.tollgate.queue.workflow.Validation;
import io.tollgate.queue.workflow.Workflow;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * Where requests come in: validated, reviewed, priced and paid for before they queue. What is refused here leaves no
 * job and moves no credit; the refusal is told and kept for a while. Safe for use by many threads. Looks at stored
 * files on the calling thread, then waits for nothing.
 */
public final class Gate {
    /** The most jobs of one batch. */
    public static final int MAX_BATCH = 50;

    private static final int MAX_TAGS = 20;
    private static final int MAX_TAG = 64;
    private static final int MAX_METADATA = 20;
    private static final int MAX_METADATA_TEXT = 512;
    private static final int MAX_TARGETS = 5;
    private static final int MAX_PRIORITY = 1000;

    /** For what an attempt's time limit doesn't count: claiming, looking for a run, fetching outputs. */
    private static final Duration SPARE = Duration.ofHours(1);

    private final Supplier<Catalogue> catalogue;
    private final InputValidator validator;
    private final MediaStore media;
    private final ContentPolicy policy;
    private final Doors doors;
    private final Backends backends;
    private final Deliverer deliverer;
    private final Endpoints endpoints;
    private final JobStore store;
    private final Duration waitingAtMost;
    private final QuoteTerms quotes;
    private final InstantSource clock;
    private final IdSource ids;
    private final Events events;

    /**
     * @param waitingAtMost how long a job may wait before it expires
     * @param quotes how long and how many prices are promised
     */
    public Gate(
            Supplier<Catalogue> catalogue,
            MediaStore media,
            SeedSource seeds,
            GraphReader graphs,
            ContentPolicy policy,
            Doors doors,
            Backends backends,
            Deliverer deliverer,
            Endpoints endpoints,
            JobStore store,
            Duration waitingAtMost,
            QuoteTerms quotes,
            InstantSource clock,
            IdSource ids,
            Events events) {
        this.catalogue = catalogue;
        this.media = media;
        this.validator = new InputValidator(
                id -> media.find(id).filter(asset -> !asset.isExpired(clock.instant())), seeds, graphs);
        this.policy = policy;
        this.doors = doors;
        this.backends = backends;
        this.deliverer = deliverer;
        this.endpoints = endpoints;
        this.store = store;
        this.waitingAtMost = waitingAtMost;
        this.quotes = quotes;
        this.clock = clock;
        this.ids = ids;
        this.events = events;
    }

    /** Asks for one job. The answer comes when it is durable, or refused. */
    public CompletionStage<SubmitResult> submit(JobRequest request) {
        return submitOrFail(List.of(request), Optional.empty(), request.idempotencyKey(), request.quote());
    }

    /**
     * Asks for several jobs of one user: all or none, with one key.
     *
     * @throws IllegalArgumentException if there are none, more than {@value #MAX_BATCH}, or of several users
     */
    public CompletionStage<SubmitResult> submitBatch(
            List<JobRequest> requests, Optional<String> idempotencyKey, Optional<QuoteId> quote) {
        checkBatch(requests);
        return submitOrFail(requests, Optional.of(new BatchId(ids.next())), idempotencyKey, quote);
    }

    private static void checkBatch(List<JobRequest> requests) {
        if (requests.isEmpty() || requests.size() > MAX_BATCH) {
            throw new IllegalArgumentException("a batch has 1 to " + MAX_BATCH + " jobs, not " + requests.size());
        }
    }

    /**
     * A promise that was asked for.
     *
     * @param specs what it is for
     */
    public record Promise(QuoteResult result, List<JobSpec> specs) {}

    /**
     * Asks what requests of one user would cost together, as a promise. They are checked as if they were submitted;
     * nothing is set aside.
     *
     * @throws IllegalArgumentException if there are none, more than {@value #MAX_BATCH}, or of several users
     */
    public CompletionStage<Promise> quote(List<JobRequest> requests) {
        checkBatch(requests);
        try {
            Instant now = Instant.ofEpochMilli(clock.millis());
            List<JobSpec> specs = new ArrayList<>(requests.size());
            List<String> hashes = new ArrayList<>(requests.size());
            for (JobRequest request : requests) {
                Checked checked = check(request, Optional.empty(), now);
                if (checked.refusal().isPresent()) {
                    tellRefused(request, checked.refusal().get());
                    return CompletableFuture.completedFuture(new Promise(
                            new QuoteResult.Refused(checked.refusal().get()), List.of()));
                }
                specs.add(checked.spec().orElseThrow());
                hashes.add(hash(request));
            }
            JobCommand.MakeQuote wish = new JobCommand.MakeQuote(
                    new QuoteId(ids.next()),
                    specs,
                    RequestHash.of(hashes.toArray()),
                    quotes.lifetime(),
                    quotes.openPerUser(),
                    doors.closed());
            return store.execute(wish).thenApply(result -> {
                if (result instanceof QuoteResult.Refused refused) {
                    tellRefused(requests.get(0), refused.refusal());
                }
                return new Promise(result, List.copyOf(specs));
            });
        } catch (StoreUnavailableException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private CompletionStage<SubmitResult> submitOrFail(
            List<JobRequest> requests, Optional<BatchId> batch, Optional<String> key, Optional<QuoteId> quote) {
        try {
            return submit(requests, batch, key, quote);
        } catch (StoreUnavailableException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private CompletionStage<SubmitResult> submit(
            List<JobRequest> requests, Optional<BatchId> batch, Optional<String> key, Optional<QuoteId> quote) {
        Instant now = Instant.ofEpochMilli(clock.millis()); // as stores keep it: a job is not to be from their future
        Optional<Refusal> badKey = key.flatMap(Gate::problemOfKey);
        if (badKey.isPresent()) {
            return refused(requests.get(0), badKey.get());
        }
        List<JobSpec> specs = new ArrayList<>(requests.size());
        boolean compared = key.isPresent() || quote.isPresent();
        List<String> hashes = new ArrayList<>(requests.size());
        for (JobRequest request : requests) {
            Checked checked = check(request, batch, now);
            if (checked.refusal().isPresent()) {
                return refused(request, checked.refusal().get());
            }
            JobSpec spec = checked.spec().orElseThrow();
            Optional<Refusal> gone = keepFiles(spec, checked.runsAtMost());
            if (gone.isPresent()) {
                return refused(request, gone.get());
            }
            specs.add(spec);
            if (compared) {
                hashes.add(hash(request));
            }
        }
        String asked = compared ? RequestHash.of(hashes.toArray()) : "";
        return store.execute(new JobCommand.Submit(
                        specs,
                        key.map(text -> new IdempotencyKey(text, asked)),
                        quote.map(promise -> new JobCommand.QuoteUse(promise, asked)),
                        doors.closed()))
                .thenCompose(result -> {
                    if (result instanceof SubmitResult.Refused refused) {
                        return refused(requests.get(0), refused.refusal());
                    }
                    return CompletableFuture.completedFuture(result);
                });
    }

    private CompletionStage<SubmitResult> refused(JobRequest request, Refusal refusal) {
        tellRefused(request, refusal);
        return CompletableFuture.completedFuture(new SubmitResult.Refused(refusal));
    }

    private void tellRefused(JobRequest request, Refusal refusal) {
        Instant now = clock.instant();
        events.tell(new JobEvent.Refused(request.user(), request.workflow(), refusal, now));
        // what a request says may hold a prompt: only the kind of refusal is kept
        StoredEvent event = new StoredEvent(
                now, "refused", Optional.of(request.user()), Optional.empty(), refusal.code() + " at the gate");
        store.keep(List.of(event)).exceptionally(problem -> {
            events.tell(new JobEvent.Fault(Optional.empty(), "keeping a refusal", problem));
            return null;
        });
    }

    /** Checks a request without submitting it; empty if only limits and credits could still refuse it. */
    public Optional<Refusal> check(JobRequest request) {
        return request.idempotencyKey()
                .flatMap(Gate::problemOfKey)
                .or(() -> check(request, Optional.empty(), clock.instant()).refusal());
    }

    /**
     * Makes the files that a job names stay while it may need them: it waits no longer than until it expires, and its
     * last attempt ends by its time limit.
     */
    private Optional<Refusal> keepFiles(JobSpec spec, Duration runsAtMost) {
        Instant needed = spec.expiresAt().plus(runsAtMost).plus(SPARE);
        List<InputProblem> problems = new ArrayList<>();
        spec.inputs().forEach((name, value) -> {
            for (AssetId id : value.files()) {
                try {
                    if (media.keepUntil(id, needed).isEmpty()) { // it expired after it was looked at
                        problems.add(problem("inputs." + name, "names no such file"));
                    }
                } catch (IOException e) {
                    throw new StoreUnavailableException("the stored files can't be kept now; nothing was submitted", e);
                }
            }
        });
        return problems.isEmpty() ? Optional.empty() : Optional.of(new Refusal.InvalidInput(problems));
    }

    private record Checked(Optional<JobSpec> spec, Duration runsAtMost, Optional<Refusal> refusal) {
        static Checked refused(Refusal why) {
            return new Checked(Optional.empty(), Duration.ZERO, Optional.of(why));
        }
    }

    private Checked check(JobRequest request, Optional<BatchId> batch, Instant now) {
        Catalogue current = catalogue.get();
        Optional<Workflow> found = find(current, request.workflow());
        if (found.isEmpty()) {
            return Checked.refused(new Refusal.UnknownWorkflow(
                    shown(request.workflow()),
                    current.nearest(request.workflow()).map(WorkflowName::value)));
        }
        Workflow workflow = found.get();
        List<InputProblem> problems = new ArrayList<>(problemsAroundInputs(request));
        Map<String, InputValue> inputs = Map.of();
        Optional<GraphReading.Fit> graph = Optional.empty();
        Validation validation = validate(workflow, request.user(), request.inputs());
        if (validation instanceof Validation.Valid valid) {
            inputs = valid.inputs();
            graph = valid.graph();
        } else if (validation instanceof Validation.UnfitGraph unfit) {
            GraphReading.Unfit reading = unfit.reading();
            return Checked.refused(new Refusal.UnfitGraph(reading.code(), reading.message(), reading.nodes()));
        } else if (validation instanceof Validation.Invalid invalid) {
            problems.addAll(0, invalid.problems());
        }
        if (!problems.isEmpty()) {
            return Checked.refused(new Refusal.InvalidInput(problems));
        }
        Optional<Refusal> blocked = review(request.user(), workflow, inputs, graph);
        if (blocked.isPresent()) {
            return Checked.refused(blocked.get());
        }
        Needs needs = graph.map(fit -> workflow.needs().and(fit.type(), fit.requires()))
                .orElseGet(workflow::needs);
        Optional<String> never = backends.whyNever(workflow.queue(), needs);
        if (never.isPresent()) {
            return Checked.refused(new Refusal.NoCapableBackend(workflow.name(), never.get()));
        }
        return new Checked(
                Optional.of(new JobSpec(
                        new JobId(ids.next()),
                        request.user(),
                        batch,
                        workflow.name(),
                        workflow.queue(),
                        workflow.model(),
                        needs,
                        inputs,
                        workflow.tariff(),
                        request.priority(),
                        now,
                        now.plus(waitingAtMost),
                        request.origin(),
                        targets(request),
                        request.tags(),
                        request.metadata())),
                workflow.timeout(),
                Optional.empty());
    }

    /** Those whom the request names, and those who are told of all jobs of its user. */
    private List<DeliveryTarget> targets(JobRequest request) {
        List<DeliveryTarget> standing = endpoints.targets(request.user());
        if (standing.isEmpty()) {
            return request.targets();
        }
        List<DeliveryTarget> all = new ArrayList<>(request.targets());
        all.addAll(standing);
        return all;
    }

    private static Optional<Workflow> find(Catalogue catalogue, String name) {
        try {
            return catalogue.find(new WorkflowName(name));
        } catch (IllegalArgumentException notEvenAName) {
            return Optional.empty();
        }
    }

    private static String shown(String text) {
        String line = text.codePoints()
                .filter(c -> !Character.isISOControl(c))
                .limit(64)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
        return line.length() < text.length() ? line + "…" : line;
    }

    private Validation validate(Workflow workflow, UserId user, Map<String, RawInput> raw) {
        try {
            return validator.validate(workflow, user, raw);
        } catch (IOException e) {
            throw new StoreUnavailableException("the stored files can't be read now; nothing was changed", e);
        }
    }

    private Optional<Refusal> review(
            UserId user, Workflow workflow, Map<String, InputValue> inputs, Optional<GraphReading.Fit> graph) {
        PolicyVerdict verdict;
        try {
            verdict = policy.review(PolicyRequest.of(user, workflow, inputs, graph));
        } catch (RuntimeException problem) {
            // a policy that can't decide has refused
            events.tell(new JobEvent.Fault(Optional.empty(), "reviewing a request", problem));
            return Optional.of(new Refusal.ContentBlocked("inputs", "the request could not be reviewed"));
        }
        return verdict instanceof PolicyVerdict.Refused refused
                ? Optional.of(new Refusal.ContentBlocked(refused.field(), refused.message()))
                : Optional.empty();
    }

    private List<InputProblem> problemsAroundInputs(JobRequest request) {
        List<InputProblem> problems = new ArrayList<>();
        if (Math.abs((long) request.priority()) > MAX_PRIORITY) {
            problems.add(problem("priority", "must be between -" + MAX_PRIORITY + " and " + MAX_PRIORITY));
        }
        if (request.tags().size() > MAX_TAGS
                || request.tags().stream().anyMatch(tag -> tag.isBlank() || tag.length() > MAX_TAG)) {
            problems.add(problem("tags", "must be at most " + MAX_TAGS + " words of 1 to " + MAX_TAG + " characters"));
        } else if (!request.tags().stream().allMatch(StorableText::isStorable)) {
            problems.add(problem("tags", StorableText.RULE));
        }
        if (request.metadata().size() > MAX_METADATA
                || request.metadata().entrySet().stream()
                        .anyMatch(entry -> entry.getKey().length() > MAX_TAG
                                || entry.getValue().length() > MAX_METADATA_TEXT)) {
            problems.add(problem(
                    "metadata",
                    "must be at most " + MAX_METADATA + " entries of " + MAX_METADATA_TEXT + " characters"));
        } else if (!request.metadata().entrySet().stream()
                .allMatch(entry ->
                        StorableText.isStorable(entry.getKey()) && StorableText.isStorable(entry.getValue()))) {
            problems.add(problem("metadata", StorableText.RULE));
        }
        if (request.targets().size() > MAX_TARGETS) {
            problems.add(problem("targets", "must be at most " + MAX_TARGETS));
        }
        for (DeliveryTarget target : request.targets()) {
            if (!StorableText.isStorable(target.address())) {
                problems.add(problem("targets", StorableText.RULE));
                continue;
            }
            try {
                deliverer.check(target);
            } catch (IllegalArgumentException e) {
                problems.add(problem("targets", String.valueOf(e.getMessage())));
            }
        }
        return problems;
    }

    private static Optional<Refusal> problemOfKey(String key) {
        Optional<String> what = Optional.empty();
        if (key.isBlank() || key.length() > IdempotencyRecord.MAX_KEY) {
            what = Optional.of("must have 1 to " + IdempotencyRecord.MAX_KEY + " characters");
        } else if (!StorableText.isStorable(key)) {
            what = Optional.of(StorableText.RULE);
        }
        return what.map(wrong -> new Refusal.InvalidInput(List.of(problem("idempotency_key", wrong))));
    }

    private static InputProblem problem(String field, String what) {
        return new InputProblem(field, what, Optional.empty());
    }

    /** What is asked: files count by their bytes, so that the same photo sent again is the same request. */
    private String hash(JobRequest request) {
        List<Object> parts = new ArrayList<>();
        parts.add(request.workflow());
        parts.add(request.priority());
        new TreeMap<>(request.inputs()).forEach((name, value) -> {
            parts.add(name);
            parts.add(canonical(value));
        });
        parts.add(request.targets());
        parts.add(request.tags());
        parts.add(new TreeMap<>(request.metadata()));
        parts.add(request.origin());
        return RequestHash.of(parts.toArray());
    }

    private String canonical(RawInput value) {
        return switch (value.kind()) {
            case TEXT -> ((RawInput.Text) value).value();
            case NUMERIC ->
                ((RawInput.Numeric) value).value().stripTrailingZeros().toString();
            case BOOL -> Boolean.toString(((RawInput.Bool) value).value());
            case ASSETS -> {
                List<String> contents = new ArrayList<>();
                for (var id : value instanceof RawInput.AssetRef ref
                        ? List.of(ref.id())
                        : ((RawInput.AssetRefs) value).ids()) {
                    try {
                        contents.add(media.find(id)
                                .map(asset -> asset.hash().toString())
                                .orElse(id.toString()));
                    } catch (IOException e) {
                        throw new StoreUnavailableException(
                                "the stored files can't be read now; nothing was changed", e);
                    }
                }
                yield String.join(",", contents);
            }
        };
    }
}
