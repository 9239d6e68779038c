package io.tollgate.queue.job;

import io.tollgate.queue.job.JobCommand.Claim;
import io.tollgate.queue.job.JobCommand.Claimed;
import io.tollgate.queue.job.JobCommand.Offer;
import io.tollgate.queue.job.JobCommand.Promote;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** Which job runs next, and where. */
final class ClaimRules {
    private final JobPolicy policy;

    ClaimRules(JobPolicy policy) {
        this.policy = policy;
    }

    JobDecision<List<Claimed>> claim(Claim command, JobRows rows, Instant now) {
        QueueSwitch queue = rows.queue(command.queue()).orElseGet(() -> open(command.queue()));
        if (queue.mode() == QueueSwitch.Mode.PAUSED) {
            return JobDecision.unchanged(List.of());
        }
        return new Round(command, rows, queue, now).run();
    }

    JobDecision<Boolean> promote(Promote command, JobRows rows, Instant now) {
        QueuedJob job = rows.job(command.job()).orElse(null);
        if (job == null
                || job.kind() != JobState.Kind.QUEUED
                || job.promoted()
                || !job.lane().isPaid()) {
            return JobDecision.unchanged(false);
        }
        JobChanges.Builder changes = new JobChanges.Builder();
        QueuedJob promoted = job.asPromoted();
        changes.moves.add(new JobChanges.Move(
                Optional.of(job),
                promoted,
                new Transition(job.id(), job.transitions(), JobState.Kind.QUEUED, now, "promoted, waited long")));
        return new JobDecision<>(true, changes.build());
    }

    static QueueSwitch open(QueueName queue) {
        return new QueueSwitch(queue, QueueSwitch.Mode.OPEN, 0);
    }

    /** One claim: takes the best head again and again, until slots, limits or jobs run out. */
    private final class Round {
        private final Claim command;
        private final JobRows rows;
        private final Instant now;
        private final Map<Offer, Deque<Slot>> free = new LinkedHashMap<>();
        private final List<Line> lines = new ArrayList<>();
        private final List<Line> all;
        private final Map<ModelName, ModelLimit> models = new HashMap<>();
        private final Map<Lane, LaneClock> clocks = new HashMap<>(2);
        private final JobChanges.Builder changes = new JobChanges.Builder();
        private final List<Claimed> claimed = new ArrayList<>();
        private final QueueSwitch before;
        private final int relaxedAtMost;
        private QueueSwitch queue;

        Round(Claim command, JobRows rows, QueueSwitch queue, Instant now) {
            this.command = command;
            this.rows = rows;
            this.now = now;
            this.before = queue;
            this.queue = queue;
            int slots = 0;
            for (Offer offer : command.offers()) {
                Deque<Slot> empty = new ArrayDeque<>();
                for (Slot slot : rows.slots(offer.backend())) {
                    if (slot.index() >= offer.slots()) {
                        continue; // the backend has fewer now, and this one only lasts until its run ends
                    }
                    slots++;
                    if (slot.isFree()) {
                        empty.add(slot);
                    }
                }
                if (!empty.isEmpty()) {
                    free.put(offer, empty);
                }
            }
            this.relaxedAtMost = policy.relaxedShare() == 0 ? 0 : (int) Math.max(1, slots * policy.relaxedShare());
            if (!free.isEmpty()) {
                // one more than can be claimed: who still waits then holds a fair lane's time back
                for (Iterator<QueuedJob> line :
                        rows.heads(command.queue(), command.runIds().size() + 1)) {
                    lines.add(new Line(line));
                }
            }
            this.all = List.copyOf(lines);
        }

        JobDecision<List<Claimed>> run() {
            while (claimed.size() < command.runIds().size() && !free.isEmpty()) {
                Line best = bestLine();
                if (best == null) {
                    break;
                }
                QueuedJob job = rows.job(best.take().id()).orElseThrow();
                Offer offer = offer(job);
                if (offer != null) {
                    start(job, offer);
                }
            }
            changes.models.addAll(models.values());
            if (!queue.equals(before)) {
                changes.queues.add(queue);
            }
            clocks.forEach((lane, clock) -> changes.laneClocks.add(heldBack(clock)));
            return claimed.isEmpty()
                    ? JobDecision.unchanged(List.of())
                    : new JobDecision<>(List.copyOf(claimed), changes.build());
        }

        /** The line whose head goes first among those that can run now; lines that can't are dropped. */
        private @Nullable Line bestLine() {
            Line best = null;
            QueuedJob bestHead = null;
            for (int i = lines.size() - 1; i >= 0; i--) {
                Line line = lines.get(i);
                QueuedJob head = freshHead(line);
                if (head == null || !hasRoom(head) || offer(head) == null) {
                    lines.remove(i); // room only shrinks while a claim is decided, so it won't come back
                } else if (bestHead == null || head.orderKey().compareTo(bestHead.orderKey()) < 0) {
                    best = line;
                    bestHead = head;
                }
            }
            return best;
        }

        private @Nullable QueuedJob freshHead(Line line) {
            while (true) {
                QueuedJob loaded = line.head();
                if (loaded == null) {
                    return null;
                }
                QueuedJob current = rows.job(loaded.id()).orElse(null);
                if (current != null && current.isReady(now) && current.promoted() == loaded.promoted()) {
                    return loaded;
                }
                line.take(); // canceled, expired or promoted by a neighbor in the same batch
            }
        }

        private boolean hasRoom(QueuedJob head) {
            if (head.lane() == Lane.RELAXED && queue.relaxedRunning() >= relaxedAtMost) {
                return false;
            }
            ModelLimit model = model(head.spec().model());
            return model.running() < policy.limit(model, command.queue());
        }

        private ModelLimit model(ModelName name) {
            ModelLimit changed = models.get(name);
            return changed != null ? changed : modelOf(rows, name);
        }

        private @Nullable Offer offer(QueuedJob job) {
            Optional<BackendId> avoid =
                    job.state() instanceof JobState.Queued queued ? queued.avoid() : Optional.empty();
            Offer second = null;
            for (Offer offer : free.keySet()) {
                if (!job.spec().needs().areMetBy(offer.type(), offer.tags())) {
                    continue;
                }
                if (avoid.isEmpty() || !avoid.get().equals(offer.backend())) {
                    return offer;
                }
                second = offer;
            }
            return second;
        }

        private void start(QueuedJob job, Offer offer) {
            Deque<Slot> slots = Objects.requireNonNull(free.get(offer));
            Slot slot = slots.remove();
            if (slots.isEmpty()) {
                free.remove(offer);
            }
            QueuedJob running = job.withAttempt().to(new JobState.Running());
            Attempt attempt = new Attempt(
                    job.id(),
                    running.attempts(),
                    command.runIds().get(claimed.size()),
                    offer.backend(),
                    slot.index(),
                    Attempt.Phase.CLAIMED,
                    new Lease(command.node(), 1, now.plus(command.leaseTtl())),
                    now,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());
            changes.moves.add(new JobChanges.Move(
                    Optional.of(job),
                    running,
                    new Transition(
                            job.id(),
                            job.transitions(),
                            JobState.Kind.RUNNING,
                            now,
                            "claimed for " + offer.backend())));
            changes.attempts.add(attempt);
            changes.slots.add(new Slot(slot.backend(), slot.index(), Optional.of(job.id())));
            models.put(job.spec().model(), model(job.spec().model()).running(1));
            if (job.lane() == Lane.RELAXED) {
                queue = queue.relaxed(1);
            }
            if (policy.order(command.queue()) == JobPolicy.Order.FAIR) {
                advanceClock(job);
            }
            claimed.add(new Claimed(running, attempt));
        }

        /**
         * The clock, but not past the start of a job that still waits: one that was claimed first because the others'
         * models had no room must not carry the lane's time past them, or who comes next would stand behind them all.
         * Promoted ones don't hold it back, so that a job that nothing can run doesn't for longer than the bound.
         */
        private LaneClock heldBack(LaneClock clock) {
            long time = clock.virtualTime();
            for (Line line : all) {
                QueuedJob head = freshHead(line);
                if (head != null && head.lane() == clock.lane() && !head.promoted()) {
                    time = Math.min(time, FairShare.virtualTimeAfter(0, head.order(), 1, 1));
                }
            }
            long before = rows.laneClock(command.queue(), clock.lane())
                    .map(LaneClock::virtualTime)
                    .orElse(0L);
            return new LaneClock(clock.queue(), clock.lane(), Math.max(before, time));
        }

        private void advanceClock(QueuedJob job) {
            LaneClock clock = clocks.get(job.lane());
            long time = clock != null
                    ? clock.virtualTime()
                    : rows.laneClock(command.queue(), job.lane())
                            .map(LaneClock::virtualTime)
                            .orElse(0L);
            clocks.put(
                    job.lane(),
                    new LaneClock(command.queue(), job.lane(), FairShare.virtualTimeAfter(time, job.order(), 1, 1)));
        }
    }

    /** A line of waiting jobs, with a look at its head. */
    private static final class Line {
        private final Iterator<QueuedJob> rest;
        private @Nullable QueuedJob head;

        Line(Iterator<QueuedJob> jobs) {
            rest = jobs;
        }

        @Nullable QueuedJob head() {
            if (head == null && rest.hasNext()) {
                head = rest.next();
            }
            return head;
        }

        QueuedJob take() {
            QueuedJob taken = Objects.requireNonNull(head());
            head = null;
            return taken;
        }
    }

    static ModelLimit modelOf(JobRows rows, ModelName name) {
        return rows.model(name).orElseGet(() -> new ModelLimit(name, OptionalInt.empty(), 0));
    }
}
