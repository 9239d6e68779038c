package io.tollgate.queue.job;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/**
 * What is owed to a job's targets as it goes on, and in which order: of one job, a target is told one thing after the
 * other, as they happened. What comes to be owed while something before it is, waits for it; nobody looks for such a
 * thing if nothing but ends are to be told of.
 *
 * <p>An end doesn't wait for long: after {@link #END_WAITS} what stands before it is given up, if that is no end
 * itself; what was not even tried gets {@link #END_SPARES}.
 */
final class Owed {
    /** How long the message of an end waits for those before it: they are worth a few tries, and it is worth more. */
    static final Duration END_WAITS = Duration.ofMinutes(1);

    /** How long it waits at most for one whose turn it is and that nobody tried yet: its target is busy, or paused. */
    static final Duration END_SPARES = Duration.ofMinutes(10);

    /** When somebody looks whether what is no end still has to wait; it is released long before. */
    private static final Duration OTHERS_WAIT = Duration.ofDays(1);

    private Owed() {}

    static void queued(JobChanges.Builder changes, JobRows rows, QueuedJob job, Instant now) {
        add(changes, rows, job, DeliveryEvent.QUEUED, named(job, DeliveryEvent.QUEUED), now);
    }

    /** @param job with the attempt that begins */
    static void started(JobChanges.Builder changes, JobRows rows, QueuedJob job, Instant now) {
        add(changes, rows, job, DeliveryEvent.STARTED, named(job, DeliveryEvent.STARTED), now);
    }

    static void output(JobChanges.Builder changes, JobRows rows, QueuedJob job, Instant now) {
        add(changes, rows, job, DeliveryEvent.OUTPUT, named(job, DeliveryEvent.OUTPUT), now);
    }

    /**
     * @param job as it was before its end
     * @param ids at least one per target
     */
    static void ended(
            JobChanges.Builder changes,
            JobRows rows,
            QueuedJob job,
            DeliveryEvent end,
            List<DeliveryId> ids,
            Instant now) {
        add(changes, rows, job, end, ids::get, now);
    }

    private static IntFunction<DeliveryId> named(QueuedJob job, DeliveryEvent event) {
        return target -> DeliveryId.of(job.id(), event, job.attempts(), target);
    }

    private static void add(
            JobChanges.Builder changes,
            JobRows rows,
            QueuedJob job,
            DeliveryEvent event,
            IntFunction<DeliveryId> ids,
            Instant now) {
        List<DeliveryTarget> targets = job.spec().targets();
        for (int i = 0; i < targets.size(); i++) {
            DeliveryTarget target = targets.get(i);
            if (!target.events().contains(event)) {
                continue;
            }
            Delivery fresh = new Delivery(
                    ids.apply(i),
                    job.id(),
                    target.plain(),
                    event,
                    Delivery.State.PENDING,
                    0,
                    now,
                    Optional.empty(),
                    now);
            changes.deliveries.add(
                    isBehind(fresh, target, job, changes, rows) ? fresh.waiting(patience(fresh, now)) : fresh);
        }
    }

    private static boolean isBehind(
            Delivery fresh, DeliveryTarget target, QueuedJob job, JobChanges.Builder changes, JobRows rows) {
        // a job that comes in has nothing before it; one that succeeds late has had an end already
        boolean possible = fresh.event() != DeliveryEvent.QUEUED
                && (target.isToldBeforeTheEnd() || job.kind().isTerminal());
        return possible
                && Stream.concat(rows.owed(job.id()).stream(), changes.deliveries.stream())
                        .anyMatch(other -> isBeside(fresh, other));
    }

    static Instant patience(Delivery waiting, Instant now) {
        return now.plus(waiting.event().isFinal() ? END_WAITS : OTHERS_WAIT);
    }

    /** Whether an end still lets one before it have its first try. */
    static boolean isSpared(Delivery before, Delivery end, Instant now) {
        return before.state() == Delivery.State.PENDING
                && before.tries() == 0
                && now.isBefore(end.createdAt().plus(END_SPARES));
    }

    /** When somebody looks again at one that goes on waiting. */
    static Instant nextLook(Delivery waiting, Instant now) {
        Instant patience = patience(waiting, now);
        Instant spared = waiting.createdAt().plus(END_SPARES);
        return waiting.event().isFinal() && now.isBefore(spared) && spared.isBefore(patience) ? spared : patience;
    }

    /** Whether two that aren't the same are owed to the same target, of the same job. */
    private static boolean isBeside(Delivery one, Delivery other) {
        return other.job().equals(one.job())
                && other.target().equals(one.target())
                && !other.id().equals(one.id());
    }

    /** What is owed before another message of the same job, to the same target. */
    static List<Delivery> before(Delivery waiting, JobRows rows) {
        List<Delivery> before = new ArrayList<>();
        for (Delivery other : rows.owed(waiting.job())) {
            if (other.id().equals(waiting.id())) {
                break;
            }
            if (isBeside(waiting, other)) {
                before.add(other);
            }
        }
        return before;
    }

    /** Whose turn it is now that a message is over: the first that is still owed beside it, if it waits. */
    static Optional<Delivery> next(Delivery over, JobRows rows) {
        return rows.owed(over.job()).stream()
                .filter(other -> isBeside(over, other))
                .findFirst()
                .filter(other -> other.state() == Delivery.State.WAITING);
    }
}
