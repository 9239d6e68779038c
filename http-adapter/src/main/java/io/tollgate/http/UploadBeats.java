package io.tollgate.http;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Says that a run goes on while its outputs are on their way, as a worker on a slow link may say nothing else
 * meanwhile. Ends with the upload, with the run, or after {@link #AT_MOST}: whoever sends a byte now and then keeps no
 * run for ever.
 */
final class UploadBeats {
    /** How long an upload keeps a run by itself. */
    static final Duration AT_MOST = Duration.ofHours(1);

    private final CompletionStage<?> upload;
    private final Duration every;
    private final BooleanSupplier beat;
    private final ScheduledExecutorService timers;
    private final Executor io;

    private UploadBeats(
            CompletionStage<?> upload,
            Duration every,
            BooleanSupplier beat,
            ScheduledExecutorService timers,
            Executor io) {
        this.upload = upload;
        this.every = every;
        this.beat = beat;
        this.timers = timers;
        this.io = io;
    }

    /**
     * Beats until {@code upload} ends.
     *
     * @param every how often; the first after as long
     * @param beat says that it goes on, and whether that is still so; it may block
     */
    static void until(
            CompletionStage<?> upload,
            Duration every,
            BooleanSupplier beat,
            ScheduledExecutorService timers,
            Executor io) {
        new UploadBeats(upload, every, beat, timers, io).next(AT_MOST);
    }

    private void next(Duration left) {
        CompletableFuture<?> ends = upload.toCompletableFuture();
        if (ends.isDone() || left.compareTo(every) < 0) {
            return;
        }
        try {
            Future<?> timer = timers.schedule(
                    () -> hand(left.minus(every)), Math.max(1, every.toMillis()), TimeUnit.MILLISECONDS);
            CompletableFuture<?> unused = ends.whenComplete((form, problem) -> timer.cancel(false));
        } catch (RejectedExecutionException closing) {
            // the server stops, and the next process gives workers time
        }
    }

    private void hand(Duration left) {
        io.execute(() -> {
            if (!upload.toCompletableFuture().isDone() && beat.getAsBoolean()) {
                next(left);
            }
        });
    }
}
