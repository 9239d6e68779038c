package io.tollgate.queue.event;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Work that is done in rounds: when somebody says that there may be something to do, when time has come, and at once
 * after a round that found more. Only so many rounds are under way, and waking it meanwhile makes for another one after
 * them: no wake is lost. A round that fails is told, and another one follows soon. Safe for use by many threads.
 */
public final class Rounds {
    private static final Duration AFTER_TROUBLE = Duration.ofSeconds(1);

    private final String what;
    private final int abreast;
    private final Supplier<CompletionStage<Outcome>> round;
    private final Timers timers;
    private final InstantSource clock;
    private final Events events;

    private final ReentrantLock lock = new ReentrantLock();
    private boolean open;
    private int underWay;
    private boolean again;
    private Timers.Timer alarm = Timers.Timer.NONE;
    private Instant alarmAt = Instant.MAX;

    /**
     * How a round went.
     *
     * @param more whether there may be more to do at once
     * @param atMost if not, how long to wait for the next round at most
     */
    public record Outcome(boolean more, Duration atMost) {}

    /**
     * @param what is done, for people
     * @param abreast how many rounds may be under way at once, at least 1
     * @param round one round, which must not block; its stage completes when it is over
     */
    public Rounds(
            String what,
            int abreast,
            Supplier<CompletionStage<Outcome>> round,
            Timers timers,
            InstantSource clock,
            Events events) {
        this.what = what;
        this.abreast = abreast;
        this.round = round;
        this.timers = timers;
        this.clock = clock;
        this.events = events;
    }

    /** Begins with a first round. */
    public void start() {
        lock.lock();
        try {
            open = true;
        } finally {
            lock.unlock();
        }
        wake();
    }

    /**
     * Begins no more rounds; those under way end by themselves.
     *
     * @return whether it was running
     */
    public boolean stop() {
        lock.lock();
        try {
            boolean was = open;
            open = false;
            alarm.cancel();
            alarmAt = Instant.MAX;
            return was;
        } finally {
            lock.unlock();
        }
    }

    /** Says that there may be something to do. Cheap, and never lost. */
    public void wake() {
        if (mayBegin()) {
            timers.execute(this::begin);
        }
    }

    /**
     * Says the same, and begins the round on this thread, so that what the caller has just handed to others is followed
     * at once by what the round hands to them.
     */
    public void wakeHere() {
        if (mayBegin()) {
            begin();
        }
    }

    /** Whether a round is to begin now, which then counts as under way; else one follows those that are. */
    private boolean mayBegin() {
        lock.lock();
        try {
            if (!open) {
                return false;
            }
            if (underWay == abreast) {
                again = true;
                return false;
            }
            underWay++;
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void begin() {
        CompletionStage<Outcome> outcome;
        try {
            outcome = round.get();
        } catch (RuntimeException problem) {
            outcome = CompletableFuture.failedStage(problem);
        }
        CompletionStage<Void> unused = outcome.handle(this::told).thenAccept(this::rest);
    }

    private Outcome told(@Nullable Outcome outcome, @Nullable Throwable problem) {
        if (outcome != null) {
            return outcome;
        }
        if (problem != null) {
            events.tell(new JobEvent.Fault(Optional.empty(), what, problem));
        }
        return new Outcome(false, AFTER_TROUBLE);
    }

    private void rest(Outcome outcome) {
        boolean goOn;
        lock.lock();
        try {
            goOn = again || outcome.more();
            again = false;
            underWay--;
            if (!goOn && open) {
                setAlarm(outcome.atMost());
            }
        } finally {
            lock.unlock();
        }
        if (goOn) {
            wake();
        }
    }

    /** Sets the alarm, unless it rings earlier anyway. Called under the lock. */
    private void setAlarm(Duration wait) {
        Instant now = clock.instant();
        Instant at = now.plus(wait);
        if (alarmAt.isAfter(now) && !alarmAt.isAfter(at)) {
            return;
        }
        alarm.cancel();
        alarmAt = at;
        alarm = timers.after(wait, what, this::rung);
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
