package io.tollgate.queue.event;

import io.tollgate.queue.job.Attempt;
import io.tollgate.queue.job.Delivery;
import io.tollgate.queue.job.JobChanges;
import io.tollgate.queue.job.JobChanges.Move;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.ModelLimit;
import io.tollgate.queue.job.Output;
import io.tollgate.queue.job.QueueSwitch;
import io.tollgate.queue.job.QueuedJob;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Tells events to all listeners, one event after the other in the order in which they were told, on somebody else's
 * thread: a slow listener holds up other listeners, but no commit and no run. Safe for use by many threads.
 */
public final class Events {
    /** How many events may wait before progress is dropped. Nothing else is. */
    static final int PROGRESS_DROPPED_ABOVE = 1_000;

    private final List<JobListener> listeners = new CopyOnWriteArrayList<>();
    private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger count = new AtomicInteger();
    private final Map<JobId, Attempt> lastTold = new ConcurrentHashMap<>();
    private final Executor executor;

    /** @param executor on which listeners are told */
    public Events(Executor executor) {
        this.executor = executor;
    }

    /**
     * Lets {@code listener} hear of every event from now on.
     *
     * @return stops that
     */
    public Runnable listen(JobListener listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    /** Has all listeners told, soon. Never throws. */
    public void tell(JobEvent event) {
        if (maybeDropped(event) && count.get() > PROGRESS_DROPPED_ABOVE) {
            return;
        }
        enqueue(() -> tellAll(event));
    }

    /** Whether another of its kind follows soon, so that nothing is lost by leaving it out. */
    private static boolean maybeDropped(JobEvent event) {
        return event instanceof JobEvent.Progressed || event instanceof JobEvent.Previewed;
    }

    /** Completes when all events that were told before have reached all listeners. */
    public CompletionStage<Void> told() {
        CompletableFuture<Void> told = new CompletableFuture<>();
        enqueue(() -> told.complete(null));
        return told;
    }

    private void enqueue(Runnable telling) {
        waiting.add(telling);
        if (count.getAndIncrement() == 0) {
            try {
                executor.execute(this::tellWaiting);
            } catch (RejectedExecutionException closing) {
                tellWaiting(); // the last words of a node that goes down are told on the thread that says them
            }
        }
    }

    private void tellWaiting() {
        do {
            Objects.requireNonNull(waiting.poll()).run();
        } while (count.decrementAndGet() > 0);
    }

    private void tellAll(JobEvent event) {
        for (JobListener listener : listeners) {
            tell(listener, event);
        }
    }

    private void tell(JobListener listener, JobEvent event) {
        try {
            listener.on(event);
        } catch (Throwable problem) { // whatever it throws, the others are told and the next event comes
            if (!(event instanceof JobEvent.Fault)) { // a listener that fails on faults would go round for ever
                JobEvent.Fault fault = new JobEvent.Fault(jobOf(event), "telling a listener", problem);
                for (JobListener other : listeners) {
                    if (other != listener) {
                        tell(other, fault);
                    }
                }
            }
        }
    }

    /** Has all listeners told what a commit changed, soon. */
    public void tell(JobChanges changes) {
        for (Move move : changes.moves()) {
            if (!move.after().kind().isActive()) {
                lastTold.remove(move.after().id());
            }
            tell(of(move, changes));
        }
        if (changes.moves().isEmpty()) {
            for (Attempt attempt : changes.attempts()) {
                switch (attempt.phase()) {
                    case SUBMITTED, STARTED, UNKNOWN, COLLECTING -> {
                        if (isNews(attempt)) { // a lease that was renewed or taken over is none
                            tell(new JobEvent.PhaseChanged(attempt));
                        }
                    }
                    case CLAIMED, ENDED -> {} // told as a move of their job
                }
            }
        }
        if (changes.moves().isEmpty() && changes.attempts().isEmpty()) { // else only their counters moved
            for (QueueSwitch queue : changes.queues()) {
                tell(new JobEvent.QueueSwitched(queue));
            }
            for (ModelLimit model : changes.models()) {
                tell(new JobEvent.LimitSet(model));
            }
        }
        for (Delivery delivery : changes.deliveries()) {
            tell(new JobEvent.DeliveryChanged(delivery));
        }
    }

    private boolean isNews(Attempt attempt) {
        Attempt before = lastTold.put(attempt.job(), attempt);
        return before == null
                || before.number() != attempt.number()
                || before.phase() != attempt.phase()
                || !before.runId().equals(attempt.runId());
    }

    private static JobEvent of(Move move, JobChanges changes) {
        QueuedJob job = move.after();
        return switch (job.kind()) {
            case QUEUED -> {
                JobState.Queued queued = (JobState.Queued) job.state();
                if (move.before().isEmpty()) {
                    yield new JobEvent.Queued(job);
                }
                yield move.before().get().kind() == JobState.Kind.QUEUED
                        ? new JobEvent.Promoted(job)
                        : new JobEvent.Retrying(job, Optional.ofNullable(attempt(job, changes)), queued.readyAt());
            }
            case RUNNING -> new JobEvent.Claimed(job, Objects.requireNonNull(attempt(job, changes)));
            case CANCELING -> new JobEvent.Canceling(job);
            case SUCCEEDED, FAILED, CANCELED, EXPIRED ->
                new JobEvent.Ended(job, Optional.ofNullable(attempt(job, changes)), outputs(job, changes));
        };
    }

    private static @Nullable Attempt attempt(QueuedJob job, JobChanges changes) {
        for (Attempt attempt : changes.attempts()) {
            if (attempt.job().equals(job.id())) {
                return attempt;
            }
        }
        return null;
    }

    private static List<Output> outputs(QueuedJob job, JobChanges changes) {
        List<Output> outputs = new ArrayList<>(1);
        for (Output output : changes.outputs()) {
            if (output.job().equals(job.id())) {
                outputs.add(output);
            }
        }
        return outputs;
    }

    /** The job that an event is about, if it is about one. */
    public static Optional<JobId> jobOf(JobEvent event) {
        if (event instanceof JobEvent.Queued e) {
            return Optional.of(e.job().id());
        } else if (event instanceof JobEvent.Promoted e) {
            return Optional.of(e.job().id());
        } else if (event instanceof JobEvent.Claimed e) {
            return Optional.of(e.job().id());
        } else if (event instanceof JobEvent.PhaseChanged e) {
            return Optional.of(e.attempt().job());
        } else if (event instanceof JobEvent.Progressed e) {
            return Optional.of(e.job());
        } else if (event instanceof JobEvent.Previewed e) {
            return Optional.of(e.job());
        } else if (event instanceof JobEvent.Retrying e) {
            return Optional.of(e.job().id());
        } else if (event instanceof JobEvent.Canceling e) {
            return Optional.of(e.job().id());
        } else if (event instanceof JobEvent.Ended e) {
            return Optional.of(e.job().id());
        } else if (event instanceof JobEvent.Left e) {
            return Optional.of(e.job());
        } else if (event instanceof JobEvent.DeliveryChanged e) {
            return Optional.of(e.delivery().job());
        } else if (event instanceof JobEvent.Fault e) {
            return e.job();
        }
        return Optional.empty();
    }
}
