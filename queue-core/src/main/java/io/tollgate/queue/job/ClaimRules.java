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
        private final List<Stand> free = new ArrayList<>();
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
                int taken = 0;
                for (Slot slot : rows.slots(offer.backend())) {
                    taken += slot.isFree() ? 0 : 1;
                    if (slot.index() >= offer.slots()) {
                        continue; // the backend has fewer now, and this one only lasts until its run ends
                    }
                    slots++;
                    if (slot.isFree()) {
                        empty.add(slot);
                    }
                }
                while (!empty.isEmpty() && empty.size() > offer.wanted().runs() - taken) {
                    empty.removeLast(); // nobody asked for so much
                }
                if (!empty.isEmpty()) {
                    free.add(new Stand(offer, empty));
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
                Stand stand = stand(job);
                if (stand != null) {
                    start(job, stand);
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
                if (head == null || !hasRoom(head) || stand(head) == null) {
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

        /** Where the job would run now: not where it failed if there is another, else where there is least to do. */
        private @Nullable Stand stand(QueuedJob job) {
            Optional<BackendId> avoid =
                    job.state() instanceof JobState.Queued queued ? queued.avoid() : Optional.empty();
            Stand best = null;
            Stand warm = null;
            Stand avoided = null;
            for (Stand stand : free) {
                if (!job.spec().needs().areMetBy(stand.offer.type(), stand.offer.tags())
                        || !stand.offer.wanted().takes(job.spec().model())) {
                    continue;
                }
                if (avoid.isPresent() && avoid.get().equals(stand.offer.backend())) {
                    avoided = stand;
                    continue;
                }
                best = best == null || stand.hasLessToDo(best) ? stand : best;
                if (stand.isWarmFor(job) && (warm == null || stand.hasLessToDo(warm))) {
                    warm = stand;
                }
            }
            if (best == null) {
                return avoided;
            }
            return warm != null && warm.isWorth(best) ? warm : best;
        }

        private void start(QueuedJob job, Stand stand) {
            Offer offer = stand.offer;
            Slot slot = stand.take(job.spec().model());
            if (stand.free.isEmpty()) {
                free.remove(stand);
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
            Owed.started(changes, rows, running, now);
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

    /** A backend with free slots, as it stands while a claim is decided. */
    private static final class Stand {
        /**
         * How many more runs a backend that has the model loaded may have than the least busy one: loading a model
         * takes about as long as a run.
         */
        private static final int WARMTH = 1;

        private final Offer offer;
        private final Deque<Slot> free;
        private int runs;
        private @Nullable ModelName warm;

        Stand(Offer offer, Deque<Slot> free) {
            this.offer = offer;
            this.free = free;
            this.runs = offer.load().runs();
            this.warm = offer.load().warm().orElse(null);
        }

        boolean hasLessToDo(Stand other) {
            return waits() == other.waits() ? runs < other.runs : other.waits();
        }

        /** Whether a run that is given to it now waits there. */
        private boolean waits() {
            return runs >= offer.load().abreast();
        }

        boolean isWarmFor(QueuedJob job) {
            return job.spec().model().equals(warm);
        }

        /** Whether its loaded model makes up for what it has to do more than the least busy one. */
        boolean isWorth(Stand leastBusy) {
            return waits() == leastBusy.waits() && runs <= leastBusy.runs + WARMTH;
        }

        Slot take(ModelName model) {
            runs++;
            warm = model;
            return free.remove();
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
