package io.tollgate.queue;

import io.tollgate.credits.CreditService;
import io.tollgate.credits.account.Perks;
import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.LedgerStore;
import io.tollgate.credits.ledger.QuotaDay;
import io.tollgate.credits.ledger.QuoteId;
import io.tollgate.credits.pricing.Buyer;
import io.tollgate.credits.pricing.Pricing;
import io.tollgate.credits.pricing.QuotaUse;
import io.tollgate.credits.pricing.Toll;
import io.tollgate.queue.access.Doors;
import io.tollgate.queue.backend.Backends;
import io.tollgate.queue.backend.GenerationBackend;
import io.tollgate.queue.delivery.Deliverer;
import io.tollgate.queue.delivery.DeliveryChannel;
import io.tollgate.queue.delivery.Endpoint;
import io.tollgate.queue.delivery.Endpoints;
import io.tollgate.queue.delivery.FinishingShelf;
import io.tollgate.queue.dispatch.Board;
import io.tollgate.queue.dispatch.Dispatch;
import io.tollgate.queue.dispatch.JobView;
import io.tollgate.queue.dispatch.Lines;
import io.tollgate.queue.event.Events;
import io.tollgate.queue.event.JobEvent;
import io.tollgate.queue.event.JobListener;
import io.tollgate.queue.event.Timers;
import io.tollgate.queue.gate.Gate;
import io.tollgate.queue.gate.JobRequest;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.Attempt;
import io.tollgate.queue.job.BatchId;
import io.tollgate.queue.job.ContentHash;
import io.tollgate.queue.job.Delivery;
import io.tollgate.queue.job.DeliveryEvent;
import io.tollgate.queue.job.DeliveryId;
import io.tollgate.queue.job.DeliveryTarget;
import io.tollgate.queue.job.EndpointId;
import io.tollgate.queue.job.EraseResult;
import io.tollgate.queue.job.IdSource;
import io.tollgate.queue.job.InputValue;
import io.tollgate.queue.job.JobChanges;
import io.tollgate.queue.job.JobCommand;
import io.tollgate.queue.job.JobCommand.CancelResult;
import io.tollgate.queue.job.JobCommand.QuoteResult;
import io.tollgate.queue.job.JobCommand.SubmitResult;
import io.tollgate.queue.job.JobFilter;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobPolicy;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.queue.job.JobRules;
import io.tollgate.queue.job.JobStore;
import io.tollgate.queue.job.Lane;
import io.tollgate.queue.job.Origin;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.QueuedJob;
import io.tollgate.queue.job.Refusal;
import io.tollgate.queue.job.UuidV7;
import io.tollgate.queue.job.WorkflowName;
import io.tollgate.queue.lane.Eta;
import io.tollgate.queue.lane.RunTimes;
import io.tollgate.queue.media.Asset;
import io.tollgate.queue.media.Assets;
import io.tollgate.queue.media.InputCheck;
import io.tollgate.queue.media.MediaStore;
import io.tollgate.queue.media.UploadRequest;
import io.tollgate.queue.media.Uploaded;
import io.tollgate.queue.media.Uploads;
import io.tollgate.queue.memory.MemoryMediaStore;
import io.tollgate.queue.memory.MemoryStateStore;
import io.tollgate.queue.memory.MemoryStore;
import io.tollgate.queue.workflow.Catalogue;
import io.tollgate.queue.workflow.InputSpec;
import io.tollgate.queue.workflow.InvalidWorkflowException;
import io.tollgate.queue.workflow.RawInput;
import io.tollgate.queue.workflow.ReloadableCatalogue;
import io.tollgate.queue.workflow.SeedSource;
import io.tollgate.queue.workflow.Workflow;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The whole of Tollgate in one object: takes jobs in, queues, runs, delivers and settles them.
 *
 * <p>It answers questions and takes jobs as soon as it is built; jobs are run between {@link #start} and
 * {@link #close}. What it is given by its builder is the giver's to close, except backends, which it closes. Safe for
 * use by many threads.
 */
public final class Tollgate implements AutoCloseable {
    /** The most jobs of one batch. */
    public static final int MAX_BATCH = Gate.MAX_BATCH;

    private static final Duration START_AT_MOST = Duration.ofSeconds(60);
    private static final Duration EVENTS_AT_MOST = Duration.ofSeconds(5);
    private static final int RUNS_REMEMBERED = 2_000;
    private static final Duration PRUNE_EVERY = Duration.ofHours(1);

    private final JobStore store;
    private final MediaStore media;
    private final Uploads uploads;
    private final Assets assets;
    private final CreditService credits;
    private final ReloadableCatalogue catalogue;
    private final Events events;
    private final Timers timers;
    private final Backends backends;
    private final Dispatch dispatch;
    private final Deliverer deliverer;
    private final Endpoints endpoints;
    private final Gate gate;
    private final Doors doors;
    private final Consumer<UserId> forgetting;
    private final Board board;
    private final Handles handles;
    private final RecentJobs recent;
    private final Operations operations;
    private final Lines lines;
    private final RunTimes times;
    private final TollgateBuilder settings;
    private final IdSource ids;
    private final InstantSource clock;
    private final List<ExecutorService> ownThreads;
    private final ExecutorService io;
    private volatile Timers.Timer pruning = Timers.Timer.NONE;
    private final Runnable unfollow;
    private final AtomicBoolean closed = new AtomicBoolean();

    Tollgate(TollgateBuilder builder) {
        this.settings = builder;
        this.clock = builder.clock;
        SecureRandom random = new SecureRandom();
        this.ids = builder.ids != null ? builder.ids : new UuidV7(clock, random);
        this.ownThreads = new ArrayList<>();
        ScheduledExecutorService executor = builder.executor;
        if (executor == null) {
            ScheduledThreadPoolExecutor own = new ScheduledThreadPoolExecutor(2, named("tollgate-work-"));
            own.setRemoveOnCancelPolicy(true); // most timers are time limits that are never reached
            own.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
            executor = own;
            ownThreads.add(own);
        }
        ExecutorService io = builder.io;
        if (io == null) {
            io = Executors.newFixedThreadPool(4, named("tollgate-io-"));
            ownThreads.add(io);
        }
        this.events = new Events(executor);
        this.timers = new Timers(executor, events);
        JobPolicy policy = builder.policy;
        if (builder.store != null) {
            this.store = builder.store;
            this.credits = new CreditService((LedgerStore) builder.store, policy.credits(), clock, random);
        } else {
            MemoryStore memory = new MemoryStore(new JobRules(policy), clock);
            this.store = memory;
            this.credits = new CreditService(memory, policy.credits(), clock, random);
        }
        this.media = builder.media != null ? builder.media : new MemoryMediaStore();
        this.catalogue = new ReloadableCatalogue(builder.source);
        this.backends = new Backends(timers, events);
        builder.backends.forEach(backends::add);
        this.lines = new Lines();
        this.times = new RunTimes(Duration.ofSeconds(10));
        this.board = new Board(lines, backends, policy, times, clock);
        this.endpoints =
                new Endpoints(builder.endpointStore, ids, clock, random, io, events, builder.pauseEndpointsAfter);
        List<DeliveryChannel> channels = new ArrayList<>(builder.channels);
        builder.endpointChannels.forEach(channel -> channels.add(channel.apply(endpoints)));
        this.deliverer = new Deliverer(channels, store, builder.deliveryPolicy, timers, io, clock, random, events);
        this.dispatch = new Dispatch(
                builder.queues(catalogue.current()),
                lines,
                new Dispatch.Tools(
                        store,
                        backends,
                        catalogue::current,
                        media,
                        new FinishingShelf(
                                media,
                                builder.processors,
                                builder.inspectors,
                                this::perks,
                                builder.keepOutputs,
                                builder.maxOutputBytes,
                                clock,
                                ids,
                                events),
                        builder.node,
                        builder.dispatch,
                        timers,
                        io,
                        builder.fetch == null ? io : builder.fetch,
                        clock,
                        ids,
                        random,
                        events));
        this.doors = builder.doors == null ? new Doors(new MemoryStateStore(clock), clock) : builder.doors;
        this.forgetting = builder.forgetting;
        this.gate = new Gate(
                catalogue::current,
                media,
                SeedSource.random(random),
                builder.graphs,
                builder.contentPolicy,
                doors,
                backends,
                deliverer,
                endpoints,
                store,
                builder.waitingAtMost,
                builder.quotes,
                clock,
                ids,
                events);
        this.uploads = new Uploads(
                media,
                new InputCheck(builder.inspectors),
                new Uploads.Limits(builder.maxInputBytes, builder.maxUserBytes),
                builder.keepInputs,
                clock,
                ids);
        this.assets = new Assets(media, store, clock);
        this.operations = new Operations(
                store, backends, lines, board, doors, policy, catalogue::current, dispatch::queues, ids, clock);
        events.listen(board::follow);
        builder.listeners.forEach(events::listen);
        this.recent = new RecentJobs(store::find, builder.rememberedJobs);
        this.handles = new Handles(store, lines, timers, io, events);
        this.io = io;
        this.unfollow = store.onCommit(this::committed);
        try {
            load();
        } catch (RuntimeException e) {
            ownThreads.forEach(ExecutorService::shutdownNow);
            throw e;
        }
    }

    private static java.util.concurrent.ThreadFactory named(String prefix) {
        AtomicInteger number = new AtomicInteger();
        return body -> {
            Thread thread = new Thread(body, prefix + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    /** What is kept in memory of what is stored: the lines, the limits, how long runs take. */
    private void load() {
        endpoints.load();
        Instant now = clock.instant();
        Set<QueueName> queues = new HashSet<>();
        store.forEachWaiting(job -> {
            queues.add(job.set().queue());
            lines.put(job, now);
        });
        Map<JobId, QueuedJob> active = new HashMap<>();
        for (JobRecord record : store.list(JobFilter.ACTIVE, Optional.empty(), Integer.MAX_VALUE)) {
            queues.add(record.job().spec().queue());
            active.put(record.job().id(), record.job());
        }
        for (Attempt attempt : store.running()) {
            QueuedJob job = active.get(attempt.job());
            if (job != null) {
                board.running(job, attempt);
            }
        }
        // jobs of a workflow that left the catalogue are in its queue still, and must come to an end
        dispatch.provide(queues);
        store.models().forEach(board::set);
        store.queues().forEach(board::set);
        List<RunTimes.Measured> runs = new ArrayList<>();
        for (JobStore.RunTime run : store.recentRuns(RUNS_REMEMBERED)) {
            runs.add(0, new RunTimes.Measured(run.workflow(), run.model(), run.queue(), run.took()));
        }
        times.recordEarlier(runs);
    }

    private void committed(List<JobChanges> commit) {
        boolean owed = false;
        for (JobChanges changes : commit) {
            recent.changed(changes);
            dispatch.committed(changes);
            changes.models().forEach(board::set);
            changes.queues().forEach(board::set);
            events.tell(changes);
            owed |= changes.deliveries().stream()
                    .anyMatch(delivery -> delivery.state() == Delivery.State.PENDING && delivery.tries() == 0);
        }
        if (owed) {
            deliverer.wake();
        }
    }

    private Perks perks(UserId user) {
        return credits.tier(user).perks();
    }

    public static TollgateBuilder builder() {
        return new TollgateBuilder();
    }

    /**
     * Begins to run jobs. What an earlier process left running is looked for at its backend and taken up.
     *
     * @throws IllegalStateException if that can't be begun, or was begun before; nothing runs then
     */
    public void start() {
        try {
            dispatch.start().toCompletableFuture().get(START_AT_MOST.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while starting", e);
        } catch (java.util.concurrent.ExecutionException | TimeoutException e) {
            CompletionStage<Void> unused = dispatch.stop(); // it may still come about later
            throw new IllegalStateException("the queues could not be started: " + e.getMessage(), e);
        }
        deliverer.start();
        handles.start();
        pruning = timers.every(PRUNE_EVERY, "pruning", () -> io.execute(this::prune));
    }

    private void prune() {
        Instant now = clock.instant();
        store.prune(now.minus(settings.keepEvents), now.minus(settings.keepKeys))
                .exceptionally(problem -> {
                    events.tell(new JobEvent.Fault(Optional.empty(), "pruning", problem));
                    return 0;
                });
        credits.prepareDraw().exceptionally(problem -> {
            events.tell(new JobEvent.Fault(Optional.empty(), "preparing the day's draw", problem));
            return Optional.empty();
        });
        try {
            media.deleteExpired(now);
        } catch (IOException | RuntimeException problem) {
            events.tell(new JobEvent.Fault(Optional.empty(), "deleting expired files", problem));
        }
    }

    /**
     * Claims nothing any more, gives running attempts their grace, and leaves what is left to the next start. Twice is
     * fine.
     */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        try {
            dispatch.stop()
                    .toCompletableFuture()
                    .get(settings.dispatch.stopGrace().plusSeconds(10).toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (java.util.concurrent.ExecutionException | TimeoutException e) {
            events.tell(new JobEvent.Fault(Optional.empty(), "stopping", e));
        }
        deliverer.stop();
        handles.stop();
        pruning.cancel();
        backends.stopProbing();
        unfollow.run(); // the store outlives this
        for (GenerationBackend backend : backends.all()) {
            try {
                backend.close();
            } catch (RuntimeException e) {
                events.tell(new JobEvent.Fault(Optional.empty(), "closing backend " + backend.id(), e));
            }
        }
        awaitEvents();
        for (ExecutorService threads : ownThreads) {
            threads.shutdown();
            try {
                if (!threads.awaitTermination(5, TimeUnit.SECONDS)) {
                    threads.shutdownNow();
                }
            } catch (InterruptedException e) {
                threads.shutdownNow();
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Whoever closes this has heard of all that happened. */
    private void awaitEvents() {
        try {
            events.told().toCompletableFuture().get(EVENTS_AT_MOST.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (java.util.concurrent.ExecutionException | TimeoutException e) {
            events.tell(new JobEvent.Fault(Optional.empty(), "telling the last events", e));
        }
    }

    /**
     * Asks for one job and waits until it is in.
     *
     * @throws RefusedException if it is turned down; nothing was changed
     * @throws io.tollgate.credits.ledger.StoreUnavailableException if the store can't be reached; nothing was changed
     */
    public JobHandle submit(JobRequest request) {
        SubmitResult result = await(submitAsync(request));
        if (result instanceof SubmitResult.Accepted accepted) {
            return handles.handle(accepted.jobs().get(0));
        }
        throw new RefusedException(((SubmitResult.Refused) result).refusal());
    }

    /** Asks for one job; the answer comes when it is durable, or refused. */
    public CompletionStage<SubmitResult> submitAsync(JobRequest request) {
        return gate.submit(request);
    }

    /**
     * Asks for several jobs of one user and waits until they are in: all or none.
     *
     * @throws RefusedException if one is turned down; nothing was changed
     * @throws IllegalArgumentException if there are none or too many
     */
    public List<JobHandle> submitBatch(List<JobRequest> requests, Optional<String> idempotencyKey) {
        return submitBatch(requests, idempotencyKey, Optional.empty());
    }

    /**
     * Asks for several jobs of one user at no more than a quote's price, and waits until they are in: all or none.
     *
     * @param quote what was promised for these requests, in this order
     * @throws RefusedException if one is turned down; nothing was changed, and the quote can still be used
     * @throws IllegalArgumentException if there are none or too many
     */
    public List<JobHandle> submitBatch(
            List<JobRequest> requests, Optional<String> idempotencyKey, Optional<QuoteId> quote) {
        SubmitResult result = await(submitBatchAsync(requests, idempotencyKey, quote));
        if (result instanceof SubmitResult.Accepted accepted) {
            return accepted.jobs().stream().map(handles::handle).toList();
        }
        throw new RefusedException(((SubmitResult.Refused) result).refusal());
    }

    /** As {@link #submitBatch(List, Optional, Optional)}; the answer comes when they are durable, or refused. */
    public CompletionStage<SubmitResult> submitBatchAsync(
            List<JobRequest> requests, Optional<String> idempotencyKey, Optional<QuoteId> quote) {
        return gate.submitBatch(requests, idempotencyKey, quote);
    }

    /**
     * Asks what requests of one user would cost, as a promise: submitted under the quote while it lasts, they cost no
     * more. Nothing is set aside.
     *
     * @throws RefusedException if one is turned down, whatever it would cost
     * @throws IllegalArgumentException if there are none or too many
     */
    public QuoteView quote(List<JobRequest> requests) {
        return await(quoteAsync(requests));
    }

    /** As {@link #quote}; the answer completes with a {@link RefusedException} for what is turned down. */
    public CompletionStage<QuoteView> quoteAsync(List<JobRequest> requests) {
        return gate.quote(requests).thenApply(promise -> {
            if (promise.result() instanceof QuoteResult.Refused refused) {
                throw new RefusedException(refused.refusal());
            }
            QuoteResult.Quoted quoted = (QuoteResult.Quoted) promise.result();
            List<Lane> lanes = quoted.quote().lines().stream()
                    .map(line -> line.relaxed() ? Lane.RELAXED : quoted.lane())
                    .toList();
            List<Optional<Eta>> expected = board.expected(promise.specs(), lanes);
            boolean known = expected.stream().allMatch(Optional::isPresent);
            return new QuoteView(
                    quoted.quote(),
                    lanes,
                    quoted.available(),
                    expected.stream().flatMap(Optional::stream).map(Eta::start).min(Comparator.naturalOrder()),
                    known
                            ? expected.stream()
                                    .flatMap(Optional::stream)
                                    .map(Eta::end)
                                    .max(Comparator.naturalOrder())
                            : Optional.empty());
        });
    }

    /** What a user has of the free runs of each workflow that has some, in the order of the catalogue. */
    public List<FreeRuns> freeRuns(UserId user) {
        Buyer buyer = credits.policy().buyer(credits.account(user), clock.instant());
        List<QuotaDay> days = credits.quotas(user);
        List<FreeRuns> all = new ArrayList<>();
        for (Workflow workflow : catalogue.current().all()) {
            workflow.tariff().quota().ifPresent(quota -> {
                QuotaUse use = QuotaUse.of(workflow.name().value(), buyer, days);
                all.add(new FreeRuns(
                        workflow.name(),
                        quota.perDay(),
                        use.used(),
                        use.held(),
                        use.left(quota.perDay()),
                        buyer.perks().unlimited(),
                        use.until()));
            });
        }
        return all;
    }

    /** What one run of each workflow would cost a user now, in the order of the catalogue. */
    public Map<WorkflowName, Toll> prices(UserId user) {
        Buyer buyer = credits.policy().buyer(credits.account(user), clock.instant());
        List<QuotaDay> days = credits.quotas(user);
        Map<WorkflowName, Toll> prices = new LinkedHashMap<>();
        for (Workflow workflow : catalogue.current().all()) {
            prices.put(
                    workflow.name(),
                    Pricing.toll(workflow.tariff(), workflow.name().value(), buyer, days));
        }
        return prices;
    }

    /** Checks a request without submitting it; empty if only limits and credits could still refuse it. */
    public Optional<Refusal> check(JobRequest request) {
        return gate.check(request);
    }

    private static <T> T await(CompletionStage<T> answer) {
        try {
            return answer.toCompletableFuture().join();
        } catch (java.util.concurrent.CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }

    /** Follows a job of this user; empty if there is none, or it is not the user's. */
    public Optional<JobHandle> handle(UserId user, JobId id) {
        return store.find(id)
                .filter(record -> record.job().user().equals(user))
                .map(record -> handles.handle(record.job()));
    }

    /** A job of this user; empty if there is none, or it is not the user's. */
    public Optional<JobView> job(UserId user, JobId id) {
        return job(id).filter(view -> view.record().job().user().equals(user));
    }

    /** Any job, for operators. */
    public Optional<JobView> job(JobId id) {
        return recent.find(id).map(board::view);
    }

    /** A job whose record is at hand, with what only the moment knows. Reads nothing from the store. */
    public JobView view(JobRecord record) {
        return board.view(record);
    }

    /**
     * Jobs, newest first. A filter without a user is for operators.
     *
     * @param before the {@code seq} of the last job seen, to go on from there
     * @param limit the most jobs, at least 1
     */
    public List<JobView> jobs(JobFilter filter, Optional<Long> before, int limit) {
        return store.list(filter, before, limit).stream().map(board::view).toList();
    }

    /** Asks for a job of this user to be stopped. Asking again changes nothing. */
    public CompletionStage<CancelResult> cancel(UserId user, JobId id) {
        Optional<JobRecord> record =
                store.find(id).filter(found -> found.job().user().equals(user));
        return record.isPresent()
                ? cancel(record.get(), user.value())
                : CompletableFuture.completedFuture(new CancelResult.NotFound());
    }

    /** Asks for any job to be stopped, for operators. */
    public CompletionStage<CancelResult> cancel(JobId id, String by) {
        return store.find(id)
                .map(record -> cancel(record, by))
                .orElseGet(() -> CompletableFuture.completedFuture(new CancelResult.NotFound()));
    }

    private CompletionStage<CancelResult> cancel(JobRecord record, String by) {
        List<DeliveryId> owed = Stream.generate(() -> new DeliveryId(ids.next()))
                .limit(record.job().spec().targets().size())
                .toList();
        return store.execute(new JobCommand.Cancel(record.job().id(), by, owed));
    }

    /** Asks for all jobs of a batch to be stopped; answers for each of this user's. */
    public CompletionStage<List<CancelResult>> cancelBatch(UserId user, BatchId batch) {
        CompletionStage<List<CancelResult>> all = CompletableFuture.completedFuture(List.of());
        for (JobRecord record : store.list(JobFilter.of(user).with(batch), Optional.empty(), Gate.MAX_BATCH)) {
            all = all.thenCombine(cancel(record, user.value()), (results, one) -> {
                List<CancelResult> more = new ArrayList<>(results);
                more.add(one);
                return more;
            });
        }
        return all;
    }

    /** Tries a failed, canceled or expired job again: a new job with a new hold that names the old one. */
    public CompletionStage<SubmitResult> retry(UserId user, JobId id) {
        return repeat(user, id, Origin.Kind.RETRY, true);
    }

    /**
     * Runs a succeeded job once more: a new job with a new hold that names the old one.
     *
     * @param keepSeed whether to make the same picture again
     */
    public CompletionStage<SubmitResult> rerun(UserId user, JobId id, boolean keepSeed) {
        return repeat(user, id, Origin.Kind.RERUN, keepSeed);
    }

    private CompletionStage<SubmitResult> repeat(UserId user, JobId id, Origin.Kind kind, boolean keepSeed) {
        Optional<QueuedJob> found =
                store.find(id).map(JobRecord::job).filter(job -> job.user().equals(user));
        if (found.isEmpty()) {
            return CompletableFuture.completedFuture(new SubmitResult.Refused(new Refusal.UnknownJob(id)));
        }
        QueuedJob job = found.get();
        boolean allowed = switch (job.kind()) {
            case QUEUED, RUNNING, CANCELING -> false;
            case SUCCEEDED -> kind == Origin.Kind.RERUN;
            case FAILED, CANCELED, EXPIRED -> kind == Origin.Kind.RETRY;
        };
        if (!allowed) {
            return CompletableFuture.completedFuture(new SubmitResult.Refused(new Refusal.InvalidState(
                    id,
                    job.kind(),
                    kind == Origin.Kind.RERUN
                            ? "only a succeeded job can be run once more"
                            : "only a failed, canceled or expired job can be tried again")));
        }
        Set<String> seeds = keepSeed ? Set.of() : seeds(job);
        Map<String, RawInput> inputs = new LinkedHashMap<>();
        job.spec().inputs().forEach((name, value) -> {
            if (!seeds.contains(name)) {
                inputs.put(name, raw(value));
            }
        });
        return gate.submit(new JobRequest(
                user,
                job.spec().workflow().value(),
                inputs,
                job.spec().priority(),
                // the standing ones are added anew
                job.spec().targets().stream()
                        .filter(target -> Endpoint.idOf(target.address()).isEmpty())
                        .toList(),
                job.spec().tags(),
                job.spec().metadata(),
                Optional.empty(),
                Optional.of(new Origin(kind, id)),
                Optional.empty()));
    }

    private Set<String> seeds(QueuedJob job) {
        Set<String> seeds = new HashSet<>();
        catalogue
                .current()
                .find(job.spec().workflow())
                .ifPresent(workflow -> workflow.inputs().stream()
                        .filter(InputSpec.Seed.class::isInstance)
                        .forEach(seed -> seeds.add(seed.name())));
        return seeds;
    }

    private static RawInput raw(InputValue value) {
        if (value instanceof InputValue.Text text) {
            return new RawInput.Text(text.value());
        } else if (value instanceof InputValue.Whole whole) {
            return new RawInput.Numeric(java.math.BigDecimal.valueOf(whole.value()));
        } else if (value instanceof InputValue.Decimal decimal) {
            return new RawInput.Numeric(decimal.value());
        } else if (value instanceof InputValue.Flag flag) {
            return new RawInput.Bool(flag.value());
        } else if (value instanceof InputValue.Asset asset) {
            return new RawInput.AssetRef(asset.id());
        } else if (value instanceof InputValue.Graph graph) {
            return new RawInput.Text(graph.text());
        }
        return new RawInput.AssetRefs(value.files());
    }

    /**
     * Stores a user's file, so that it can be an input. Its media type is found by looking at its bytes. If the user
     * has these bytes already, the asset from then is the answer: it keeps its name and its tags, and lasts at least as
     * long as is asked now.
     *
     * @throws IOException if it can't be read or stored
     * @throws io.tollgate.queue.media.UnfitFileException if it is empty, of no kind that is known, or an inspector says
     *     so
     * @throws io.tollgate.queue.media.AssetTooLargeException if it is larger than inputs may be
     * @throws io.tollgate.queue.media.HashMismatchException if it isn't what was expected
     * @throws io.tollgate.queue.media.QuotaExceededException if the user would have too much
     * @throws IllegalArgumentException if a hash is expected that is not of the media store's function
     */
    public Uploaded upload(UserId user, UploadRequest request, InputStream bytes) throws IOException {
        return uploads.add(user, request, bytes);
    }

    /** Stores a user's file under its own name, as {@link #upload(UserId, UploadRequest, InputStream)} does. */
    public Uploaded upload(UserId user, Path file) throws IOException {
        try (InputStream bytes = Files.newInputStream(file)) {
            return upload(user, UploadRequest.named(String.valueOf(file.getFileName())), bytes);
        }
    }

    /**
     * Makes a new asset of bytes that the user has already.
     *
     * @return empty if the user has no such bytes, whoever else may
     * @throws io.tollgate.queue.media.QuotaExceededException if the user would have too much
     */
    public Optional<Asset> fromHash(UserId user, ContentHash hash, UploadRequest request) throws IOException {
        return uploads.fromHash(user, hash, request);
    }

    /** Whether a user has these bytes in an asset that has not expired. */
    public boolean hasContent(UserId user, ContentHash hash) throws IOException {
        return uploads.hasContent(user, hash);
    }

    /** A user's stored file; empty if there is none, or it has expired, or is another's. */
    public Optional<Asset> asset(UserId user, AssetId id) throws IOException {
        return assets.find(user, id);
    }

    /** The bytes of a user's stored file, as a readable local file; empty as {@link #asset} is. */
    public Optional<Path> content(UserId user, AssetId id) throws IOException {
        return assets.content(user, id);
    }

    /**
     * A user's stored files, newest first.
     *
     * @param before the last one seen, to go on from there
     * @param limit the most, at least 1
     */
    public List<Asset> assets(UserId user, Optional<AssetId> before, int limit) throws IOException {
        return assets.list(user, before, limit);
    }

    /** How much a user has stored, outputs included. */
    public MediaStore.Held stored(UserId user) throws IOException {
        return assets.held(user);
    }

    /**
     * Deletes a user's stored file. The job that made it still tells of it.
     *
     * @return whether there was one
     * @throws io.tollgate.queue.media.AssetInUseException if a job that has not ended needs it as an input; nothing was
     *     changed
     */
    public boolean deleteAsset(UserId user, AssetId id) throws IOException {
        return assets.delete(user, id);
    }

    /**
     * Forgets who a user was: the ledger keeps its amounts under a pseudonym, everything else that says who it was is
     * gone, the user's stored files too. Refused while the user has live jobs, open holds or pending refunds. Asking
     * again deletes files that couldn't be deleted before.
     *
     * @param actor who does it, such as {@code admin:eva}
     * @param reason why, 3 to 400 characters; it stays, so it doesn't say who it was
     * @return completes exceptionally with {@link UncheckedIOException} if it is forgotten but a file couldn't be
     *     deleted
     */
    public CompletionStage<EraseResult> erase(UserId user, String actor, String reason) {
        if (reason.strip().length() < 3 || reason.length() > 400) {
            throw new IllegalArgumentException("a reason has 3 to 400 characters: '" + reason + "'");
        }
        UserId pseudonym = new UserId(UserId.ERASED + UUID.randomUUID());
        return store.erase(user, pseudonym, actor, reason).thenApplyAsync(deletedFiles(user), io);
    }

    private Function<EraseResult, EraseResult> deletedFiles(UserId user) {
        return result -> {
            recent.clear();
            if (!(result instanceof EraseResult.Busy) && !user.isErased()) {
                endpoints.forget(user);
                forgetting.accept(user);
                try {
                    media.deleteAllOf(user);
                } catch (IOException e) {
                    throw new UncheckedIOException("the user is forgotten, but not all files are deleted: " + e, e);
                }
            }
            return result;
        };
    }

    /**
     * Who is told of all jobs of a user. What is added is told from the next submission on.
     *
     * @see #addEndpoint
     */
    public Endpoints endpoints() {
        return endpoints;
    }

    /**
     * Adds an endpoint, with a secret of its own.
     *
     * @param wanted what it is told of
     * @return the endpoint; empty if its user has as many as one may
     * @throws IllegalArgumentException if the address can't be called or nothing is to be told of; the message says
     *     what is allowed
     */
    public Optional<Endpoint> addEndpoint(UserId user, String url, Set<DeliveryEvent> wanted) {
        if (!DeliveryEvent.FINAL.containsAll(wanted)) {
            throw new IllegalArgumentException(
                    "endpoints are told of ends only: job.succeeded, job.failed, job.canceled, job.expired");
        }
        deliverer.check(new DeliveryTarget(Endpoints.CHANNEL, url));
        return endpoints.add(user, url, wanted);
    }

    /**
     * Sends a test message to one of a user's endpoints, paused or not.
     *
     * @return how it went; empty if the user has no such endpoint
     */
    public Optional<CompletionStage<DeliveryChannel.Outcome>> testEndpoint(UserId user, EndpointId id) {
        return endpoints.find(user, id).map(endpoint -> deliverer.test(user, endpoint.target()));
    }

    /** The workflows as they are now. */
    public Catalogue catalogue() {
        return catalogue.current();
    }

    /**
     * Reads the workflows anew.
     *
     * @return what is in use from now on
     * @throws InvalidWorkflowException if one is wrong, with everything that is; the old ones stay in use then, and
     *     listeners are told of the {@link JobEvent.Fault}
     */
    public Catalogue reloadCatalogue() {
        try {
            Catalogue now = catalogue.reload();
            dispatch.provide(settings.queues(now));
            return now;
        } catch (InvalidWorkflowException e) {
            events.tell(new JobEvent.Fault(Optional.empty(), "reading the workflows anew; the old ones stay", e));
            throw e;
        }
    }

    /** Balances, grants, tiers. */
    public CreditService credits() {
        return credits;
    }

    /** What operators do and see. */
    public Operations operations() {
        return operations;
    }

    /** What operators say to everybody, and whose jobs are taken. */
    public Doors doors() {
        return doors;
    }

    /** Where files are kept. */
    public MediaStore media() {
        return media;
    }

    /** Lets {@code listener} hear of every event from now on; running the answer stops that. */
    public Runnable listen(JobListener listener) {
        return events.listen(listener);
    }

    /** How many attempts this node drives now. */
    public int driving() {
        return dispatch.driving();
    }
}
