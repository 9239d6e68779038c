package io.tollgate.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class TickerTest {
    private final ScheduledThreadPoolExecutor timers = new ScheduledThreadPoolExecutor(1);

    @AfterEach
    void stop() {
        timers.shutdownNow();
    }

    @Test
    void add_severalAndNobody_isOneTimerAndNone() {
        timers.setRemoveOnCancelPolicy(true);
        Ticker ticker = new Ticker(timers, Duration.ofHours(1));

        Runnable first = ticker.add(() -> {});
        Runnable second = ticker.add(() -> {});
        assertThat(timers.getQueue()).hasSize(1);

        first.run();
        first.run();
        assertThat(timers.getQueue()).hasSize(1);
        second.run();
        assertThat(timers.getQueue()).isEmpty();
        ticker.add(() -> {});
        assertThat(timers.getQueue()).hasSize(1);
    }

    @Test
    void tick_oneThatThrows_hurtsNobody() {
        Ticker ticker = new Ticker(timers, Duration.ofMillis(1));
        AtomicInteger ticks = new AtomicInteger();
        AtomicInteger thrown = new AtomicInteger();

        ticker.add(() -> {
            thrown.incrementAndGet();
            throw new IllegalStateException();
        });
        ticker.add(ticks::incrementAndGet);

        ApiHouse.await(() -> ticks.get() > 2 && thrown.get() > 2);
    }
}
