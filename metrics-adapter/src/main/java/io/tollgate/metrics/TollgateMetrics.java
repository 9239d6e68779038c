package io.tollgate.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Meter.MeterProvider;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.tollgate.queue.event.JobEvent;
import io.tollgate.queue.event.JobListener;
import io.tollgate.queue.job.Attempt;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.Failure;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobSpec;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.QueuedJob;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Counts what happens to jobs and how long it takes. Each node counts what it did itself, so that the sum over all
 * nodes is right. A label's value is a name of the catalogue or the configuration, or a word of ours; nothing that
 * users write becomes one, nor do ids.
 *
 * <p>The time to a claim begins when the job is ready and the slot that it gets is free, whichever comes last, as far
 * as this node saw both; it has what a model's limit or a paused queue adds. Told as a {@link JobListener}.
 */
public final class TollgateMetrics implements JobListener {
    /** The most jobs whose next attempt is awaited that are remembered. */
    private static final int REMEMBERED = 10_000;

    private final Labels labels = new Labels();
    private final DeliveryMeters deliveries;
    private final InstantSource clock;

    private final MeterProvider<Counter> submitted;
    private final MeterProvider<Counter> ended;
    private final MeterProvider<Counter> failed;
    private final MeterProvider<Counter> retried;
    private final MeterProvider<Counter> promoted;
    private final MeterProvider<Counter> refused;
    private final MeterProvider<Counter> unknown;
    private final MeterProvider<Counter> faults;
    private final MeterProvider<Timer> wait;
    private final MeterProvider<Timer> run;
    private final MeterProvider<Timer> claim;

    /** When a job that is tried again is ready for it. */
    private final Map<JobId, Instant> readyAt = new ConcurrentHashMap<>();

    /** When a slot was last given back. */
    private final Map<SlotName, Instant> freedAt = new ConcurrentHashMap<>();

    private record SlotName(BackendId backend, int index) {
        static SlotName of(Attempt attempt) {
            return new SlotName(attempt.backend(), attempt.slot());
        }
    }

    /** @param clock the time that the jobs' instants are of */
    public TollgateMetrics(MeterRegistry registry, InstantSource clock) {
        this.clock = clock;
        this.deliveries = new DeliveryMeters(registry, labels);
        submitted = counter(registry, "tollgate.jobs.submitted", "Jobs that were taken in.");
        ended = counter(registry, "tollgate.jobs.ended", "Jobs that are over.");
        failed = counter(registry, "tollgate.jobs.failed", "Jobs that failed for good, by why.");
        retried = counter(registry, "tollgate.jobs.retried", "Attempts that failed and are followed by another.");
        promoted = counter(registry, "tollgate.jobs.promoted", "Jobs that waited so long that they go first.");
        refused = counter(registry, "tollgate.refusals", "Requests that were turned down, by the error's code.");
        unknown = counter(registry, "tollgate.attempts.unknown", "Attempts of which nobody could say what became.");
        faults = counter(registry, "tollgate.faults", "What went wrong that no caller hears of.");
        wait = timer(registry, "tollgate.job.wait", "From a job's submission to its first claim.", Buckets.WAIT);
        run = timer(registry, "tollgate.job.run", "From the backend's start to the job's end.", Buckets.RUN);
        claim = timer(registry, "tollgate.job.claim", "From a ready job and its free slot to the claim.", Buckets.CALL);
    }

    private static MeterProvider<Counter> counter(MeterRegistry registry, String name, String what) {
        return Counter.builder(name).description(what).withRegistry(registry);
    }

    private static MeterProvider<Timer> timer(MeterRegistry registry, String name, String what, Duration[] buckets) {
        return Timer.builder(name)
                .description(what)
                .serviceLevelObjectives(buckets)
                .withRegistry(registry);
    }

    @Override
    public void on(JobEvent event) {
        if (event instanceof JobEvent.Queued queued) {
            submitted(queued.job());
        } else if (event instanceof JobEvent.Claimed claimed) {
            claimed(claimed.job(), claimed.attempt());
        } else if (event instanceof JobEvent.PhaseChanged changed) {
            phase(changed.attempt());
        } else if (event instanceof JobEvent.Retrying retrying) {
            retrying(retrying);
        } else if (event instanceof JobEvent.Promoted job) {
            promoted.withTags("queue", queue(job.job().spec())).increment();
        } else if (event instanceof JobEvent.Ended over) {
            ended(over);
        } else if (event instanceof JobEvent.Refused request) {
            String reason = labels.bounded("reason", request.refusal().code());
            refused.withTags("reason", reason).increment();
        } else if (event instanceof JobEvent.DeliveryChanged changed) {
            deliveries.changed(changed.delivery());
        } else if (event instanceof JobEvent.Fault fault) {
            faults.withTags("where", labels.bounded("where", fault.where())).increment();
        }
    }

    private void submitted(QueuedJob job) {
        submitted
                .withTags(
                        "workflow", labels.bounded("workflow", job.spec().workflow()),
                        "model", model(job.spec()),
                        "lane", job.lane().word())
                .increment();
    }

    private void claimed(QueuedJob job, Attempt attempt) {
        JobSpec spec = job.spec();
        Instant at = attempt.claimedAt();
        if (attempt.number() == 1) {
            wait.withTags(
                            "queue",
                            queue(spec),
                            "model",
                            model(spec),
                            "lane",
                            job.lane().word())
                    .record(between(spec.createdAt(), at));
        }
        Instant again = readyAt.remove(job.id());
        Instant ready = attempt.number() == 1 ? spec.createdAt() : again;
        if (ready != null) {
            Instant freed = freedAt.getOrDefault(SlotName.of(attempt), Instant.MIN);
            claim.withTags("queue", queue(spec)).record(between(freed.isAfter(ready) ? freed : ready, at));
        }
    }

    private void phase(Attempt attempt) {
        if (attempt.phase() == Attempt.Phase.UNKNOWN) {
            unknown.withTags("backend", labels.bounded("backend", attempt.backend()))
                    .increment();
        } else if (!attempt.phase().hasSlot()) {
            freedAt.put(SlotName.of(attempt), attempt.endedAt().orElseGet(clock::instant));
        }
    }

    private void retrying(JobEvent.Retrying retrying) {
        retrying.attempt().ifPresent(this::phase);
        if (readyAt.size() < REMEMBERED) {
            readyAt.put(retrying.job().id(), retrying.readyAt());
        }
        String reason = retrying.attempt()
                .flatMap(Attempt::failure)
                .map(failure -> failure.kind().code())
                .orElse("none");
        retried.withTags("reason", reason).increment();
    }

    private void ended(JobEvent.Ended over) {
        QueuedJob job = over.job();
        JobSpec spec = job.spec();
        JobState state = job.state();
        readyAt.remove(job.id());
        boolean partial = state instanceof JobState.Succeeded succeeded && succeeded.partial();
        ended.withTags(
                        "outcome", state.kind().word(),
                        "model", model(spec),
                        "queue", queue(spec),
                        "partial", String.valueOf(partial))
                .increment();
        if (state instanceof JobState.Failed why) {
            Failure.Kind kind = why.failure().kind();
            failed.withTags("reason", kind.code()).increment();
        }
        over.attempt().ifPresent(attempt -> {
            // an operator may end a job whose attempt goes on; the others have ended with their job
            if (attempt.phase() == Attempt.Phase.ENDED) {
                phase(attempt);
            }
            Optional<Instant> end = attempt.endedAt().or(job::endedAt);
            if (attempt.startedAt().isPresent() && end.isPresent()) {
                run.withTags(
                                "queue", queue(spec),
                                "model", model(spec),
                                "outcome", state.kind().word())
                        .record(between(attempt.startedAt().get(), end.get()));
            }
        });
    }

    private String model(JobSpec spec) {
        return labels.bounded("model", spec.model());
    }

    private String queue(JobSpec spec) {
        return labels.bounded("queue", spec.queue());
    }

    /** A clock that was set back makes no negative times. */
    private static Duration between(Instant from, Instant to) {
        return to.isAfter(from) ? Duration.between(from, to) : Duration.ZERO;
    }
}
