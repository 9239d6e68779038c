package io.tollgate.queue.pull;

import io.tollgate.queue.backend.Mailbox;
import io.tollgate.queue.backend.RunRequest;
import io.tollgate.queue.job.RunId;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** A run that a {@link PullBackend} has. Everything that changes is guarded by its lock, but for the mailbox. */
final class PulledRun {
    /** Where it is. */
    enum Stage {
        /** At the desk. */
        WAITING,
        /** Set aside for a claim that is about to be answered. */
        RESERVED,
        /** With a worker. */
        CLAIMED,
        /** Over, and not forgotten yet. */
        ENDED
    }

    final RunId id;
    final Optional<RunRequest> request;
    final Optional<String> graph;
    final Mailbox mailbox = new Mailbox();
    final CompletableFuture<Boolean> settled = new CompletableFuture<>();
    Stage stage = Stage.WAITING;
    String worker = "of an earlier process";
    Instant leaseUntil = Instant.MIN;
    boolean heardOf;
    boolean cancelAsked;
    boolean cancelTold;
    Heard.@Nullable End end;
    Runnable release = () -> {};

    @Nullable Future<?> timer;

    /** @param request empty for one that was handed out before a restart */
    PulledRun(RunId id, Optional<RunRequest> request, Optional<String> graph) {
        this.id = id;
        this.request = request;
        this.graph = graph;
    }

    boolean isWithWorker() {
        return stage == Stage.RESERVED || stage == Stage.CLAIMED;
    }

    /** Calls its alarm off. */
    void calm() {
        Future<?> set = timer;
        if (set != null) {
            set.cancel(false);
            timer = null;
        }
    }
}
