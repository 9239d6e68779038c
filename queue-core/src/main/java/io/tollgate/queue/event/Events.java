package io.tollgate.queue.event;

import io.tollgate.queue.job.Attempt;
import io.tollgate.queue.job.Delivery;
import io.tollgate.queue.job.JobChanges;
import io.tollgate.queue.job.JobChanges.Move;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.ModelLimit;
import io.tollgate.queue.job.QueueSwitch;
import io.tollgate.queue.job.QueuedJob;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Tells events to all listeners, and turns commits into events. Safe for use by many threads. */
public final class Events {
    private final List<JobListener> listeners = new CopyOnWriteArrayList<>();

    /**
     * Lets {@code listener} hear of every event from now on.
     *
     * @return stops that
     */
    public Runnable listen(JobListener listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    /** Tells all listeners. Never throws. */
    public void tell(JobEvent event) {
        for (JobListener listener : listeners) {
            try {
                listener.on(event);
            } catch (RuntimeException problem) {
                if (!(event instanceof JobEvent.Fault)) { // a listener that fails on faults would go round for ever
                    others(listener, new JobEvent.Fault(jobOf(event), "telling a listener", problem));
                }
            }
        }
    }

    private void others(JobListener faulty, JobEvent.Fault fault) {
        for (JobListener listener : listeners) {
            if (listener != faulty) {
                try {
                    listener.on(fault);
                } catch (RuntimeException again) {
                    fault.problem().addSuppressed(again);
                }
            }
        }
    }

    /** Tells what a commit changed. */
    public void tell(JobChanges changes) {
        for (JobEvent event : of(changes)) {
            tell(event);
        }
    }

    private static List<JobEvent> of(JobChanges changes) {
        List<JobEvent> events = new ArrayList<>(2);
        for (Move move : changes.moves()) {
            events.add(of(move, changes));
        }
        if (changes.moves().isEmpty()) {
            for (Attempt attempt : changes.attempts()) {
                switch (attempt.phase()) {
                    case SUBMITTED, STARTED, UNKNOWN -> events.add(new JobEvent.PhaseChanged(attempt));
                    case CLAIMED, ENDED -> {}
                }
            }
        }
        for (Delivery delivery : changes.deliveries()) {
            events.add(new JobEvent.DeliveryChanged(delivery));
        }
        for (QueueSwitch queue : changes.queues()) {
            if (changes.moves().isEmpty()) {
                events.add(new JobEvent.QueueSwitched(queue));
            }
        }
        for (ModelLimit model : changes.models()) {
            if (changes.moves().isEmpty()) {
                events.add(new JobEvent.LimitSet(model));
            }
        }
        return events;
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
            case RUNNING -> new JobEvent.Claimed(job, java.util.Objects.requireNonNull(attempt(job, changes)));
            case CANCELING -> new JobEvent.Canceling(job);
            case SUCCEEDED, FAILED, CANCELED, EXPIRED ->
                new JobEvent.Ended(
                        job,
                        changes.outputs().stream()
                                .filter(output -> output.job().equals(job.id()))
                                .toList());
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

    private static Optional<JobId> jobOf(JobEvent event) {
        if (event instanceof JobEvent.Queued e) {
            return Optional.of(e.job().id());
        } else if (event instanceof JobEvent.Claimed e) {
            return Optional.of(e.job().id());
        } else if (event instanceof JobEvent.Ended e) {
            return Optional.of(e.job().id());
        } else if (event instanceof JobEvent.Progressed e) {
            return Optional.of(e.job());
        } else if (event instanceof JobEvent.PhaseChanged e) {
            return Optional.of(e.attempt().job());
        }
        return Optional.empty();
    }
}
