package io.tollgate.queue.dispatch;

import io.tollgate.queue.backend.Backends;
import io.tollgate.queue.backend.GenerationBackend;
import io.tollgate.queue.delivery.OutputShelf;
import io.tollgate.queue.event.Events;
import io.tollgate.queue.event.JobEvent;
import io.tollgate.queue.event.Timers;
import io.tollgate.queue.job.Attempt;
import io.tollgate.queue.job.IdSource;
import io.tollgate.queue.job.JobChanges;
import io.tollgate.queue.job.JobChanges.Move;
import io.tollgate.queue.job.JobCommand;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.JobStore;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.NodeId;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.QueuedJob;
import io.tollgate.queue.job.Slot;
import io.tollgate.queue.media.MediaStore;
import io.tollgate.queue.workflow.Catalogue;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * Everything that happens between a committed job and its committed end: follows the commits, wakes the managers, keeps
 * the leases. {@link #start} returns once leftovers of an earlier process are taken up; {@link #stop} leaves running
 * attempts to the next start. Safe for use by many threads.
 */
public final class Dispatch {
    /** Longer than an answer that is on its way takes. */
    private static final Duration ADOPT_AFTER = Duration.ofSeconds(2);

    private final Tools tools;
    private final Drivers drivers;
    private final Lines lines;
    private final Map<QueueName, QueueManager> managers = new ConcurrentSkipListMap<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final List<Timers.Timer> loops = new ArrayList<>();
    private Timers.Timer takingOver = Timers.Timer.NONE;
    private final AtomicBoolean adopting = new AtomicBoolean();
    private boolean started;
    private boolean open;
    private boolean closed;

    /**
     * What dispatch works with.
     *
     * @param timers runs short, non-blocking work, soon or later
     * @param io runs what blocks: reading and writing files
     * @param fetch runs what blocks longer: fetching outputs from backends that are elsewhere
     */
    public record Tools(
            JobStore store,
            Backends backends,
            Supplier<Catalogue> catalogue,
            MediaStore media,
            OutputShelf shelf,
            NodeId node,
            DispatchSettings settings,
            Timers timers,
            Executor io,
            Executor fetch,
            InstantSource clock,
            IdSource ids,
            RandomGenerator random,
            Events events) {}

    /** Follows {@code tools.store()} from now on. */
    public Dispatch(Set<QueueName> queues, Lines lines, Tools tools) {
        this.tools = tools;
        this.lines = lines;
        this.drivers = new Drivers(tools, this::claimBehind);
        provide(queues);
        tools.events().listen(this::heard);
    }

    /** Makes sure that these queues have a manager, one that runs if the others do. */
    public void provide(Set<QueueName> queues) {
        lock.lock();
        try {
            for (QueueName queue : queues) {
                if (!managers.containsKey(queue)) {
                    QueueManager manager = new QueueManager(
                            queue,
                            lines.line(queue),
                            drivers::begin,
                            this::adoptSoon,
                            new Recalls(drivers, tools.backends(), this::wakeAll),
                            tools);
                    managers.put(queue, manager);
                    if (open) {
                        manager.start();
                    }
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** The managers, one for each queue. */
    public Collection<QueueManager> managers() {
        return List.copyOf(managers.values());
    }

    /** The queues that have a manager. */
    public Set<QueueName> queues() {
        return Set.copyOf(managers.keySet());
    }

    /** How many attempts this node drives. */
    public int driving() {
        return drivers.size();
    }

    /**
     * Begins to work: takes up what an earlier process left, then opens the queues.
     *
     * @throws IllegalStateException if it was started before
     */
    public CompletionStage<Void> start() {
        lock.lock();
        try {
            if (started) {
                throw new IllegalStateException("it was started before");
            }
            started = true;
        } finally {
            lock.unlock();
        }
        List<CompletableFuture<?>> provided = new ArrayList<>();
        for (GenerationBackend backend : tools.backends().all()) {
            provided.add(tools.store()
                    .execute(new JobCommand.ProvideSlots(backend.id(), backend.slots() + backend.prefetch()))
                    .thenAccept(slots -> slots.forEach(tools.backends()::update))
                    .toCompletableFuture());
        }
        return CompletableFuture.allOf(provided.toArray(CompletableFuture[]::new))
                .thenCompose(done -> drivers.takeOver(true))
                .thenAccept(taken -> open());
    }

    private void open() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            open = true;
            managers.values().forEach(QueueManager::start);
            Duration beat = tools.settings().leaseTtl().dividedBy(3);
            loops.add(loop("renewing leases", beat, drivers::renew));
            takingOver = loop("taking over", tools.settings().sweep(), () -> drivers.takeOver(false));
        } finally {
            lock.unlock();
        }
        tools.timers().execute(tools.backends()::probeAll);
    }

    /** A claim may have been stored though it failed: what runs in this node's name is driven by somebody. */
    private void adoptSoon() {
        if (!adopting.compareAndSet(false, true)) {
            return;
        }
        Timers.Timer unused = tools.timers()
                .after(
                        ADOPT_AFTER,
                        "looking for claims in doubt",
                        () -> tools.io().execute(this::adopt));
    }

    private void adopt() {
        adopting.set(false); // a claim that fails from now on may be missed by this look
        try {
            for (Attempt attempt : tools.store().running()) {
                if (attempt.lease().node().equals(tools.node()) && !drivers.drives(attempt)) {
                    tools.store()
                            .find(attempt.job())
                            .ifPresent(found -> drivers.resume(new JobCommand.Claimed(found.job(), attempt)));
                }
            }
        } catch (RuntimeException problem) {
            tools.events().tell(new JobEvent.Fault(Optional.empty(), "looking for claims in doubt", problem));
            adoptSoon();
        }
    }

    private Timers.Timer loop(String what, Duration every, Supplier<CompletionStage<?>> body) {
        return tools.timers()
                .every(
                        every,
                        what,
                        () -> body.get().exceptionally(problem -> {
                            tools.events().tell(new JobEvent.Fault(Optional.empty(), what, problem));
                            return null;
                        }));
    }

    /**
     * Claims nothing any more, gives running attempts a grace, then leaves what is left to the next start.
     *
     * @return completes when nothing is driven any more, after the grace at the latest
     */
    public CompletionStage<Void> stop() {
        lock.lock();
        try {
            closed = true;
            open = false;
            takingOver.cancel();
        } finally {
            lock.unlock();
        }
        managers.values().forEach(QueueManager::stop);
        CompletableFuture<Void> idle = drivers.whenIdle();
        Timers.Timer grace = tools.timers().after(tools.settings().stopGrace(), "stopping", () -> idle.complete(null));
        return idle.thenRun(() -> {
            grace.cancel();
            lock.lock();
            try {
                loops.forEach(Timers.Timer::cancel);
            } finally {
                lock.unlock();
            }
            drivers.leaveAll();
        });
    }

    /** Follows one commit; called on the store's thread. */
    public void committed(JobChanges changes) {
        Set<QueueName> touched = new HashSet<>();
        Map<JobId, ModelName> begun = new HashMap<>();
        for (Slot slot : changes.slots()) {
            tools.backends().update(slot);
        }
        for (Move move : changes.moves()) {
            QueuedJob job = move.after();
            lines.follow(move, tools.clock().instant());
            if (job.kind() == JobState.Kind.CANCELING) {
                drivers.cancel(job.id());
            }
            if (job.kind() == JobState.Kind.RUNNING) {
                begun.put(job.id(), job.spec().model());
            }
            touched.add(job.spec().queue());
        }
        for (Attempt attempt : changes.attempts()) {
            ModelName model = begun.get(attempt.job());
            if (model != null) {
                tools.backends().claimed(attempt.backend(), model);
            } else if (attempt.phase() == Attempt.Phase.ENDED) {
                drivers.ended(attempt, attempt.failure().isPresent() && mayStillSucceed(attempt, changes));
            }
        }
        if (changes.slots().isEmpty()
                && changes.queues().isEmpty()
                && changes.models().isEmpty()) {
            touched.forEach(this::wake);
        } else {
            wakeAll(); // a free slot, a higher limit or an opened queue may matter to any of them
        }
    }

    private static boolean mayStillSucceed(Attempt attempt, JobChanges changes) {
        return changes.moves().stream()
                .map(Move::after)
                .anyMatch(job -> job.id().equals(attempt.job())
                        && job.state() instanceof JobState.Failed failed
                        && failed.mayStillSucceed());
    }

    /** Says that something may have changed that no commit tells, such as a backend that is well again. */
    public void wakeAll() {
        managers.values().forEach(QueueManager::wake);
    }

    /** The writer is quick: a claim that changed threads first would come too late for the commit of the end. */
    private void claimBehind() {
        managers.values().forEach(QueueManager::wakeHere);
    }

    private void wake(QueueName queue) {
        QueueManager manager = managers.get(queue);
        if (manager != null) {
            manager.wake();
        }
    }

    private void heard(JobEvent event) {
        if (event instanceof JobEvent.BackendChanged) {
            wakeAll();
        }
    }
}
