package io.tollgate.queue.delivery;

import io.tollgate.credits.account.UserId;
import io.tollgate.queue.event.Events;
import io.tollgate.queue.event.JobEvent;
import io.tollgate.queue.event.Rounds;
import io.tollgate.queue.event.Timers;
import io.tollgate.queue.job.Delivery;
import io.tollgate.queue.job.DeliveryTarget;
import io.tollgate.queue.job.DeliveryTry;
import io.tollgate.queue.job.JobCommand;
import io.tollgate.queue.job.JobCommand.DeliveryReport;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.queue.job.JobStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;

/**
 * Empties the outbox: takes due deliveries in hand, makes them, and notes how it went. A target that is slow or dead
 * keeps only its own share of hands busy: what is due to it besides a few in line is put back for a while. Safe for use
 * by many threads; nothing here blocks but reads of the store.
 */
public final class Deliverer {
    private static final Duration AFTER_TROUBLE = Duration.ofSeconds(1);
    private static final Duration SWEEP = Duration.ofMinutes(1);

    /** How long a delivery is put back whose target is busy, but well. */
    private static final Duration BUSY = Duration.ofSeconds(1);

    /** How many targets are remembered whose last try failed. */
    private static final int FAILING_AT_MOST = 10_000;

    private final Map<String, DeliveryChannel> channels = new HashMap<>();
    private final JobStore store;
    private final DeliveryPolicy policy;
    private final Timers timers;
    private final Executor io;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final Events events;

    private final ProgressMessages progress;
    private final Rounds rounds;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<DeliveryTarget, Integer> underWay = new HashMap<>();
    private final Map<DeliveryTarget, Deque<Delivery>> behind = new HashMap<>();
    private final Set<DeliveryTarget> failing = new HashSet<>();
    private int inHand;
    private int inLine;

    public Deliverer(
            List<DeliveryChannel> channels,
            JobStore store,
            DeliveryPolicy policy,
            Timers timers,
            Executor io,
            InstantSource clock,
            RandomGenerator random,
            Events events) {
        for (DeliveryChannel channel : channels) {
            if (this.channels.put(channel.name(), channel) != null) {
                throw new IllegalArgumentException("there are two delivery channels named '" + channel.name() + "'");
            }
        }
        this.store = store;
        this.policy = policy;
        this.timers = timers;
        this.io = io;
        this.clock = clock;
        this.random = random;
        this.events = events;
        this.progress =
                new ProgressMessages(this.channels, target -> isBusy(target), store, policy, timers, io, clock, events);
        this.rounds = new Rounds("emptying the outbox", 1, this::round, timers, clock, events);
    }

    /**
     * Checks a target before a job is taken with it.
     *
     * @throws IllegalArgumentException if there is no such channel or the address is not one of its own
     */
    public void check(DeliveryTarget target) {
        DeliveryChannel channel = channels.get(target.channel());
        if (channel == null) {
            throw new IllegalArgumentException(
                    "there is no delivery channel '" + target.channel() + "', only " + channels.keySet());
        }
        channel.check(target.address());
    }

    /**
     * Sends a test message at once.
     *
     * @return how it went; completes in any case
     */
    public CompletionStage<DeliveryChannel.Outcome> test(UserId user, DeliveryTarget target) {
        DeliveryChannel channel = channels.get(target.channel());
        if (channel == null) {
            return CompletableFuture.completedStage(
                    new DeliveryChannel.Outcome.Failed("there is no such channel: " + target.channel(), true));
        }
        return channel.test(user, target.address()).exceptionally(problem -> {
            events.tell(new JobEvent.Fault(Optional.empty(), "sending a test message", problem));
            return new DeliveryChannel.Outcome.Failed("it failed inside", false);
        });
    }

    /** Tells those who asked how far a job is. */
    public ProgressMessages progress() {
        return progress;
    }

    private boolean isBusy(DeliveryTarget target) {
        lock.lock();
        try {
            return underWay.containsKey(target) || failing.contains(target);
        } finally {
            lock.unlock();
        }
    }

    public void start() {
        rounds.start();
    }

    /** Takes nothing in hand any more; what is under way is noted when it is done. */
    public void stop() {
        rounds.stop();
    }

    /** Says that something may be due. Cheap, and never lost. */
    public void wake() {
        rounds.wake();
    }

    private CompletionStage<Rounds.Outcome> round() {
        int room;
        lock.lock();
        try {
            room = policy.inAll() - inHand;
        } finally {
            lock.unlock();
        }
        if (room <= 0) {
            return CompletableFuture.completedStage(new Rounds.Outcome(false, SWEEP)); // whoever is done wakes us
        }
        // in hand for longer than any try can take, so that nobody else begins it meanwhile
        Duration hold = policy.timeout().multipliedBy(2).plus(Duration.ofSeconds(30));
        // not on the store's thread: when the next one is due is read from the store
        return store.execute(new JobCommand.TakeDeliveries(room, hold))
                .thenApplyAsync(
                        taken -> {
                            taken.forEach(this::begin);
                            boolean more = taken.size() == room;
                            return new Rounds.Outcome(more, more ? SWEEP : untilNext());
                        },
                        timers);
    }

    private Duration untilNext() {
        Instant now = clock.instant();
        try {
            return store.nextDelivery()
                    .map(next -> Duration.between(now, next))
                    .filter(wait -> wait.compareTo(SWEEP) < 0)
                    // due, and yet not taken: its clock and ours differ
                    .map(wait -> wait.isNegative() || wait.isZero() ? Duration.ofMillis(100) : wait)
                    .orElse(SWEEP);
        } catch (RuntimeException problem) {
            events.tell(new JobEvent.Fault(Optional.empty(), "looking when the next delivery is due", problem));
            return AFTER_TROUBLE;
        }
    }

    private void begin(Delivery delivery) {
        DeliveryTarget target = delivery.target();
        Optional<Duration> back = Optional.empty();
        lock.lock();
        try {
            int busyHands = underWay.getOrDefault(target, 0);
            if (busyHands < policy.perTarget()) {
                inHand++;
                underWay.put(target, busyHands + 1);
            } else if (standsInLine(delivery)) {
                return;
            } else {
                back = Optional.of(failing.contains(target) ? policy.timeout() : BUSY);
            }
        } finally {
            lock.unlock();
        }
        if (back.isPresent()) {
            putBack(delivery, back.get());
        } else {
            attempt(delivery);
        }
    }

    /** Called under the lock. */
    private boolean standsInLine(Delivery delivery) {
        Deque<Delivery> line = behind.get(delivery.target());
        int length = line == null ? 0 : line.size();
        if (length >= Math.max(1, policy.inAll() / 8) || inLine >= policy.inAll() / 2) {
            return false;
        }
        behind.computeIfAbsent(delivery.target(), target -> new ArrayDeque<>()).add(delivery);
        inHand++;
        inLine++;
        return true;
    }

    private void putBack(Delivery delivery, Duration wait) {
        note(delivery, new DeliveryReport.PutBack(wait), Optional.empty());
    }

    /** Completes in any case. What can't be noted stays in hand until its time is over, and is then tried again. */
    private CompletionStage<?> note(Delivery delivery, DeliveryReport report, Optional<DeliveryTry> found) {
        return store.execute(new JobCommand.ReportDelivery(delivery.id(), delivery.tries(), report, found))
                .exceptionally(problem -> {
                    events.tell(new JobEvent.Fault(Optional.of(delivery.job()), "noting a delivery", problem));
                    return Optional.empty();
                });
    }

    private void attempt(Delivery delivery) {
        Instant at = clock.instant();
        CompletableFuture<Optional<JobRecord>> read;
        try {
            read = CompletableFuture.supplyAsync(() -> store.find(delivery.job()), io);
        } catch (RejectedExecutionException closing) {
            read = CompletableFuture.failedFuture(closing);
        }
        CompletionStage<?> unused = read.thenCombine(progress.beginning(delivery.target()), (record, begun) -> record)
                .thenCompose(record -> make(delivery, record))
                .exceptionally(problem -> failed(delivery, problem))
                .thenCompose(outcome -> {
                    DeliveryReport report = report(delivery, outcome);
                    return note(delivery, report, Optional.of(found(delivery, at, outcome)))
                            .thenAccept(
                                    noted -> finished(delivery.target(), report instanceof DeliveryReport.Delivered));
                });
    }

    private DeliveryTry found(Delivery delivery, Instant at, DeliveryChannel.Outcome outcome) {
        Duration took = Duration.between(at, clock.instant());
        Optional<DeliveryChannel.Answer> answer = outcome.answer();
        return new DeliveryTry(
                delivery.id(),
                delivery.tries(),
                at,
                took.isNegative() ? Duration.ZERO : took,
                answer.map(given -> OptionalInt.of(given.status())).orElseGet(OptionalInt::empty),
                outcome instanceof DeliveryChannel.Outcome.Failed failed
                        ? Optional.of(failed.error())
                        : Optional.empty(),
                answer.map(DeliveryChannel.Answer::start).filter(start -> !start.isEmpty()));
    }

    private CompletionStage<DeliveryChannel.Outcome> make(Delivery delivery, Optional<JobRecord> record) {
        DeliveryChannel channel = channels.get(delivery.target().channel());
        if (channel == null || record.isEmpty()) {
            return CompletableFuture.completedFuture(new DeliveryChannel.Outcome.Failed(
                    channel == null ? "there is no such channel any more" : "its job is gone", true));
        }
        CompletableFuture<DeliveryChannel.Outcome> answer =
                channel.deliver(delivery, record.get()).toCompletableFuture().copy();
        Timers.Timer timeLimit = timers.after(
                policy.timeout(), "waiting for a delivery", () -> answer.completeExceptionally(new TimeoutException()));
        return answer.whenComplete((done, problem) -> timeLimit.cancel());
    }

    private DeliveryChannel.Outcome failed(Delivery delivery, Throwable problem) {
        Throwable cause =
                problem instanceof CompletionException && problem.getCause() != null ? problem.getCause() : problem;
        if (!(cause instanceof TimeoutException)) {
            events.tell(new JobEvent.Fault(Optional.of(delivery.job()), "delivering", cause));
        }
        String error = cause instanceof TimeoutException
                ? "no answer in " + policy.timeout().toSeconds() + " s"
                : "it failed inside: " + cause.getClass().getSimpleName();
        return new DeliveryChannel.Outcome.Failed(error, false);
    }

    private DeliveryReport report(Delivery delivery, DeliveryChannel.Outcome outcome) {
        if (!(outcome instanceof DeliveryChannel.Outcome.Failed failed)) {
            return new DeliveryReport.Delivered();
        }
        Duration wait = policy.wait(delivery.tries(), random.nextDouble(), failed.pause());
        Instant end = delivery.createdAt().plus(policy.giveUpAfter());
        return failed.permanent() || clock.instant().plus(wait).isAfter(end)
                ? new DeliveryReport.GiveUp(failed.error())
                : new DeliveryReport.TryAgain(failed.error(), wait);
    }

    private void finished(DeliveryTarget target, boolean well) {
        Delivery next = null;
        List<Delivery> back = List.of();
        lock.lock();
        try {
            inHand--;
            if (well) {
                failing.remove(target);
            } else if (failing.size() < FAILING_AT_MOST) {
                failing.add(target);
            }
            Deque<Delivery> line = behind.get(target);
            if (line != null && well) {
                next = line.remove();
                inLine--;
            } else if (line != null) { // they would wait here for as long as the target takes to fail, in others' way
                back = List.copyOf(line);
                inHand -= back.size();
                inLine -= back.size();
                line.clear();
            }
            if (line != null && line.isEmpty()) {
                behind.remove(target);
            }
            if (next == null) {
                underWay.computeIfPresent(target, (same, count) -> count == 1 ? null : count - 1);
            }
        } finally {
            lock.unlock();
        }
        back.forEach(delivery -> putBack(delivery, policy.timeout()));
        if (next != null) {
            attempt(next);
        }
        wake();
    }
}
