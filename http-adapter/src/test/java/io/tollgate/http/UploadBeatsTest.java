package io.tollgate.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class UploadBeatsTest {
    private static final Duration EVERY = Duration.ofSeconds(20);

    private final Deque<Runnable> waiting = new ArrayDeque<>();

    /** Rings when the test says so. */
    private final ScheduledThreadPoolExecutor timers = new ScheduledThreadPoolExecutor(1) {
        @Override
        public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
            assertThat(unit.toSeconds(delay)).isEqualTo(EVERY.toSeconds());
            ScheduledFuture<?> never = super.schedule(() -> {}, 1, TimeUnit.DAYS);
            waiting.add(task);
            return never;
        }
    };

    private final CompletableFuture<String> upload = new CompletableFuture<>();
    private final AtomicInteger beats = new AtomicInteger();

    @AfterEach
    void stop() {
        timers.shutdownNow();
    }

    private void ring(int times) {
        for (int i = 0; i < times && !waiting.isEmpty(); i++) {
            waiting.remove().run();
        }
    }

    @Test
    void until_theUploadEnds_beatsAndThenNoMore() {
        UploadBeats.until(upload, EVERY, () -> beats.incrementAndGet() > 0, timers, Runnable::run);

        ring(3);
        assertThat(beats).hasValue(3);
        upload.completeExceptionally(new IllegalStateException("the connection broke"));
        ring(3);

        assertThat(beats).hasValue(3);
        assertThat(waiting).isEmpty();
    }

    @Test
    void until_theRunIsOver_beatsNoMore() {
        UploadBeats.until(upload, EVERY, () -> beats.incrementAndGet() < 2, timers, Runnable::run);

        ring(5);

        assertThat(beats).hasValue(2);
        assertThat(waiting).isEmpty();
    }

    @Test
    void until_anUploadThatNeverEnds_beatsAnHour() {
        UploadBeats.until(upload, EVERY, () -> beats.incrementAndGet() > 0, timers, Runnable::run);

        ring(1000);

        assertThat(beats).hasValue(180);
        assertThat(waiting).isEmpty();
    }

    @Test
    void until_afterTheTimersStopped_isQuiet() {
        timers.shutdownNow();

        UploadBeats.until(upload, EVERY, () -> beats.incrementAndGet() > 0, timers, Runnable::run);

        assertThat(beats).hasValue(0);
    }
}
