package io.tollgate.queue.dispatch;

import io.tollgate.queue.backend.Backends;
import io.tollgate.queue.event.JobEvent;
import io.tollgate.queue.event.Progress;
import io.tollgate.queue.job.Attempt;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobPolicy;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.queue.job.JobSpec;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.Lane;
import io.tollgate.queue.job.ModelLimit;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.Needs;
import io.tollgate.queue.job.OrderKey;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.QueueSwitch;
import io.tollgate.queue.job.QueuedJob;
import io.tollgate.queue.job.RequirementSet;
import io.tollgate.queue.job.WaitingJob;
import io.tollgate.queue.lane.Eta;
import io.tollgate.queue.lane.EtaEstimator;
import io.tollgate.queue.lane.Outlook;
import io.tollgate.queue.lane.QueueFlow;
import io.tollgate.queue.lane.QueueMeter;
import io.tollgate.queue.lane.RunTimes;
import io.tollgate.queue.lane.Standing;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What only the moment knows: positions, expected times, reasons for waiting, progress. Follows events; safe for use by
 * many threads; answers from memory.
 */
public final class Board {
    private final Lines lines;
    private final Backends backends;
    private final JobPolicy policy;
    private final RunTimes times;
    private final InstantSource clock;
    private final Map<JobId, Driven> running = new ConcurrentHashMap<>();
    private final Map<JobId, Progress> progress = new ConcurrentHashMap<>();
    private final Map<ModelName, ModelLimit> models = new ConcurrentHashMap<>();
    private final Map<QueueName, QueueSwitch> queues = new ConcurrentHashMap<>();
    private final Map<QueueName, QueueMeter> meters = new ConcurrentHashMap<>();

    private record Driven(QueuedJob job, Attempt attempt) {
        boolean hasSlot() {
            return attempt.phase().hasSlot();
        }
    }

    public Board(Lines lines, Backends backends, JobPolicy policy, RunTimes times, InstantSource clock) {
        this.lines = lines;
        this.backends = backends;
        this.policy = policy;
        this.times = times;
        this.clock = clock;
    }

    /** Notes a job that runs already, at the start. */
    public void running(QueuedJob job, Attempt attempt) {
        running.put(job.id(), new Driven(job, attempt));
    }

    /** Notes a model's limit and counter. */
    public void set(ModelLimit model) {
        models.put(model.model(), model);
    }

    /** Notes a queue's switch. */
    public void set(QueueSwitch queue) {
        queues.put(queue.queue(), queue);
    }

    /** Follows what happens. */
    public void follow(JobEvent event) {
        if (event instanceof JobEvent.Claimed claimed) {
            running(claimed.job(), claimed.attempt());
            began(claimed.job(), claimed.attempt());
        } else if (event instanceof JobEvent.PhaseChanged changed) {
            running.computeIfPresent(
                    changed.attempt().job(), (id, driven) -> new Driven(driven.job(), changed.attempt()));
        } else if (event instanceof JobEvent.Progressed progressed) {
            if (running.containsKey(progressed.job())) {
                progress.put(progressed.job(), progressed.progress());
            }
        } else if (event instanceof JobEvent.Retrying retrying) {
            leave(retrying.job().id());
        } else if (event instanceof JobEvent.Ended ended) {
            Driven driven = leave(ended.job().id());
            if (ended.job().kind() == JobState.Kind.SUCCEEDED) {
                meter(ended.job().spec().queue())
                        .succeeded(ended.job().endedAt().orElseThrow());
            }
            boolean whole =
                    ended.attempt().filter(last -> last.failure().isEmpty()).isPresent();
            if (driven != null && whole && ended.job().kind() == JobState.Kind.SUCCEEDED) {
                measure(driven, ended.job().endedAt().orElseThrow());
            }
        }
    }

    private void began(QueuedJob job, Attempt attempt) {
        if (attempt.number() == 1) {
            meter(job.spec().queue())
                    .began(
                            job.lane(),
                            attempt.claimedAt(),
                            Duration.between(job.spec().createdAt(), attempt.claimedAt()));
        }
    }

    private QueueMeter meter(QueueName queue) {
        return meters.computeIfAbsent(queue, any -> new QueueMeter());
    }

    /** What went through a queue lately, since this process began. */
    public QueueFlow flow(QueueName queue) {
        QueueMeter meter = meters.get(queue);
        return meter == null ? QueueFlow.NONE : meter.flow(clock.instant());
    }

    private @org.jspecify.annotations.Nullable Driven leave(JobId job) {
        progress.remove(job);
        return running.remove(job);
    }

    private void measure(Driven driven, Instant end) {
        driven.attempt().startedAt().ifPresent(start -> {
            Duration took = Duration.between(start, end);
            if (!took.isNegative()) {
                times.record(new RunTimes.Measured(
                        driven.job().spec().workflow(),
                        driven.job().spec().model(),
                        driven.job().spec().queue(),
                        took));
            }
        });
    }

    /** How a job is shown now. */
    public JobView view(JobRecord record) {
        QueuedJob job = record.job();
        if (job.kind() != JobState.Kind.QUEUED) {
            return new JobView(
                    record,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.ofNullable(progress.get(job.id())));
        }
        Optional<Standing> standing = lines.line(job.spec().queue()).standing(job.id());
        return new JobView(
                record,
                standing.map(Standing::position),
                standing.flatMap(where -> eta(job.spec(), where)),
                Optional.of(waitReason(job, standing)),
                Optional.empty());
    }

    /** The position of a waiting job. */
    public Optional<Integer> position(QueuedJob job) {
        return lines.position(job.spec().queue(), job.id());
    }

    /**
     * When jobs would start and end that came now, one after the other; empty for one that nothing can serve.
     *
     * @param lanes the lane of each
     */
    public List<Optional<Eta>> expected(List<JobSpec> specs, List<Lane> lanes) {
        List<Optional<Eta>> etas = new ArrayList<>(specs.size());
        Map<QueueName, Map<RequirementSet, Integer>> before = new HashMap<>();
        for (int i = 0; i < specs.size(); i++) {
            JobSpec spec = specs.get(i);
            RequirementSet set = RequirementSet.of(spec, lanes.get(i));
            OrderKey last = OrderKey.of(lanes.get(i), false, spec.priority(), Long.MAX_VALUE, Long.MAX_VALUE);
            Map<RequirementSet, Integer> others = before.computeIfAbsent(spec.queue(), any -> new HashMap<>());
            Standing standing = lines.line(spec.queue())
                    .standingOf(
                            new WaitingJob(spec.id(), last, set, spec.createdAt(), spec.createdAt(), spec.expiresAt()))
                    .behind(others);
            etas.add(eta(spec, standing));
            others.merge(set, 1, Integer::sum);
        }
        return etas;
    }

    private Optional<Eta> eta(JobSpec job, Standing standing) {
        if (mode(job.queue()) == QueueSwitch.Mode.PAUSED) {
            return Optional.empty();
        }
        QueueName queue = job.queue();
        Map<BackendId, Integer> serving = backends.serving(queue, job.needs());
        List<Outlook.Running> runs = new ArrayList<>();
        Instant now = clock.instant();
        for (Driven driven : running.values()) {
            if (!driven.hasSlot()) {
                continue;
            }
            // those of other queues too: they may hold a slot, and count against their model's limit
            Instant since = driven.attempt().startedAt().orElse(driven.attempt().claimedAt());
            Duration elapsed = Duration.between(since, now);
            runs.add(new Outlook.Running(
                    driven.job().spec().workflow(),
                    driven.job().spec().model(),
                    elapsed.isNegative() ? Duration.ZERO : elapsed,
                    serving.containsKey(driven.attempt().backend())));
        }
        return EtaEstimator.estimate(
                new Outlook(
                        queue,
                        job.workflow(),
                        job.model(),
                        standing.readyAt(),
                        slots(serving),
                        limit(job.model(), queue),
                        standing.ahead(set -> share(set, job, serving), model -> limit(model, queue)),
                        runs),
                times,
                now);
    }

    private static int slots(Map<BackendId, Integer> backends) {
        return backends.values().stream().mapToInt(Integer::intValue).sum();
    }

    /** Which part of a set's jobs will take a slot that could serve {@code job}, if they spread evenly. */
    private double share(RequirementSet set, JobSpec job, Map<BackendId, Integer> serving) {
        if (set.needs().equals(job.needs().toString())) {
            return 1;
        }
        Map<BackendId, Integer> theirs = backends.serving(set.queue(), Needs.parse(set.needs()));
        int all = slots(theirs);
        theirs.keySet().retainAll(serving.keySet());
        return all == 0 ? 0 : (double) slots(theirs) / all;
    }

    private WaitReason waitReason(QueuedJob job, Optional<Standing> standing) {
        QueueName queue = job.spec().queue();
        if (mode(queue) == QueueSwitch.Mode.PAUSED) {
            return WaitReason.QUEUE_PAUSED;
        }
        if (!job.isReady(clock.instant())) {
            return WaitReason.RETRY_BACKOFF;
        }
        if (slots(backends.serving(queue, job.spec().needs())) == 0) {
            return WaitReason.NO_BACKEND_AVAILABLE;
        }
        long ofModel = running.values().stream()
                .filter(driven -> driven.hasSlot()
                        && driven.job().spec().model().equals(job.spec().model()))
                .count();
        boolean first =
                standing.map(where -> where.aheadOf(job.spec().model()) == 0).orElse(false);
        return first && ofModel >= limit(job.spec().model(), queue)
                ? WaitReason.MODEL_AT_LIMIT
                : WaitReason.AHEAD_IN_QUEUE;
    }

    private QueueSwitch.Mode mode(QueueName queue) {
        QueueSwitch known = queues.get(queue);
        return known == null ? QueueSwitch.Mode.OPEN : known.mode();
    }

    private int limit(ModelName model, QueueName queue) {
        ModelLimit known = models.get(model);
        return policy.limit(known != null ? known : new ModelLimit(model, OptionalInt.empty(), 0), queue);
    }
}
