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
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

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
            claim().whenComplete((claimed, problem) -> {
                if (problem != null) {
                    trouble(problem);
                }
                rest(problem == null && claimed);
            });
        } catch (RuntimeException problem) {
            trouble(problem);
            rest(false);
        }
    }

    /** One round is over: goes on at once if there may be more, else sets the alarm and waits to be woken. */
    private void rest(boolean more) {
        boolean goOn;
        lock.lock();
        try {
            goOn = again || more;
            again = false;
            busy = false;
        } finally {
            lock.unlock();
        }
        if (goOn) {
            wake();
        } else {
            setAlarm(nextTime());
        }
    }

    private void trouble(Throwable problem) {
        events.tell(new JobEvent.Fault(Optional.empty(), "dispatching queue " + queue, problem));
        setAlarm(clock.instant().plus(AFTER_TROUBLE));
    }

    /** Claims once. Completes with whether anything was started, so that there may be more. */
    private CompletionStage<Boolean> claim() {
        int room = Math.min(backends.freeSlots(queue), CLAIM_AT_MOST);
        boolean waiting = line.sets().stream().anyMatch(set -> set.ready() > 0);
        if (room == 0 || !waiting) {
            return CompletableFuture.completedFuture(false);
        }
        List<Offer> offers = backends.offers(queue);
        List<RunId> runIds =
                Stream.generate(() -> new RunId(ids.next())).limit(room).toList();
        return store.execute(new JobCommand.Claim(queue, node, offers, runIds, settings.leaseTtl()))
                .thenApply(claimed -> {
                    claimed.forEach(driver);
                    return !claimed.isEmpty();
                });
    }

    /** Lets into the line whose backoff is over, promotes who waited long, expires who waited too long. */
    private void keepTime() {
        Instant now = clock.instant();
        line.becomeReady(now);
        for (JobId job : line.expired(now, SWEEP_AT_MOST)) {
            int targets = store.find(job)
                    .map(found -> found.job().spec().targets().size())
                    .orElse(0);
            List<DeliveryId> owed = Stream.generate(() -> new DeliveryId(ids.next()))
                    .limit(targets)
                    .toList();
            store.execute(new JobCommand.Expire(job, owed)).whenComplete((done, problem) -> report(job, problem));
        }
        for (JobId job : line.overdue(now.minus(settings.promoteAfter()), SWEEP_AT_MOST)) {
            store.execute(new JobCommand.Promote(job)).whenComplete((done, problem) -> report(job, problem));
        }
    }

    private void report(JobId job, @Nullable Throwable problem) {
        if (problem != null) {
            events.tell(new JobEvent.Fault(Optional.of(job), "promoting or expiring", problem));
        }
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
            alarm = timers.after(Duration.between(now, next), "watching queue " + queue, this::wake);
        } finally {
            lock.unlock();
        }
    }
}
