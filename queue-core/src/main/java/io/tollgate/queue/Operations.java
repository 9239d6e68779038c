package io.tollgate.queue;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.AuditReport;
import io.tollgate.queue.access.Doors;
import io.tollgate.queue.backend.BackendStatus;
import io.tollgate.queue.backend.Backends;
import io.tollgate.queue.dispatch.Board;
import io.tollgate.queue.dispatch.Lines;
import io.tollgate.queue.job.Delivery;
import io.tollgate.queue.job.DeliveryFilter;
import io.tollgate.queue.job.DeliveryId;
import io.tollgate.queue.job.IdSource;
import io.tollgate.queue.job.JobCommand;
import io.tollgate.queue.job.JobCommand.ResolveResult;
import io.tollgate.queue.job.JobFilter;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobPolicy;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.queue.job.JobStore;
import io.tollgate.queue.job.Lane;
import io.tollgate.queue.job.LoggedDelivery;
import io.tollgate.queue.job.ModelLimit;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.QueueSwitch;
import io.tollgate.queue.job.StoredEvent;
import io.tollgate.queue.lane.QueueFlow;
import io.tollgate.queue.lane.SetDepth;
import io.tollgate.queue.lane.WaitingLine;
import io.tollgate.queue.workflow.Catalogue;
import io.tollgate.queue.workflow.Workflow;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** What operators do and see. Nothing here asks whose a job is. Safe for use by many threads. */
public final class Operations {
    private final JobStore store;
    private final Backends backends;
    private final Lines lines;
    private final Board board;
    private final Doors doors;
    private final JobPolicy policy;
    private final Supplier<Catalogue> catalogue;
    private final Supplier<Set<QueueName>> queues;
    private final IdSource ids;
    private final InstantSource clock;

    Operations(
            JobStore store,
            Backends backends,
            Lines lines,
            Board board,
            Doors doors,
            JobPolicy policy,
            Supplier<Catalogue> catalogue,
            Supplier<Set<QueueName>> queues,
            IdSource ids,
            InstantSource clock) {
        this.store = store;
        this.backends = backends;
        this.lines = lines;
        this.board = board;
        this.doors = doors;
        this.policy = policy;
        this.catalogue = catalogue;
        this.queues = queues;
        this.ids = ids;
        this.clock = clock;
    }

    /**
     * How a queue is.
     *
     * @param waiting how many jobs wait, by lane
     * @param running how many jobs run
     * @param flow what went through it lately
     */
    public record QueueStatus(
            QueueName queue, QueueSwitch.Mode mode, Map<Lane, Integer> waiting, int running, QueueFlow flow) {}

    /**
     * How deep a line is.
     *
     * @param waiting how many jobs wait, by lane, those that wait for their backoff too
     * @param ready how many of them may be claimed
     * @param oldest when the job came that came first
     */
    public record LineDepth(
            QueueName queue, Map<Lane, Integer> waiting, Map<Lane, Integer> ready, Optional<Instant> oldest) {}

    /**
     * A model's limit.
     *
     * @param maxConcurrent how many of its jobs may run at once
     * @param set whether an operator set it
     * @param running how many run now
     */
    public record LimitStatus(ModelName model, int maxConcurrent, boolean set, int running) {}

    /** All queues, in the order of the alphabet. */
    public List<QueueStatus> queues() {
        Map<QueueName, QueueSwitch> switches = new TreeMap<>();
        store.queues().forEach(queue -> switches.put(queue.queue(), queue));
        Map<QueueName, Integer> running = new TreeMap<>();
        // not by all that live: a million may wait
        for (JobRecord record : store.list(JobFilter.ACTIVE, Optional.empty(), Integer.MAX_VALUE)) {
            running.merge(record.job().spec().queue(), 1, Integer::sum);
        }
        Set<QueueName> names = new TreeSet<>(queues.get());
        names.addAll(switches.keySet());
        List<QueueStatus> all = new ArrayList<>();
        for (QueueName name : names) {
            WaitingLine line = lines.line(name);
            Map<Lane, Integer> waiting = new EnumMap<>(Lane.class);
            for (Lane lane : Lane.values()) {
                waiting.put(lane, line.depth(lane));
            }
            QueueSwitch known = switches.get(name);
            all.add(new QueueStatus(
                    name,
                    known == null ? QueueSwitch.Mode.OPEN : known.mode(),
                    waiting,
                    running.getOrDefault(name, 0),
                    board.flow(name)));
        }
        return all;
    }

    /** How deep the lines of all queues are, in the order of the alphabet; from memory alone, whatever waits. */
    public List<LineDepth> depths() {
        Set<QueueName> names = new TreeSet<>(queues.get());
        lines.all().forEach(line -> names.add(line.queue()));
        List<LineDepth> all = new ArrayList<>();
        for (QueueName name : names) {
            Map<Lane, Integer> waiting = new EnumMap<>(Lane.class);
            Map<Lane, Integer> ready = new EnumMap<>(Lane.class);
            Optional<Instant> oldest = Optional.empty();
            for (SetDepth set : lines.line(name).sets()) {
                waiting.merge(set.set().lane(), set.waiting(), Integer::sum);
                ready.merge(set.set().lane(), set.ready(), Integer::sum);
                if (oldest.isEmpty() || set.oldestCreatedAt().isBefore(oldest.get())) {
                    oldest = Optional.of(set.oldestCreatedAt());
                }
            }
            all.add(new LineDepth(name, waiting, ready, oldest));
        }
        return all;
    }

    /** Opens, pauses or drains a queue. */
    public CompletionStage<QueueSwitch> switchQueue(QueueName queue, QueueSwitch.Mode mode, String by) {
        if (!queues.get().contains(queue)) {
            throw new IllegalArgumentException(
                    "there is no queue '" + queue + "', only " + new TreeSet<>(queues.get()));
        }
        return store.execute(new JobCommand.SwitchQueue(queue, mode, by))
                .thenCompose(done -> kept("queue-switched", queue + " is " + mode + ", by " + by, done));
    }

    /** The limits of all models of the catalogue, and of all that were given one, in the order of the alphabet. */
    public List<LimitStatus> limits() {
        Map<ModelName, LimitStatus> all = new TreeMap<>();
        for (Workflow workflow : catalogue.get().all()) {
            all.put(
                    workflow.model(),
                    new LimitStatus(
                            workflow.model(), policy.configuredLimit(workflow.model(), workflow.queue()), false, 0));
        }
        policy.modelLimits().forEach((model, limit) -> all.put(model, new LimitStatus(model, limit, false, 0)));
        for (ModelLimit model : store.models()) {
            LimitStatus configured = all.get(model.model());
            int unset = configured == null ? JobPolicy.DEFAULT_MODEL_LIMIT : configured.maxConcurrent();
            all.put(
                    model.model(),
                    new LimitStatus(
                            model.model(),
                            model.set().orElse(unset),
                            model.set().isPresent(),
                            model.running()));
        }
        return List.copyOf(all.values());
    }

    /** Sets a model's limit, or with an empty one goes back to the configured limit. */
    public CompletionStage<ModelLimit> setLimit(ModelName model, OptionalInt limit, String by) {
        // checked here too, so that a wrong limit is refused before it is a command
        ModelLimit wanted = new ModelLimit(model, limit, 0);
        String told = wanted.set().isPresent() ? String.valueOf(wanted.set().getAsInt()) : "as configured";
        return store.execute(new JobCommand.SetLimit(model, limit, by))
                .thenCompose(done -> kept("limit-set", model + " is " + told + ", by " + by, done));
    }

    /** Ends, by hand, a job whose attempt nobody can say anything about. */
    public CompletionStage<ResolveResult> resolve(JobId job, boolean succeeded, String by, String reason) {
        int targets = store.find(job)
                .map(record -> record.job().spec().targets().size())
                .orElse(0);
        List<DeliveryId> owed =
                Stream.generate(() -> new DeliveryId(ids.next())).limit(targets).toList();
        return store.execute(new JobCommand.Resolve(job, succeeded, by, reason, owed));
    }

    /**
     * Lets a waiting job go before all others of its queue.
     *
     * @return whether that changed anything
     */
    public CompletionStage<Boolean> moveToFront(JobId job, String by) {
        return store.execute(new JobCommand.Promote(job))
                .thenCompose(done -> done ? kept("moved-to-front", job + " by " + by, true) : same(done));
    }

    /**
     * Lists no job any more that has ended by now; the jobs, their costs and the ledger stay, and files go when their
     * time comes. Reads all jobs that live.
     */
    public CompletionStage<Doors.Cleared> clearFinished(String by) {
        // what comes after this has a higher number
        long next = store.list(JobFilter.ALL, Optional.empty(), 1).stream()
                        .mapToLong(record -> record.job().seq())
                        .findFirst()
                        .orElse(-1)
                + 1;
        AtomicLong oldest = new AtomicLong(next);
        store.forEachLive(job -> oldest.accumulateAndGet(job.seq(), Math::min));
        Doors.Cleared cleared = doors.clear(oldest.get(), by);
        return kept("jobs-cleared", "ended jobs are not listed, by " + by, cleared);
    }

    private static <T> CompletionStage<T> same(T value) {
        return CompletableFuture.completedFuture(value);
    }

    /** The backends of this node. */
    public List<BackendStatus> backends() {
        return backends.status();
    }

    /** The registry of this node's backends. */
    public Backends registry() {
        return backends;
    }

    /**
     * Deliveries with the tries at them, newest first.
     *
     * @param before the last one seen, to go on from there
     */
    public List<LoggedDelivery> deliveries(DeliveryFilter filter, Optional<DeliveryId> before, int limit) {
        return store.deliveries(filter, before, limit);
    }

    /** One delivery with the tries at it. */
    public Optional<LoggedDelivery> delivery(DeliveryId id) {
        return store.delivery(id);
    }

    /** Makes a delivery due again, if it doesn't wait for others; empty if there is none of that id. */
    public CompletionStage<Optional<Delivery>> redeliver(DeliveryId id) {
        return store.execute(new JobCommand.Redeliver(id));
    }

    /** Kept events, newest first. */
    public List<StoredEvent> events(Optional<UserId> user, int limit) {
        return store.events(user, limit);
    }

    /** Checks the guarantees on everything that is stored. */
    public AuditReport audit() {
        return store.audit();
    }

    private <T> CompletionStage<T> kept(String kind, String detail, T done) {
        return store.keep(List.of(new StoredEvent(clock.instant(), kind, Optional.empty(), Optional.empty(), detail)))
                .thenApply(kept -> done);
    }
}
