package io.tollgate.queue;

import io.tollgate.queue.event.JobEvent;
import io.tollgate.queue.event.Progress;
import io.tollgate.queue.job.Attempt;
import io.tollgate.queue.job.Failure;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.Output;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.RunId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Follows one job. Callbacks come one at a time, on the threads of Tollgate; one that is set after its time is called
 * at once with what is known. One that throws is reported and disturbs nobody. It follows the job to its first end: of
 * one that an operator ended as failed and that succeeded late, listeners and deliveries tell, and a new handle. Safe
 * for use by many threads.
 */
public final class JobHandle {
    private final JobId id;
    private final QueueName queue;
    private final Turns turns;
    private final ReentrantLock lock = new ReentrantLock();
    private final List<IntConsumer> queued = new ArrayList<>(1);
    private final List<Consumer<RunId>> submitted = new ArrayList<>(1);
    private final List<Consumer<Progress>> progress = new ArrayList<>(1);
    private final List<Consumer<JobRecord>> ended = new ArrayList<>(2);
    private final CompletableFuture<JobRecord> result = new CompletableFuture<>();
    private int position;
    private @Nullable RunId runId;
    private @Nullable JobRecord end;

    /** @param report hears of what callbacks throw */
    JobHandle(JobId id, QueueName queue, Consumer<Throwable> report) {
        this.id = id;
        this.queue = queue;
        this.turns = new Turns(report);
    }

    QueueName queue() {
        return queue;
    }

    /** The job's public name. */
    public JobId id() {
        return id;
    }

    /** Called with the job's position in its queue, from 1: at first and, at most once a second, when it changed. */
    public JobHandle onQueued(IntConsumer callback) {
        int now;
        lock.lock();
        try {
            queued.add(callback);
            now = position;
        } finally {
            lock.unlock();
        }
        if (now > 0) {
            turns.take(() -> callback.accept(now));
        }
        return this;
    }

    /** Called when a backend has the job, with the run's name there; again for each further attempt. */
    public JobHandle onSubmitted(Consumer<RunId> callback) {
        RunId now;
        lock.lock();
        try {
            submitted.add(callback);
            now = runId;
        } finally {
            lock.unlock();
        }
        if (now != null) {
            turns.take(() -> callback.accept(now));
        }
        return this;
    }

    /** Called as the run goes on, if its backend tells. */
    public JobHandle onProgress(Consumer<Progress> callback) {
        lock.lock();
        try {
            progress.add(callback);
        } finally {
            lock.unlock();
        }
        return this;
    }

    /** Called once if the job succeeds, with the last run's name and what it made. */
    public JobHandle onCompleted(BiConsumer<RunId, List<Output>> callback) {
        return onEnd(record -> {
            if (record.job().kind() == JobState.Kind.SUCCEEDED) {
                List<Attempt> attempts = record.attempts();
                callback.accept(attempts.get(attempts.size() - 1).runId(), record.outputs());
            }
        });
    }

    /** Called once if the job ends without success: failed, canceled or expired. Its credits are back by then. */
    public JobHandle onError(Consumer<Failure> callback) {
        return onEnd(record -> failure(record).ifPresent(callback));
    }

    private JobHandle onEnd(Consumer<JobRecord> callback) {
        JobRecord now;
        lock.lock();
        try {
            now = end;
            if (now == null) {
                ended.add(callback);
            }
        } finally {
            lock.unlock();
        }
        if (now != null) {
            turns.take(() -> callback.accept(now));
        }
        return this;
    }

    /** The job's end, whatever it is. Completes exceptionally only if this process closes before it could be read. */
    public CompletableFuture<JobRecord> result() {
        return result.copy();
    }

    /** Why a job that ended did not succeed; empty if it did. */
    public static Optional<Failure> failure(JobRecord record) {
        JobState state = record.job().state();
        return switch (state.kind()) {
            case QUEUED, RUNNING, CANCELING, SUCCEEDED -> Optional.empty();
            case FAILED -> Optional.of(((JobState.Failed) state).failure());
            case CANCELED -> Optional.of(new Failure(Failure.Kind.CANCELED, "it was canceled"));
            case EXPIRED -> Optional.of(new Failure(Failure.Kind.EXPIRED, "it waited too long"));
        };
    }

    /** Whether anybody wants to know positions. */
    boolean wantsPosition() {
        lock.lock();
        try {
            return !queued.isEmpty() && !result.isDone();
        } finally {
            lock.unlock();
        }
    }

    void position(int now) {
        List<IntConsumer> callbacks;
        lock.lock();
        try {
            if (position == now) {
                return;
            }
            position = now;
            callbacks = List.copyOf(queued);
        } finally {
            lock.unlock();
        }
        callbacks.forEach(callback -> turns.take(() -> callback.accept(now)));
    }

    void on(JobEvent event) {
        if (event instanceof JobEvent.PhaseChanged changed) {
            switch (changed.attempt().phase()) {
                case SUBMITTED, STARTED, COLLECTING ->
                    submitted(changed.attempt().runId());
                case CLAIMED, UNKNOWN, ENDED -> {} // nobody has it, or nobody knows
            }
        } else if (event instanceof JobEvent.Progressed progressed) {
            List<Consumer<Progress>> callbacks;
            lock.lock();
            try {
                callbacks = List.copyOf(progress);
            } finally {
                lock.unlock();
            }
            callbacks.forEach(callback -> turns.take(() -> callback.accept(progressed.progress())));
        }
    }

    private void submitted(RunId as) {
        List<Consumer<RunId>> callbacks;
        lock.lock();
        try {
            if (as.equals(runId)) {
                return;
            }
            runId = as;
            callbacks = List.copyOf(submitted);
        } finally {
            lock.unlock();
        }
        callbacks.forEach(callback -> turns.take(() -> callback.accept(as)));
    }

    /** Takes in what is stored, at first and at the end. */
    void update(JobRecord record) {
        for (Attempt attempt : record.attempts()) {
            if (attempt.phase() != Attempt.Phase.CLAIMED
                    && attempt.phase() != Attempt.Phase.UNKNOWN
                    && attempt.failure().isEmpty()) {
                submitted(attempt.runId());
            }
        }
        if (record.job().kind().isTerminal()) {
            end(record);
        }
    }

    private void end(JobRecord record) {
        List<Consumer<JobRecord>> callbacks;
        lock.lock();
        try {
            if (end != null) {
                return;
            }
            end = record;
            callbacks = List.copyOf(ended);
        } finally {
            lock.unlock();
        }
        callbacks.forEach(callback -> turns.take(() -> callback.accept(record)));
        turns.take(() -> result.complete(record));
    }

    /** Whether its end is known. */
    boolean isOver() {
        lock.lock();
        try {
            return end != null;
        } finally {
            lock.unlock();
        }
    }

    void lost(Throwable problem) {
        result.completeExceptionally(problem);
    }
}
