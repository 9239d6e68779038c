package io.tollgate.queue.dispatch;

import io.tollgate.queue.backend.Backends;
import io.tollgate.queue.event.Events;
import io.tollgate.queue.event.JobEvent;
import io.tollgate.queue.event.Timers;
import io.tollgate.queue.job.DeliveryId;
import io.tollgate.queue.job.IdSource;
import io.tollgate.queue.job.JobCommand;
import io.tollgate.queue.job.JobCommand.Claimed;
import io.tollgate.queue.job.JobCommand.Offer;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobStore;
import io.tollgate.queue.job.NodeId;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.RunId;
import io.tollgate.queue.lane.WaitingLine;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Runs one queue: when it is woken, it claims what there is room for and hands it to the drivers; and it lets jobs back
 * into the line, promotes and expires them when their time comes. At most one claim is under way, and waking it
 * meanwhile makes it look once more. Safe for use by many threads; nothing here blocks.
 */
public final class QueueManager {
    /** The most attempts of one claim: keeps the units of the store short. */
    static final int CLAIM_AT_MOST = 64;

    /** The most jobs that are promoted or expired in one go. */
    static final int SWEEP_AT_MOST = 256;

    private static final Duration AFTER_TROUBLE = Duration.ofSeconds(1);

    /** When to look again if jobs and slots were there and none was claimed: another node's clock may be behind. */
    private static final Duration AFTER_NOTHING = Duration.ofSeconds(1);

    private final QueueName queue;
    private final WaitingLine line;
    private final JobStore store;
    private final Backends backends;
    private final Consumer<Claimed> driver;
    private final NodeId node;
    private final DispatchSettings settings;
    private final Timers timers;
    private final InstantSource clock;
    private final IdSource ids;
    private final Events events;

    private final ReentrantLock lock = new ReentrantLock();
    private boolean open;
    private boolean busy;
    private boolean again;
    private Timers.Timer alarm = Timers.Timer.NONE;
    private Instant alarmAt = Instant.MAX;
    private volatile CompletableFuture<?> timekeeping = CompletableFuture.completedFuture(null);

    QueueManager(QueueName queue, WaitingLine line, Consumer<Claimed> driver, Dispatch.Tools tools) {
        this.queue = queue;
        this.line = line;
        this.driver = driver;
        this.store = tools.store();
        this.backends = tools.backends();
        this.node = tools.node();
        this.settings = tools.settings();
        this.timers = tools.timers();
        this.clock = tools.clock();
        this.ids = tools.ids();
        this.events = tools.events();
    }

    public QueueName queue() {
        return queue;
    }

    void start() {
        lock.lock();
        try {
            open = true;
        } finally {
            lock.unlock();
        }
        events.tell(new JobEvent.ManagerChanged(queue, true));
        wake();
    }

    /** Claims nothing any more; what runs goes on. */
    void stop() {
        lock.lock();
        try {
            if (!open) {
                return;
            }
            open = false;
            alarm.cancel();
            alarmAt = Instant.MAX;
        } finally {
            lock.unlock();
        }
        events.tell(new JobEvent.ManagerChanged(queue, false));
    }

    /** Says that there may be something to do. Cheap, and never lost. */
    void wake() {
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
        try {
            keepTime();
            claim().whenComplete((round, problem) -> {
                if (problem != null) {
                    trouble(problem);
                }
                rest(problem == null ? round : Round.IDLE);
            });
        } catch (RuntimeException problem) {
            trouble(problem);
            rest(Round.IDLE);
        }
    }

    /** One round is over: goes on at once if there may be more, else sets the alarm and waits to be woken. */
    private void rest(Round round) {
        boolean goOn;
        lock.lock();
        try {
            goOn = again || round == Round.CLAIMED;
            again = false;
            busy = false;
        } finally {
            lock.unlock();
        }
        if (goOn) {
            wake();
        } else {
            Instant next = nextTime();
            Instant soon = clock.instant().plus(AFTER_NOTHING);
            setAlarm(round == Round.NOTHING && soon.isBefore(next) ? soon : next);
        }
    }

    /** How one look at the line went. */
    private enum Round {
        /** There was nothing to claim, or no room. */
        IDLE,
        /** There were ready jobs and free slots, and yet none was claimed. */
        NOTHING,
        /** Jobs were started, so that there may be more. */
        CLAIMED
    }

    private void trouble(Throwable problem) {
        events.tell(new JobEvent.Fault(Optional.empty(), "dispatching queue " + queue, problem));
        setAlarm(clock.instant().plus(AFTER_TROUBLE));
    }

    private CompletionStage<Round> claim() {
        int room = Math.min(backends.freeSlots(queue), CLAIM_AT_MOST);
        boolean waiting = line.sets().stream().anyMatch(set -> set.ready() > 0);
        if (room == 0 || !waiting) {
            return CompletableFuture.completedFuture(Round.IDLE);
        }
        List<Offer> offers = backends.offers(queue);
        List<RunId> runIds =
                Stream.generate(() -> new RunId(ids.next())).limit(room).toList();
        return store.execute(new JobCommand.Claim(queue, node, offers, runIds, settings.leaseTtl()))
                .thenApply(claimed -> {
                    claimed.forEach(driver);
                    return claimed.isEmpty() ? Round.NOTHING : Round.CLAIMED;
                });
    }

    /** Lets into the line whose backoff is over, promotes who waited long, expires who waited too long. */
    private void keepTime() {
        Instant now = clock.instant();
        line.becomeReady(now);
        if (!timekeeping.isDone()) {
            return; // those that were found are still being seen to, and would be found again
        }
        List<CompletableFuture<Boolean>> asked = new ArrayList<>();
        for (JobId job : line.expired(now, SWEEP_AT_MOST)) {
            int targets = store.find(job)
                    .map(found -> found.job().spec().targets().size())
                    .orElse(0);
            List<DeliveryId> owed = Stream.generate(() -> new DeliveryId(ids.next()))
                    .limit(targets)
                    .toList();
            asked.add(reported(job, store.execute(new JobCommand.Expire(job, owed))));
        }
        for (JobId job : line.overdue(now.minus(settings.promoteAfter()), SWEEP_AT_MOST)) {
            asked.add(reported(job, store.execute(new JobCommand.Promote(job))));
        }
        if (!asked.isEmpty()) {
            CompletableFuture<Void> all = CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new));
            timekeeping = all;
            CompletionStage<Void> unused = all.thenRun(() -> {
                if (asked.stream().anyMatch(CompletableFuture::join)) {
                    wake(); // there may be more, and what was changed may have made room
                }
            });
        }
    }

    /** Completes with whether anything was changed, in any case. */
    private CompletableFuture<Boolean> reported(JobId job, CompletionStage<Boolean> answer) {
        return answer.exceptionally(problem -> {
                    events.tell(new JobEvent.Fault(Optional.of(job), "promoting or expiring", problem));
                    return false;
                })
                .toCompletableFuture();
    }

    private Instant nextTime() {
        return Stream.of(line.nextReadyAt(), line.nextExpiryAt(), line.nextOverdueAt(settings.promoteAfter()))
                .flatMap(Optional::stream)
                .min(Instant::compareTo)
                .orElse(Instant.MAX);
    }

    private void setAlarm(Instant at) {
        Instant now = clock.instant();
        // what is due already and was not done, for want of a store perhaps, must not make this spin
        Instant earliest = now.plusMillis(1);
        Instant sweep = now.plus(settings.sweep());
        Instant next = at.isBefore(earliest) ? now.plus(AFTER_TROUBLE) : at.isAfter(sweep) ? sweep : at;
        lock.lock();
        try {
            if (!open || (alarmAt.isAfter(now) && !alarmAt.isAfter(next))) {
                return;
            }
            alarm.cancel();
            alarmAt = next;
            alarm = timers.after(Duration.between(now, next), "watching queue " + queue, this::rung);
        } finally {
            lock.unlock();
        }
    }

    private void rung() {
        lock.lock();
        try {
            // it may ring a little early, or the clock may have been set back: the next one is not to wait for it
            alarmAt = Instant.MAX;
        } finally {
            lock.unlock();
        }
        wake();
    }
}
