package io.tollgate.queue.pull;

import io.tollgate.queue.backend.BackendUnreachableException;
import io.tollgate.queue.backend.BackendWatcher;
import io.tollgate.queue.backend.Capabilities;
import io.tollgate.queue.backend.GenerationBackend;
import io.tollgate.queue.backend.Mailbox;
import io.tollgate.queue.backend.Produced;
import io.tollgate.queue.backend.RunListener;
import io.tollgate.queue.backend.RunLookup;
import io.tollgate.queue.backend.RunOutcome;
import io.tollgate.queue.backend.RunRequest;
import io.tollgate.queue.backend.Submission;
import io.tollgate.queue.event.Progress;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.Failure;
import io.tollgate.queue.job.JobCommand.Wanted;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.RunId;
import io.tollgate.queue.workflow.InvalidWorkflowException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/*
 * `runs` has every run that isn't forgotten; `line` those at the desk, in order; `asks` the claims that wait, in order;
 * `over` how the last forgotten ones ended. All of that is guarded by `lock`, under which nobody is called: what is to be
 * told is done after it was left.
 *
 * A run goes from the line to a claim in two steps. It is set aside under the lock; then the worker is asked whether it
 * is still there, without the lock; only then is it the worker's. A claim that found a first run waits a moment for
 * others, as far as it asked for more.
 *
 * Nobody hands work over that nobody asked for: wanted() says what claims wait for. Claims that want different models are
 * served one run at a time, since a run of the wrong model would find nobody.
 */
/**
 * A desk at which runs wait until a worker comes and claims them: a backend for boxes that can reach this server, but
 * can't be reached by it. Each run is handed to one worker, once. A worker that isn't heard of for a lease has lost its
 * run: it ends {@link RunOutcome.Lost}, and the next attempt has another run id, so that the id is the fence. While no
 * worker asks, the backend counts as unreachable and is handed nothing.
 *
 * <p>What is handed out is remembered by nobody but the worker and the job's attempt. For one lease after it was made,
 * a desk therefore takes any run that it is asked for to be with a worker of an earlier process, and gives that worker
 * so long to be heard of.
 *
 * <p>Safe for use by many threads. Reads no files. Listeners and stages are called on callers' threads and on the
 * timers'.
 */
public final class PullBackend implements GenerationBackend {
    /** The kind of backend, as recipes name it. */
    public static final String TYPE = "worker";

    /** The most claims of one key that wait. */
    public static final int MAX_ASKS_PER_KEY = 100;

    /** The most claims that wait. */
    static final int MAX_ASKS = 10_000;

    /** How long a run waits at the desk for somebody to claim it. */
    static final Duration UNCLAIMED_AT_MOST = Duration.ofSeconds(10);

    /** How long a claim is given at least: what waits has to be handed over first. */
    static final Duration SHORTEST_WAIT = Duration.ofSeconds(1);

    /** How long a claim that found a run waits for more, if it asked for more. */
    static final Duration GATHERING = Duration.ofMillis(100);

    /** How often it is looked whether a worker that waits is still there. */
    static final Duration LOOK_EVERY = Duration.ofSeconds(5);

    /** How long a run that ended is kept for whoever drives it to store it. */
    static final Duration UNSTORED_AT_MOST = Duration.ofMinutes(15);

    /** The most runs that ended and are kept until they are stored. */
    static final int MAX_ENDED = 1000;

    private static final JobId NO_JOB = new JobId(new UUID(0, 0));
    private static final int MAX_LINE = 1000;
    private static final int MAX_OVER = 10_000;
    private static final int MAX_SEEN = 10_000;

    private final BackendId id;
    private final Capabilities capabilities;
    private final PullSettings settings;
    private final RunTokens tokens;
    private final GraphSource graphs;
    private final ScheduledExecutorService timers;
    private final InstantSource clock;
    private final PullWatcher watcher;
    private final Instant born;

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<RunId, PulledRun> runs = new HashMap<>();
    private final Deque<PulledRun> line = new ArrayDeque<>();
    private final Set<Ask> asks = new LinkedHashSet<>();
    private final Map<RunId, Heard.End> over = new LinkedHashMap<>();
    private final Map<RunId, PulledRun> ended = new LinkedHashMap<>();
    private final Map<String, Instant> seen = new LinkedHashMap<>(16, 0.75f, true);
    private BackendWatcher registry = new Nobody();
    private Optional<Instant> lastCall = Optional.empty();
    private boolean somebodyThere;
    private boolean watchingSilence;
    private boolean dismissed;
    private boolean closed;

    /** A claim that waits. Guarded by the lock, but for what never changes. */
    private static final class Ask {
        final Claim claim;
        final CompletableFuture<List<Assignment>> answer = new CompletableFuture<>();
        final List<PulledRun> found = new ArrayList<>();
        final List<Future<?>> alarms = new ArrayList<>();
        boolean done;

        Ask(Claim claim) {
            this.claim = claim;
        }

        int more() {
            return claim.most() - found.size();
        }

        boolean takes(PulledRun run) {
            return claim.models().isEmpty()
                    || run.request
                            .flatMap(RunRequest::about)
                            .filter(about -> claim.models().contains(about.model()))
                            .isPresent();
        }
    }

    /** Who hears what changes before the registry does. */
    private static final class Nobody implements BackendWatcher {
        @Override
        public void changed() {}

        @Override
        public void reachable() {}

        @Override
        public void unreachable(String reason) {}
    }

    /**
     * What it works with.
     *
     * @param timers runs short work later; not shut down here
     */
    public record Tools(
            RunTokens tokens,
            GraphSource graphs,
            ScheduledExecutorService timers,
            InstantSource clock,
            PullWatcher watcher) {}

    /**
     * Makes one that nobody asked anything yet.
     *
     * @param queues the queues it serves; empty for all
     * @param tags what its workers have, as workflows require it
     */
    public PullBackend(BackendId id, Set<QueueName> queues, Set<String> tags, PullSettings settings, Tools tools) {
        this.id = id;
        this.capabilities = new Capabilities(TYPE, queues, tags);
        this.settings = settings;
        this.tokens = tools.tokens();
        this.graphs = tools.graphs();
        this.timers = tools.timers();
        this.clock = tools.clock();
        this.watcher = tools.watcher();
        this.born = clock.instant();
    }

    // ---- as a backend

    @Override
    public BackendId id() {
        return id;
    }

    @Override
    public Capabilities capabilities() {
        return capabilities;
    }

    @Override
    public int slots() {
        return settings.slots();
    }

    /** What runs of this backend are proved with. */
    RunTokens tokens() {
        return tokens;
    }

    /** How long a worker may be silent. */
    public Duration lease() {
        return settings.lease();
    }

    @Override
    public Wanted wanted() {
        lock.lock();
        try {
            int has = runs.size(); // those that are being stored, too: their slots are taken until they are forgotten
            int more = 0;
            Set<Set<ModelName>> kinds = new HashSet<>();
            Set<ModelName> models = new HashSet<>();
            for (Ask ask : asks) {
                if (ask.more() > 0) {
                    more += ask.more();
                    kinds.add(ask.claim.models());
                    models.addAll(ask.claim.models());
                }
            }
            boolean any = kinds.contains(Set.<ModelName>of());
            return new Wanted(
                    has + (kinds.size() > 1 ? 1 : more), any || more == 0 ? Optional.empty() : Optional.of(models));
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void watch(BackendWatcher registry) {
        lock.lock();
        try {
            this.registry = registry;
        } finally {
            lock.unlock();
        }
    }

    /** It is well while some worker asks, or was heard of within a lease. */
    @Override
    public CompletionStage<Duration> probe() {
        String trouble;
        lock.lock();
        try {
            trouble = closed ? "it is closed" : somebodyThere ? "" : silence();
        } finally {
            lock.unlock();
        }
        return trouble.isEmpty()
                ? CompletableFuture.completedFuture(Duration.ZERO)
                : CompletableFuture.failedFuture(new BackendUnreachableException(
                        "backend " + id + ": " + trouble, new IllegalStateException(trouble)));
    }

    /** Under the lock. */
    private String silence() {
        return lastCall.isEmpty()
                ? "no worker has asked for work yet"
                : "no worker has asked for work for " + settings.lease().toSeconds() + " s";
    }

    @Override
    public CompletionStage<Submission> submit(RunRequest request, RunListener listener) {
        Optional<String> graph;
        try {
            graph = graphs.graph(request);
        } catch (InvalidWorkflowException | IllegalArgumentException e) {
            return CompletableFuture.completedFuture(new Submission.Rejected(
                    new Failure(Failure.Kind.BAD_WORKFLOW, "workflow " + request.workflow() + ": " + e.getMessage())));
        }
        PulledRun run;
        lock.lock();
        try {
            if (closed) {
                return CompletableFuture.completedFuture(new Submission.Unreachable("backend " + id + " is closed"));
            }
            PulledRun known = runs.get(request.runId());
            if (known == null && line.size() >= MAX_LINE) {
                return CompletableFuture.completedFuture(
                        new Submission.Unreachable("backend " + id + " has " + MAX_LINE + " runs waiting already"));
            }
            run = known == null ? new PulledRun(request.runId(), Optional.of(request), graph) : known;
            if (known == null) {
                runs.put(run.id, run);
                atDesk(run, false);
            }
        } finally {
            lock.unlock();
        }
        run.mailbox.attach(listener);
        handOut();
        return CompletableFuture.completedFuture(new Submission.Accepted(run.id));
    }

    @Override
    public CompletionStage<RunLookup> find(RunId runId) {
        lock.lock();
        try {
            return CompletableFuture.completedFuture(
                    closed
                            ? RunLookup.UNREACHABLE
                            : runs.containsKey(runId) || mayBeWithWorker(runId)
                                    ? RunLookup.KNOWN
                                    : RunLookup.NOT_KNOWN);
        } finally {
            lock.unlock();
        }
    }

    /** Whether an earlier process may have handed it out to a worker that still has time. Under the lock. */
    private boolean mayBeWithWorker(RunId runId) {
        return !over.containsKey(runId) && clock.instant().isBefore(born.plus(settings.lease()));
    }

    @Override
    public void attach(RunId runId, RunListener listener) {
        PulledRun run;
        lock.lock();
        try {
            if (closed) {
                return;
            }
            run = known(runId);
        } finally {
            lock.unlock();
        }
        if (run == null) {
            new Mailbox(listener).ended(new RunOutcome.Lost());
        } else {
            run.mailbox.attach(listener);
        }
    }

    /** A run, and be it one that an earlier process handed out. Under the lock. */
    private @Nullable PulledRun known(RunId runId) {
        PulledRun run = runs.get(runId);
        if (run == null && !closed && mayBeWithWorker(runId)) {
            run = new PulledRun(runId, Optional.empty(), Optional.empty());
            runs.put(runId, run);
            run.stage = PulledRun.Stage.CLAIMED;
            run.leaseUntil = born.plus(settings.lease());
            watchLease(run);
        }
        return run;
    }

    /**
     * {@inheritDoc} One that is with a worker goes on until the worker, which is told at its next heartbeat, says that
     * it stopped, or until its lease runs out.
     */
    @Override
    public CompletionStage<Void> cancel(RunId runId) {
        List<Runnable> after = new ArrayList<>();
        lock.lock();
        try {
            PulledRun run = runs.get(runId);
            if (run != null && run.stage == PulledRun.Stage.CLAIMED) {
                run.cancelAsked = true;
            } else if (run != null && run.stage != PulledRun.Stage.ENDED) {
                end(run, Heard.End.CANCELED, new RunOutcome.Canceled(), after);
            }
        } finally {
            lock.unlock();
        }
        after.forEach(Runnable::run);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<Boolean> recall(RunId runId) {
        PulledRun back;
        lock.lock();
        try {
            PulledRun run = runs.get(runId);
            boolean waits = run != null && run.stage == PulledRun.Stage.WAITING;
            if (run == null || !waits) {
                return CompletableFuture.completedFuture(false);
            }
            back = run;
            back.calm();
            line.remove(back);
            runs.remove(runId);
        } finally {
            lock.unlock();
        }
        back.mailbox.close();
        return CompletableFuture.completedFuture(true);
    }

    /** Says that what came of it is stored: who waits for that is told. A run that has not ended is taken back. */
    @Override
    public void forget(RunId runId) {
        List<Runnable> after = new ArrayList<>();
        lock.lock();
        try {
            PulledRun run = runs.remove(runId);
            if (run != null) {
                run.calm();
                line.remove(run);
                ended.remove(runId);
                Heard.End how = run.end;
                run.stage = PulledRun.Stage.ENDED;
                remember(runId, how == null ? Heard.End.LOST : how);
                after.add(run.release);
                after.add(() -> run.settled.complete(true));
            }
        } finally {
            lock.unlock();
        }
        after.forEach(Runnable::run);
    }

    /** Under the lock. */
    private void remember(RunId runId, Heard.End how) {
        over.put(runId, how);
        if (over.size() > MAX_OVER) {
            over.remove(over.keySet().iterator().next());
        }
    }

    /**
     * Answers all claims that wait with what they have found, as the server stops. No lease runs out from now on:
     * workers can't be heard, and the next process gives them time.
     */
    public void dismiss() {
        List<Ask> open;
        lock.lock();
        try {
            dismissed = true;
            open = List.copyOf(asks);
        } finally {
            lock.unlock();
        }
        open.forEach(this::answer);
    }

    /** Answers all claims with nothing. Runs that are with workers go on. */
    @Override
    public void close() {
        List<Ask> open;
        List<PulledRun> all;
        lock.lock();
        try {
            closed = true;
            open = List.copyOf(asks);
            asks.clear();
            open.forEach(ask -> {
                ask.done = true;
                ask.alarms.forEach(alarm -> alarm.cancel(false));
            });
            all = List.copyOf(runs.values());
            all.forEach(PulledRun::calm);
            runs.clear();
            line.clear();
            ended.clear();
        } finally {
            lock.unlock();
        }
        for (PulledRun run : all) {
            run.mailbox.close();
            run.release.run();
            run.settled.complete(false);
        }
        open.forEach(ask -> ask.answer.complete(List.of()));
    }

    // ---- what workers do

    /**
     * Asks for work. Completes as soon as there is some, or with an empty list when the wait is over: what is there
     * already is given a second in any case. Completes exceptionally with {@link TooManyClaimsException} if too many
     * wait.
     */
    public CompletionStage<List<Assignment>> claim(Claim claim) {
        Ask ask = new Ask(claim);
        BackendWatcher told;
        lock.lock();
        try {
            if (closed) {
                return CompletableFuture.completedFuture(List.of());
            }
            long own = asks.stream()
                    .filter(other -> other.claim.key().equals(claim.key()))
                    .count();
            if (own >= MAX_ASKS_PER_KEY || asks.size() >= MAX_ASKS) {
                return CompletableFuture.failedFuture(
                        new TooManyClaimsException(own >= MAX_ASKS_PER_KEY ? MAX_ASKS_PER_KEY : MAX_ASKS));
            }
            heardOf(claim.worker());
            asks.add(ask);
            Duration wait = claim.patience().compareTo(SHORTEST_WAIT) < 0 ? SHORTEST_WAIT : claim.patience();
            ask.alarms.add(after(wait, () -> answer(ask)));
            if (wait.compareTo(LOOK_EVERY) > 0) {
                lookLater(ask);
            }
            told = registry;
        } finally {
            lock.unlock();
        }
        handOut();
        told.reachable();
        told.changed();
        return ask.answer;
    }

    /** Under the lock. */
    private void lookLater(Ask ask) {
        ask.alarms.add(after(LOOK_EVERY, () -> {
            if (!ask.claim.present().getAsBoolean()) {
                answer(ask);
                return;
            }
            lock.lock();
            try {
                if (!ask.done) {
                    ask.alarms.removeIf(Future::isDone);
                    lookLater(ask);
                }
            } finally {
                lock.unlock();
            }
        }));
    }

    /** Hears that a worker works on its run, and how far it is. */
    public Heard heartbeat(RunId runId, Optional<Progress> progress) {
        return goesOn(runId, mailbox -> progress.ifPresent(mailbox::progress));
    }

    /** Hears that a worker works on its run, and what it does; it is as far as was told last. */
    public Heard heartbeat(RunId runId, String message) {
        return goesOn(runId, mailbox -> mailbox.message(message));
    }

    private Heard goesOn(RunId runId, Consumer<Mailbox> news) {
        Heard heard;
        PulledRun run;
        lock.lock();
        try {
            run = known(runId);
            heard = heard(run, runId);
            if (run != null && heard instanceof Heard.Going) {
                heardOf(run.worker);
                run.heardOf = true;
                if (!run.cancelTold) {
                    run.leaseUntil = clock.instant().plus(settings.lease());
                }
                run.cancelTold = run.cancelAsked;
                heard = new Heard.Going(run.leaseUntil, run.cancelAsked);
            }
        } finally {
            lock.unlock();
        }
        if (run != null && heard instanceof Heard.Going) {
            run.mailbox.started(); // which one that an earlier process handed out was not told here
            news.accept(run.mailbox);
        }
        return heard;
    }

    /**
     * Hears that a worker has done its run.
     *
     * @param outputs what it made; none counts as a failure
     * @param release run when the outputs are needed no more, and at once if they are not taken
     */
    public Heard complete(RunId runId, List<Produced> outputs, Runnable release) {
        return ended(runId, Heard.End.COMPLETED, new RunOutcome.Succeeded(outputs), release);
    }

    /** Hears that a worker could not do its run. */
    public Heard fail(RunId runId, Failure failure) {
        return ended(runId, Heard.End.FAILED, new RunOutcome.Failed(failure, List.of()), () -> {});
    }

    /** Hears that a worker stopped its run. */
    public Heard canceled(RunId runId) {
        return ended(runId, Heard.End.CANCELED, new RunOutcome.Canceled(), () -> {});
    }

    private Heard ended(RunId runId, Heard.End how, RunOutcome outcome, Runnable release) {
        List<Runnable> after = new ArrayList<>();
        Heard heard;
        lock.lock();
        try {
            PulledRun run = known(runId);
            heard = heard(run, runId);
            if (run != null && heard instanceof Heard.Going) {
                heardOf(run.worker);
                run.release = release;
                after.add(run.mailbox::started);
                end(run, how, outcome, after);
                heard = new Heard.Noted(how, run.settled);
            } else {
                after.add(release);
                if (heard instanceof Heard.Over already && already.end() == how) {
                    heard = run == null ? Heard.Noted.stored(how) : new Heard.Noted(how, run.settled); // told before
                }
            }
        } finally {
            lock.unlock();
        }
        after.forEach(Runnable::run);
        return heard;
    }

    /** How a run stands with whoever holds its token. Under the lock. */
    private Heard heard(@Nullable PulledRun run, RunId runId) {
        if (run == null) {
            Heard.End how = over.get(runId);
            return how == null ? new Heard.Unknown() : new Heard.Over(how);
        }
        Heard.End how = run.end;
        if (how != null) {
            return new Heard.Over(how);
        }
        return run.stage == PulledRun.Stage.CLAIMED
                ? new Heard.Going(run.leaseUntil, run.cancelAsked)
                : new Heard.Unknown();
    }

    /**
     * Takes runs back whose worker never got the answer, unless it was heard of since: they are tried again, by another
     * attempt.
     */
    public void takeBack(List<Assignment> assignments) {
        List<Runnable> after = new ArrayList<>();
        lock.lock();
        try {
            for (Assignment assignment : assignments) {
                PulledRun run = runs.get(assignment.request().runId());
                if (run != null && run.stage == PulledRun.Stage.CLAIMED && !run.heardOf) {
                    recalled(run, "the connection to its worker broke", PullWatcher.Loss.CONNECTION_BROKE, after);
                }
            }
        } finally {
            lock.unlock();
        }
        after.forEach(Runnable::run);
    }

    /** How many workers were heard of within a lease. */
    public int workers() {
        lock.lock();
        try {
            Instant since = clock.instant().minus(settings.lease());
            Set<String> there = new HashSet<>();
            seen.forEach((worker, at) -> {
                if (!at.isBefore(since)) {
                    there.add(worker);
                }
            });
            asks.forEach(ask -> there.add(ask.claim.worker()));
            return there.size();
        } finally {
            lock.unlock();
        }
    }

    /** How many claims wait. */
    public int waiting() {
        lock.lock();
        try {
            return asks.size();
        } finally {
            lock.unlock();
        }
    }

    /** Whether it has this run, or an earlier process may have handed it out. */
    boolean has(RunId runId) {
        lock.lock();
        try {
            return runs.containsKey(runId) || over.containsKey(runId);
        } finally {
            lock.unlock();
        }
    }

    // ---- inside

    /** Puts a run where workers come for it, and back into the line should nobody come. Under the lock. */
    private void atDesk(PulledRun run, boolean first) {
        run.stage = PulledRun.Stage.WAITING;
        if (first) {
            line.addFirst(run);
        } else {
            line.addLast(run);
        }
        run.calm();
        run.timer = after(UNCLAIMED_AT_MOST, () -> {
            List<Runnable> after = new ArrayList<>();
            lock.lock();
            try {
                if (run.stage == PulledRun.Stage.WAITING) {
                    recalled(run, "no worker came for it", PullWatcher.Loss.UNCLAIMED, after);
                }
            } finally {
                lock.unlock();
            }
            after.forEach(Runnable::run);
        });
    }

    /** Under the lock. */
    private void recalled(PulledRun run, String why, PullWatcher.Loss loss, List<Runnable> after) {
        Failure back = new Failure(Failure.Kind.RECALLED, why);
        end(run, Heard.End.LOST, new RunOutcome.Failed(back, List.of()), after);
        after.add(() -> watcher.lost(id, loss));
    }

    /** Under the lock. */
    private void end(PulledRun run, Heard.End how, RunOutcome outcome, List<Runnable> after) {
        boolean freed = run.isWithWorker();
        run.calm();
        line.remove(run);
        run.stage = PulledRun.Stage.ENDED;
        run.end = how;
        ended.put(run.id, run);
        after.add(() -> run.mailbox.ended(outcome));
        run.timer = after(UNSTORED_AT_MOST, () -> giveUp(run));
        if (ended.size() > MAX_ENDED) {
            abandon(ended.values().iterator().next(), after);
        }
        if (freed && !line.isEmpty()) {
            after.add(this::handOut);
        }
    }

    /** Lets go of a run that nobody has stored, if it is still there. */
    private void giveUp(PulledRun run) {
        List<Runnable> after = new ArrayList<>();
        lock.lock();
        try {
            if (ended.get(run.id) == run) {
                abandon(run, after);
            }
        } finally {
            lock.unlock();
        }
        after.forEach(Runnable::run);
    }

    /** Forgets a run that ended and that nobody has stored: whoever drove it is gone. Under the lock. */
    private void abandon(PulledRun run, List<Runnable> after) {
        run.calm();
        ended.remove(run.id);
        runs.remove(run.id);
        Heard.End how = run.end;
        remember(run.id, how == null ? Heard.End.LOST : how);
        after.add(run.release);
        after.add(() -> run.settled.complete(false));
    }

    /** Brings runs that wait and claims that wait together, as long as there are both. */
    private void handOut() {
        List<Ask> full = new ArrayList<>();
        lock.lock();
        try {
            int busy = 0;
            for (PulledRun run : runs.values()) {
                busy += run.isWithWorker() ? 1 : 0;
            }
            for (PulledRun run : List.copyOf(line)) {
                if (busy >= settings.slots()) {
                    break;
                }
                Optional<Ask> taker = taker(run);
                if (taker.isPresent()) {
                    Ask ask = taker.get();
                    line.remove(run);
                    run.calm();
                    run.stage = PulledRun.Stage.RESERVED;
                    ask.found.add(run);
                    busy++;
                    if (ask.more() == 0) {
                        full.add(ask);
                    } else if (ask.found.size() == 1) {
                        ask.alarms.add(after(GATHERING, () -> answer(ask)));
                    }
                }
            }
        } finally {
            lock.unlock();
        }
        full.forEach(this::answer);
    }

    /** Who takes it: whoever can run least besides, then whoever came first. Under the lock. */
    private Optional<Ask> taker(PulledRun run) {
        return asks.stream()
                .filter(ask -> ask.more() > 0 && ask.takes(run))
                .min(Comparator.comparingInt(ask -> ask.claim.models().isEmpty()
                        ? Integer.MAX_VALUE
                        : ask.claim.models().size()));
    }

    /** Answers a claim with what it found, if its worker is still there. */
    private void answer(Ask ask) {
        List<PulledRun> found;
        lock.lock();
        try {
            if (ask.done) {
                return;
            }
            ask.done = true;
            asks.remove(ask);
            ask.alarms.forEach(alarm -> alarm.cancel(false));
            found = List.copyOf(ask.found);
        } finally {
            lock.unlock();
        }
        boolean there = ask.claim.present().getAsBoolean();
        List<Assignment> assignments = new ArrayList<>();
        BackendWatcher told;
        lock.lock();
        try {
            if (there) {
                heardOf(ask.claim.worker());
            }
            for (PulledRun run : found) {
                if (run.stage != PulledRun.Stage.RESERVED) {
                    continue; // canceled meanwhile
                }
                if (there && !closed) {
                    run.stage = PulledRun.Stage.CLAIMED;
                    run.worker = ask.claim.worker();
                    run.leaseUntil = clock.instant().plus(settings.lease());
                    watchLease(run);
                    assignments.add(assignment(run));
                } else if (!closed) {
                    atDesk(run, true);
                }
            }
            told = registry;
        } finally {
            lock.unlock();
        }
        for (PulledRun run : there ? found : List.<PulledRun>of()) {
            run.mailbox.started();
        }
        watcher.answered(id, assignments.size());
        ask.answer.complete(List.copyOf(assignments));
        if (!there && !found.isEmpty()) {
            handOut();
        }
        if (!found.isEmpty()) {
            told.changed(); // others that wait may want other models
        }
    }

    private Assignment assignment(PulledRun run) {
        RunRequest request = run.request.orElseThrow();
        JobId job = request.about().map(RunRequest.About::job).orElse(NO_JOB);
        return new Assignment(id, request, run.graph, tokens.of(job, run.id), run.leaseUntil);
    }

    /** Under the lock. */
    private void watchLease(PulledRun run) {
        Duration left = Duration.between(clock.instant(), run.leaseUntil);
        run.timer = after(left, () -> {
            List<Runnable> after = new ArrayList<>();
            lock.lock();
            try {
                if (run.stage == PulledRun.Stage.CLAIMED && !dismissed) {
                    if (clock.instant().isBefore(run.leaseUntil)) {
                        watchLease(run);
                    } else {
                        boolean stopped = run.cancelAsked;
                        end(
                                run,
                                stopped ? Heard.End.CANCELED : Heard.End.LOST,
                                stopped ? new RunOutcome.Canceled() : new RunOutcome.Lost(),
                                after);
                        after.add(() -> watcher.lost(id, PullWatcher.Loss.LEASE_RAN_OUT));
                    }
                }
            } finally {
                lock.unlock();
            }
            after.forEach(Runnable::run);
        });
    }

    /** Notes that a worker is there. Under the lock. */
    private void heardOf(String worker) {
        Instant now = clock.instant();
        lastCall = Optional.of(now);
        seen.put(worker, now);
        if (seen.size() > MAX_SEEN) {
            seen.remove(seen.keySet().iterator().next());
        }
        somebodyThere = true;
        if (!watchingSilence) {
            watchingSilence = true;
            watchSilence(settings.lease());
        }
    }

    /** Under the lock. */
    private void watchSilence(Duration left) {
        Future<?> unused = after(left, () -> {
            String reason;
            BackendWatcher told;
            lock.lock();
            try {
                Duration silent = Duration.between(lastCall.orElse(born), clock.instant());
                if (closed) {
                    return;
                }
                if (!asks.isEmpty() || silent.compareTo(settings.lease()) < 0) {
                    watchSilence(asks.isEmpty() ? settings.lease().minus(silent) : settings.lease());
                    return;
                }
                watchingSilence = false;
                somebodyThere = false;
                reason = silence();
                told = registry;
            } finally {
                lock.unlock();
            }
            told.unreachable(reason);
        });
    }

    private Future<?> after(Duration wait, Runnable body) {
        try {
            return timers.schedule(body, Math.max(1, wait.toMillis()), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException closing) {
            return CompletableFuture.completedFuture(null); // there is nobody left to do it
        }
    }
}
