package io.tollgate.queue.delivery;

import io.tollgate.queue.event.Events;
import io.tollgate.queue.event.JobEvent;
import io.tollgate.queue.event.Timers;
import io.tollgate.queue.job.Delivery;
import io.tollgate.queue.job.DeliveryTarget;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;

/**
 * Empties the outbox: takes due deliveries in hand, makes them, and notes how it went. A target that is slow or dead
 * keeps only its own share of hands busy. Safe for use by many threads; nothing here blocks but reads of the store.
 */
public final class Deliverer {
    private static final Duration AFTER_TROUBLE = Duration.ofSeconds(1);
    private static final Duration SWEEP = Duration.ofMinutes(1);

    private final Map<String, DeliveryChannel> channels = new HashMap<>();
    private final JobStore store;
    private final DeliveryPolicy policy;
    private final Timers timers;
    private final Executor io;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final Events events;

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<DeliveryTarget, Integer> underWay = new HashMap<>();
    private final Map<DeliveryTarget, Deque<Delivery>> behind = new HashMap<>();
    private int inHand;
    private boolean open;
    private boolean busy;
    private boolean again;
    private Timers.Timer alarm = Timers.Timer.NONE;

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

    public void start() {
        lock.lock();
        try {
            open = true;
        } finally {
            lock.unlock();
        }
        wake();
    }

    /** Takes nothing in hand any more; what is under way is noted when it is done. */
    public void stop() {
        lock.lock();
        try {
            open = false;
            alarm.cancel();
        } finally {
            lock.unlock();
        }
    }

    /** Says that something may be due. Cheap, and never lost. */
    public void wake() {
        lock.lock();
        try {
            if (!open) {
                return;
            }
            if (busy) {
                again = true;
                return;
            }
            busy = true;
        } finally {
            lock.unlock();
        }
        timers.execute(this::work);
    }

    private void work() {
        int room;
        lock.lock();
        try {
            room = policy.inAll() - inHand;
        } finally {
            lock.unlock();
        }
        if (room <= 0) {
            rest(false, SWEEP); // whoever is done wakes us
            return;
        }
        // in hand for longer than any try can take, so that nobody else begins it meanwhile
        Duration hold = policy.timeout().multipliedBy(2).plus(Duration.ofSeconds(30));
        try {
            store.execute(new JobCommand.TakeDeliveries(room, hold)).whenComplete((taken, problem) -> {
                if (problem != null) {
                    events.tell(new JobEvent.Fault(Optional.empty(), "taking deliveries", problem));
                    rest(false, AFTER_TROUBLE);
                    return;
                }
                taken.forEach(this::begin);
                rest(taken.size() == room, untilNext());
            });
        } catch (RuntimeException problem) {
            events.tell(new JobEvent.Fault(Optional.empty(), "taking deliveries", problem));
            rest(false, AFTER_TROUBLE);
        }
    }

    private Duration untilNext() {
        Instant now = clock.instant();
        return store.nextDelivery()
                .map(next -> Duration.between(now, next))
                .filter(wait -> wait.compareTo(SWEEP) < 0)
                .map(wait -> wait.isNegative() || wait.isZero() ? Duration.ofMillis(1) : wait)
                .orElse(SWEEP);
    }

    private void rest(boolean more, Duration wait) {
        boolean goOn;
        lock.lock();
        try {
            goOn = again || more;
            again = false;
            busy = false;
            if (!goOn && open) {
                alarm.cancel();
                alarm = timers.after(wait, "watching the outbox", this::wake);
            }
        } finally {
            lock.unlock();
        }
        if (goOn) {
            wake();
        }
    }

    private void begin(Delivery delivery) {
        lock.lock();
        try {
            inHand++;
            int busyHands = underWay.getOrDefault(delivery.target(), 0);
            if (busyHands >= policy.perTarget()) {
                behind.computeIfAbsent(delivery.target(), target -> new ArrayDeque<>())
                        .add(delivery);
                return;
            }
            underWay.put(delivery.target(), busyHands + 1);
        } finally {
            lock.unlock();
        }
        attempt(delivery);
    }

    private void attempt(Delivery delivery) {
        CompletionStage<Optional<JobRecord>> found =
                CompletableFuture.supplyAsync(() -> store.find(delivery.job()), io);
        found.thenCompose(record -> make(delivery, record))
                .handle((outcome, problem) -> problem == null ? report(delivery, outcome) : failed(delivery, problem))
                .thenCompose(
                        report -> store.execute(new JobCommand.ReportDelivery(delivery.id(), delivery.tries(), report)))
                .whenComplete((noted, problem) -> {
                    if (problem != null) { // stays in hand until its time is over, and is then tried again
                        events.tell(new JobEvent.Fault(Optional.of(delivery.job()), "noting a delivery", problem));
                    }
                    finished(delivery.target());
                });
    }

    private CompletionStage<DeliveryChannel.Outcome> make(Delivery delivery, Optional<JobRecord> record) {
        DeliveryChannel channel = channels.get(delivery.target().channel());
        if (channel == null || record.isEmpty()) {
            return CompletableFuture.completedFuture(new DeliveryChannel.Outcome.Failed(
                    channel == null ? "there is no such channel any more" : "its job is gone", true));
        }
        return channel.deliver(delivery, record.get())
                .toCompletableFuture()
                .copy()
                .orTimeout(policy.timeout().toMillis(), TimeUnit.MILLISECONDS);
    }

    private DeliveryReport failed(Delivery delivery, Throwable problem) {
        Throwable cause = problem.getCause() != null ? problem.getCause() : problem;
        if (!(cause instanceof TimeoutException)) {
            events.tell(new JobEvent.Fault(Optional.of(delivery.job()), "delivering", cause));
        }
        String error = cause instanceof TimeoutException
                ? "no answer in " + policy.timeout().toSeconds() + " s"
                : "it failed inside: " + cause.getClass().getSimpleName();
        return report(delivery, new DeliveryChannel.Outcome.Failed(error, false));
    }

    private DeliveryReport report(Delivery delivery, DeliveryChannel.Outcome outcome) {
        if (!(outcome instanceof DeliveryChannel.Outcome.Failed failed)) {
            return new DeliveryReport.Delivered();
        }
        Duration wait = policy.backoff(delivery.tries(), random.nextDouble());
        Instant end = delivery.createdAt().plus(policy.giveUpAfter());
        return failed.permanent() || clock.instant().plus(wait).isAfter(end)
                ? new DeliveryReport.GiveUp(failed.error())
                : new DeliveryReport.TryAgain(failed.error(), wait);
    }

    private void finished(DeliveryTarget target) {
        Delivery next = null;
        lock.lock();
        try {
            inHand--;
            Deque<Delivery> line = behind.get(target);
            if (line != null) {
                next = line.poll();
                if (line.isEmpty()) {
                    behind.remove(target);
                }
            }
            if (next == null) {
                underWay.computeIfPresent(target, (same, count) -> count == 1 ? null : count - 1);
            }
        } finally {
            lock.unlock();
        }
        if (next != null) {
            attempt(next);
        }
        wake();
    }
}
