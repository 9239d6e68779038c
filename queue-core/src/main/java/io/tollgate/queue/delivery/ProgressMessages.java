package io.tollgate.queue.delivery;

import io.tollgate.queue.event.Events;
import io.tollgate.queue.event.JobEvent;
import io.tollgate.queue.event.Progress;
import io.tollgate.queue.event.Timers;
import io.tollgate.queue.job.Delivery;
import io.tollgate.queue.job.DeliveryEvent;
import io.tollgate.queue.job.DeliveryFilter;
import io.tollgate.queue.job.DeliveryId;
import io.tollgate.queue.job.DeliveryTarget;
import io.tollgate.queue.job.JobChanges;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.JobStore;
import io.tollgate.queue.job.QueuedJob;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/**
 * Tells those who asked how far a running job is, as well as it goes: at most every {@link #EVERY} of one job to one
 * target, nothing while the target is busy, in trouble or still owed something of that job, and nothing is kept or
 * tried again. None is begun once the job is no longer running. Safe for use by many threads; nothing here blocks but
 * reads of the store on the executor.
 */
public final class ProgressMessages {
    /*
     * A job is watched from the commit that starts it to the one that ends it. A message is begun only while it is
     * watched, and what is owed to the same target waits until the beginning is over (not the message). The end of a job
     * comes to be owed in the commit after which it isn't watched, so that its message begins after all of these.
     */

    /** How much lies at least between two messages of one job to one target. */
    public static final Duration EVERY = Duration.ofSeconds(5);

    private final Map<String, DeliveryChannel> channels;
    private final Predicate<DeliveryTarget> busy;
    private final JobStore store;
    private final DeliveryPolicy policy;
    private final Timers timers;
    private final Executor io;
    private final InstantSource clock;
    private final Events events;

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<JobId, Watched> watched = new HashMap<>();
    private final Map<DeliveryTarget, CompletableFuture<Void>> underWay = new HashMap<>();

    /** A running job, and when who was told of it last. */
    private static final class Watched {
        final QueuedJob job;
        final Map<Integer, Instant> told = new HashMap<>(2);

        Watched(QueuedJob job) {
            this.job = job;
        }
    }

    /** @param busy whether a target has something else to do */
    ProgressMessages(
            Map<String, DeliveryChannel> channels,
            Predicate<DeliveryTarget> busy,
            JobStore store,
            DeliveryPolicy policy,
            Timers timers,
            Executor io,
            InstantSource clock,
            Events events) {
        this.channels = channels;
        this.busy = busy;
        this.store = store;
        this.policy = policy;
        this.timers = timers;
        this.io = io;
        this.clock = clock;
        this.events = events;
    }

    private static boolean isAskedFor(QueuedJob job) {
        for (DeliveryTarget target : job.spec().targets()) {
            if (target.events().contains(DeliveryEvent.PROGRESS)) {
                return true;
            }
        }
        return false;
    }

    /** Says that a job runs. */
    public void running(QueuedJob job) {
        if (job.kind() != JobState.Kind.RUNNING || !isAskedFor(job)) {
            return;
        }
        lock.lock();
        try {
            watched.putIfAbsent(job.id(), new Watched(job));
        } finally {
            lock.unlock();
        }
    }

    /** Follows commits, in their order. */
    public void committed(JobChanges changes) {
        for (JobChanges.Move move : changes.moves()) {
            QueuedJob job = move.after();
            if (job.kind() == JobState.Kind.RUNNING) {
                running(job);
            } else if (isAskedFor(job)) {
                lock.lock();
                try {
                    watched.remove(job.id());
                } finally {
                    lock.unlock();
                }
            }
        }
    }

    /** Hears how far jobs are. */
    public void follow(JobEvent event) {
        if (event instanceof JobEvent.Progressed progressed) {
            for (Delivery message : due(progressed)) {
                tell(message, progressed.progress());
            }
        }
    }

    private List<Delivery> due(JobEvent.Progressed progressed) {
        Instant now = clock.instant();
        List<Delivery> due = new ArrayList<>(0);
        lock.lock();
        try {
            Watched job = watched.get(progressed.job());
            if (job == null) {
                return due;
            }
            List<DeliveryTarget> targets = job.job.spec().targets();
            for (int i = 0; i < targets.size(); i++) {
                Instant last = job.told.get(i);
                if (targets.get(i).events().contains(DeliveryEvent.PROGRESS)
                        && (last == null || !last.plus(EVERY).isAfter(now))) {
                    job.told.put(i, now);
                    due.add(message(job.job, targets.get(i), i, now));
                }
            }
        } finally {
            lock.unlock();
        }
        return due;
    }

    private static Delivery message(QueuedJob job, DeliveryTarget target, int index, Instant now) {
        return new Delivery(
                DeliveryId.of(job.id(), DeliveryEvent.PROGRESS, now.toEpochMilli(), index),
                job.id(),
                new DeliveryTarget(target.channel(), target.address()),
                DeliveryEvent.PROGRESS,
                Delivery.State.PENDING,
                1,
                now,
                Optional.empty(),
                now);
    }

    private void tell(Delivery message, Progress progress) {
        DeliveryChannel channel = channels.get(message.target().channel());
        if (channel == null || busy.test(message.target())) {
            return;
        }
        CompletableFuture<Void> beginning = new CompletableFuture<>();
        lock.lock();
        try {
            if (underWay.size() >= policy.inAll() || underWay.putIfAbsent(message.target(), beginning) != null) {
                return;
            }
        } finally {
            lock.unlock();
        }
        CompletableFuture<Optional<JobRecord>> read;
        try {
            read = CompletableFuture.supplyAsync(() -> record(message), io);
        } catch (RejectedExecutionException closing) {
            read = CompletableFuture.completedFuture(Optional.empty());
        }
        CompletionStage<?> unused = read.thenCompose(record -> begin(channel, message, record, progress, beginning))
                .whenComplete((outcome, problem) -> {
                    beginning.complete(null);
                    over(message.target());
                    if (problem != null && !(problem.getCause() instanceof TimeoutException)) {
                        events.tell(new JobEvent.Fault(Optional.of(message.job()), "telling progress", problem));
                    }
                });
    }

    private CompletionStage<?> begin(
            DeliveryChannel channel,
            Delivery message,
            Optional<JobRecord> record,
            Progress progress,
            CompletableFuture<Void> beginning) {
        CompletableFuture<DeliveryChannel.Outcome> answer;
        try {
            if (record.isEmpty() || !isWatched(message.job())) {
                return CompletableFuture.completedStage(null);
            }
            answer = channel.tell(message, record.get(), progress)
                    .toCompletableFuture()
                    .copy();
        } finally {
            beginning.complete(null);
        }
        Timers.Timer timeLimit = timers.after(
                policy.timeout(),
                "waiting for an answer to progress",
                () -> answer.completeExceptionally(new TimeoutException()));
        return answer.whenComplete((done, problem) -> timeLimit.cancel());
    }

    private boolean isWatched(JobId job) {
        lock.lock();
        try {
            return watched.containsKey(job);
        } finally {
            lock.unlock();
        }
    }

    private void over(DeliveryTarget target) {
        lock.lock();
        try {
            underWay.remove(target);
        } finally {
            lock.unlock();
        }
    }

    /** Completes when no message to the target is just being begun; exceptionally never. */
    CompletionStage<Void> beginning(DeliveryTarget target) {
        lock.lock();
        try {
            CompletableFuture<Void> now = underWay.get(target);
            return now == null ? CompletableFuture.completedStage(null) : now;
        } finally {
            lock.unlock();
        }
    }

    /** The job, if nothing else is owed of it to the target. */
    private Optional<JobRecord> record(Delivery message) {
        boolean owed = store.deliveries(DeliveryFilter.of(message.job()), Optional.empty(), 1_000).stream()
                .map(found -> found.delivery())
                .anyMatch(delivery -> delivery.target().equals(message.target())
                        && delivery.state().isOwed());
        return owed ? Optional.empty() : store.find(message.job());
    }
}
