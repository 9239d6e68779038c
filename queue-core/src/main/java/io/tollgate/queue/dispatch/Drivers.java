package io.tollgate.queue.dispatch;

import io.tollgate.queue.event.JobEvent;
import io.tollgate.queue.job.Attempt;
import io.tollgate.queue.job.AttemptRef;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.JobCommand;
import io.tollgate.queue.job.JobCommand.Claimed;
import io.tollgate.queue.job.JobId;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The attempts that this node drives: begins them, takes them over, keeps their leases alive. Runs that an operator
 * gave up are looked for a while longer, but driven no more. Thread-safe.
 */
final class Drivers {
    private final Map<JobId, AttemptDriver> driving = new ConcurrentHashMap<>();
    private final Map<JobId, AttemptDriver> late = new ConcurrentHashMap<>();
    private final Dispatch.Tools tools;
    private final Runnable leaving;
    private volatile @Nullable CompletableFuture<Void> idle;
    private volatile boolean closed;

    /** @param leaving hears that an end is on its way to the store, so that a claim can follow it */
    Drivers(Dispatch.Tools tools, Runnable leaving) {
        this.tools = tools;
        this.leaving = leaving;
    }

    /** Begins to drive an attempt that was just claimed. */
    void begin(Claimed claimed) {
        drive(claimed, AttemptDriver::begin);
    }

    private void drive(Claimed claimed, Consumer<AttemptDriver> how) {
        AttemptDriver driver = new AttemptDriver(claimed, tools, this);
        put(driver);
        if (closed) {
            leave(driver); // claimed while everything stopped: the next start takes it up
        } else {
            how.accept(driver);
        }
    }

    private void put(AttemptDriver driver) {
        AttemptDriver before = driving.put(driver.job().id(), driver);
        if (before != null) {
            before.abandon(false);
        }
    }

    /**
     * Takes over attempts that nobody drives.
     *
     * @param own whether those of this node's own name count: only at its start
     */
    CompletionStage<Integer> takeOver(boolean own) {
        return tools.store()
                .execute(new JobCommand.TakeOver(
                        tools.node(), own, tools.settings().leaseTtl()))
                .thenApply(taken -> {
                    taken.forEach(this::resume);
                    return taken.size();
                });
    }

    /** Goes on with an attempt whose run may have begun. */
    void resume(Claimed claimed) {
        drive(claimed, AttemptDriver::resume);
    }

    boolean drives(Attempt attempt) {
        AttemptDriver driver = driving.get(attempt.job());
        return driver != null && driver.ref().equals(attempt.ref());
    }

    /** Says for all attempts that this node lives. */
    CompletionStage<?> renew() {
        List<AttemptRef> refs =
                driving.values().stream().map(AttemptDriver::ref).toList();
        if (refs.isEmpty()) {
            return CompletableFuture.completedFuture(refs);
        }
        return tools.store()
                .execute(new JobCommand.Renew(
                        tools.node(), refs, tools.settings().leaseTtl()))
                .thenAccept(result -> result.lost().forEach(this::lost));
    }

    private void lost(AttemptRef ref) {
        AttemptDriver driver = driving.get(ref.job());
        if (driver != null && driver.ref().equals(ref)) {
            driver.abandon(false);
        }
    }

    /**
     * Takes back a run that waits at one of these backends and has not begun, one of the least important and of those
     * the last that came.
     *
     * @return whether it could be taken back, once that is known; empty if there is none
     */
    Optional<CompletionStage<Boolean>> recallOne(Set<BackendId> backends) {
        return driving.values().stream()
                .filter(driver -> backends.contains(driver.backend()) && driver.isRecallable())
                .max(Comparator.comparing(driver -> driver.job().orderKey()))
                .map(AttemptDriver::recall);
    }

    /** Hears that a running job was asked to stop. */
    void cancel(JobId job) {
        AttemptDriver driver = driving.get(job);
        if (driver != null) {
            driver.cancel();
        }
    }

    /**
     * Hears that an attempt ended. If neither its driver nor another node ended it, an operator did: its run is
     * stopped.
     *
     * @param mayStillSucceed whether what the run made counts even so
     */
    void ended(Attempt attempt, boolean mayStillSucceed) {
        AttemptDriver driver = driving.get(attempt.job());
        if (driver == null || driver.ref().number() != attempt.number() || driver.isEnding()) {
            return;
        }
        if (mayStillSucceed && !closed && driver.ref().equals(attempt.ref())) {
            late.put(attempt.job(), driver);
            drop(driver);
            driver.giveUpByHand();
        } else {
            driver.abandon(driver.ref().equals(attempt.ref()));
        }
    }

    /** Hears that an attempt's end is on its way to the store. */
    void leaving() {
        leaving.run();
    }

    void left(AttemptDriver driver) {
        late.remove(driver.ref().job(), driver);
        drop(driver);
    }

    private void drop(AttemptDriver driver) {
        driving.remove(driver.ref().job(), driver);
        CompletableFuture<Void> waiter = idle;
        if (waiter != null && driving.isEmpty()) {
            waiter.complete(null);
        }
    }

    int size() {
        return driving.size();
    }

    /** Completes when no attempt is being driven any more. */
    CompletableFuture<Void> whenIdle() {
        CompletableFuture<Void> waiter = new CompletableFuture<>();
        idle = waiter;
        if (driving.isEmpty()) {
            waiter.complete(null);
        }
        return waiter;
    }

    /** Stops driving without a word to anyone: leases stay, and runs are taken up after the restart. */
    void leaveAll() {
        closed = true;
        List.copyOf(driving.values()).forEach(this::leave);
        List.copyOf(late.values()).forEach(driver -> driver.abandon(false));
    }

    private void leave(AttemptDriver driver) {
        tools.events().tell(new JobEvent.Left(driver.job().id(), driver.ref().number()));
        driver.abandon(false);
    }
}
