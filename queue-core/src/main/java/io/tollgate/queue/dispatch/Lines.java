package io.tollgate.queue.dispatch;

import io.tollgate.queue.job.JobChanges.Move;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.QueuedJob;
import io.tollgate.queue.job.WaitingJob;
import io.tollgate.queue.lane.WaitingLine;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The waiting jobs of all queues, kept by what is committed. Safe for use by many threads. */
public final class Lines {
    private final Map<QueueName, WaitingLine> lines = new ConcurrentHashMap<>();

    /** The line of a queue; an empty one for a queue that never had a job. */
    public WaitingLine line(QueueName queue) {
        return lines.computeIfAbsent(queue, WaitingLine::new);
    }

    public Collection<WaitingLine> all() {
        return lines.values();
    }

    /** Follows one committed change. */
    public void follow(Move move, Instant now) {
        QueuedJob job = move.after();
        if (job.kind() == JobState.Kind.QUEUED) {
            put(job, now);
        } else if (move.before().isPresent() && move.before().get().kind() == JobState.Kind.QUEUED) {
            line(job.spec().queue()).remove(job.id());
        }
    }

    /** Puts a waiting job in its place. */
    public void put(QueuedJob job, Instant now) {
        put(WaitingJob.of(job), now);
    }

    /** Puts a waiting job in its place. */
    public void put(WaitingJob job, Instant now) {
        line(job.set().queue()).add(job, now);
    }

    /** The position of a job in the queue it waits in. */
    public Optional<Integer> position(QueueName queue, JobId job) {
        return line(queue).position(job).stream().boxed().findFirst();
    }
}
