package io.tollgate.queue.dispatch;

import io.tollgate.queue.backend.Backends;
import io.tollgate.queue.event.Events;
import io.tollgate.queue.event.JobEvent;
import io.tollgate.queue.event.Rounds;
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
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Runs one queue: when it is woken, it claims what there is room for and hands it to the drivers; and it lets jobs back
 * into the line, promotes and expires them when their time comes. Safe for use by many threads; nothing here blocks.
 */
public final class QueueManager {
    /** The most attempts of one claim: keeps the units of the store short. */
    static final int CLAIM_AT_MOST = 64;

    /** The most jobs that are promoted or expired in one go. */
    static final int SWEEP_AT_MOST = 256;

    /** So that a claim can be handed in behind the ends that make room for it, while another is being stored. */
    private static final int ABREAST = 2;

    /** When to look again if jobs and slots were there and none was claimed: another node's clock may be behind. */
    private static final Duration AFTER_NOTHING = Duration.ofSeconds(1);

    private final QueueName queue;
    private final WaitingLine line;
    private final JobStore store;
    private final Backends backends;
    private final Consumer<Claimed> driver;
    private final Runnable inDoubt;
    private final NodeId node;
    private final DispatchSettings settings;
    private final InstantSource clock;
    private final IdSource ids;
    private final Events events;

    private final Rounds rounds;
    private final AtomicInteger asked = new AtomicInteger();
    private final ReentrantLock keeping = new ReentrantLock();
    private final ReentrantLock recalling = new ReentrantLock();
    private final Recalls recalls;
    private volatile CompletableFuture<?> timekeeping = CompletableFuture.completedFuture(null);

    /**
     * @param driver drives what is claimed
     * @param inDoubt hears that nobody knows whether a claim was stored
     * @param recalls is asked for room when there is none; of this queue alone
     */
    QueueManager(
            QueueName queue,
            WaitingLine line,
            Consumer<Claimed> driver,
            Runnable inDoubt,
            Recalls recalls,
            Dispatch.Tools tools) {
        this.queue = queue;
        this.line = line;
        this.driver = driver;
        this.inDoubt = inDoubt;
        this.recalls = recalls;
        this.store = tools.store();
        this.backends = tools.backends();
        this.node = tools.node();
        this.settings = tools.settings();
        this.clock = tools.clock();
        this.ids = tools.ids();
        this.events = tools.events();
        this.rounds = new Rounds(
                "dispatching queue " + queue, ABREAST, this::round, tools.timers(), tools.clock(), tools.events());
    }

    public QueueName queue() {
        return queue;
    }

    void start() {
        events.tell(new JobEvent.ManagerChanged(queue, true));
        rounds.start();
    }

    /** Claims nothing any more; what runs goes on. */
    void stop() {
        if (rounds.stop()) {
            events.tell(new JobEvent.ManagerChanged(queue, false));
        }
    }

    /** Says that there may be something to do. Cheap, and never lost. */
    void wake() {
        rounds.wake();
    }

    /** Says the same, and hands a claim in before it returns: behind what the caller has just handed in. */
    void wakeHere() {
        rounds.wakeHere();
    }

    private CompletionStage<Rounds.Outcome> round() {
        keepTime();
        int room = room();
        if (room == 0) {
            recall();
            return CompletableFuture.completedStage(new Rounds.Outcome(false, untilNext()));
        }
        return claim(room)
                .whenComplete((claimed, problem) -> {
                    asked.addAndGet(-room);
                    if (problem != null) {
                        inDoubt.run();
                    }
                })
                .thenApply(claimed -> {
                    claimed.forEach(driver);
                    if (claimed.isEmpty()) {
                        recall(); // what is free may not do for those who wait
                    }
                    Duration next = untilNext();
                    return new Rounds.Outcome(
                            !claimed.isEmpty(),
                            claimed.isEmpty() && next.compareTo(AFTER_NOTHING) > 0 ? AFTER_NOTHING : next);
                });
    }

    private CompletionStage<List<Claimed>> claim(int room) {
        try {
            List<Offer> offers = backends.offers(queue);
            List<RunId> runIds =
                    Stream.generate(() -> new RunId(ids.next())).limit(room).toList();
            return store.execute(new JobCommand.Claim(queue, node, offers, runIds, settings.leaseTtl()));
        } catch (RuntimeException problem) {
            return CompletableFuture.failedStage(problem);
        }
    }

    /** Rounds may overlap: who finds another at it has nothing to add. */
    private void recall() {
        if (recalling.tryLock()) {
            try {
                recalls.look(line);
            } finally {
                recalling.unlock();
            }
        }
    }

    /** How many jobs to claim: as many as there are slots for that no claim under way has asked for. */
    private int room() {
        if (line.sets().stream().noneMatch(set -> set.ready() > 0)) {
            return 0;
        }
        int free = backends.freeSlots(queue);
        int before = asked.getAndUpdate(sum -> sum + room(free, sum));
        return room(free, before);
    }

    private static int room(int free, int asked) {
        return Math.max(0, Math.min(free - asked, CLAIM_AT_MOST));
    }

    /** Lets into the line whose backoff is over, promotes who waited long, expires who waited too long. */
    private void keepTime() {
        Instant now = clock.instant();
        line.becomeReady(now);
        if (!timekeeping.isDone() || !keeping.tryLock()) {
            return; // those that were found are still being seen to, and would be found again
        }
        try {
            timekeeping = endAndPromote(now);
        } finally {
            keeping.unlock();
        }
    }

    private CompletableFuture<?> endAndPromote(Instant now) {
        List<CompletableFuture<Boolean>> answers = new ArrayList<>();
        for (JobId job : line.expired(now, SWEEP_AT_MOST)) {
            int targets = store.find(job)
                    .map(found -> found.job().spec().targets().size())
                    .orElse(0);
            List<DeliveryId> owed = Stream.generate(() -> new DeliveryId(ids.next()))
                    .limit(targets)
                    .toList();
            answers.add(reported(job, store.execute(new JobCommand.Expire(job, owed))));
        }
        for (JobId job : line.overdue(now.minus(settings.promoteAfter()), SWEEP_AT_MOST)) {
            answers.add(reported(job, store.execute(new JobCommand.Promote(job))));
        }
        CompletableFuture<Void> all = CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new));
        CompletionStage<Void> unused = all.thenRun(() -> {
            if (answers.stream().anyMatch(CompletableFuture::join)) {
                wake(); // there may be more, and what was changed may have made room
            }
        });
        return all;
    }

    /** Completes with whether anything was changed, in any case. */
    private CompletableFuture<Boolean> reported(JobId job, CompletionStage<Boolean> answer) {
        return answer.exceptionally(problem -> {
                    events.tell(new JobEvent.Fault(Optional.of(job), "promoting or expiring", problem));
                    return false;
                })
                .toCompletableFuture();
    }

    /** How long nothing will come due by itself. */
    private Duration untilNext() {
        Instant now = clock.instant();
        return Stream.of(line.nextReadyAt(), line.nextExpiryAt(), line.nextOverdueAt(settings.promoteAfter()))
                .flatMap(Optional::stream)
                .min(Instant::compareTo)
                .map(at -> Duration.between(now, at))
                .filter(wait -> wait.compareTo(settings.sweep()) < 0)
                // what is due already and was not done, for want of a store perhaps, must not make this spin
                .map(wait -> wait.isNegative() || wait.isZero() ? AFTER_NOTHING : wait)
                .orElse(settings.sweep());
    }
}
