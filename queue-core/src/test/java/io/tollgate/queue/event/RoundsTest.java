package io.tollgate.queue.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class RoundsTest {
    private final Deque<Runnable> handed = new ArrayDeque<>();
    private final List<CompletableFuture<Rounds.Outcome>> begun = new ArrayList<>();
    private final ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1) {
        @Override
        public void execute(Runnable body) {
            handed.add(body);
        }
    };
    private final Events events = new Events(executor);
    private final Rounds rounds = new Rounds(
            "counting", 1, this::round, new Timers(executor, events), InstantSource.fixed(Instant.EPOCH), events);

    private CompletableFuture<Rounds.Outcome> round() {
        CompletableFuture<Rounds.Outcome> outcome = new CompletableFuture<>();
        begun.add(outcome);
        return outcome;
    }

    @BeforeEach
    void open() {
        rounds.start();
        runHanded();
        begun.get(0).complete(new Rounds.Outcome(false, Duration.ofHours(1)));
        begun.clear();
    }

    @AfterEach
    void close() {
        rounds.stop();
        executor.shutdownNow();
    }

    private void runHanded() {
        while (!handed.isEmpty()) {
            handed.remove().run();
        }
    }

    @Test
    void wake_nothingUnderWay_beginsOnAnotherThread() {
        rounds.wake();

        assertThat(begun).isEmpty();
        runHanded();
        assertThat(begun).hasSize(1);
    }

    @Test
    void wakeHere_nothingUnderWay_hasBegunOnReturn() {
        rounds.wakeHere();

        assertThat(begun).hasSize(1);
        assertThat(handed).isEmpty();
    }

    @Test
    void wakeHere_oneUnderWay_isFollowedByAnother() {
        rounds.wakeHere();
        rounds.wakeHere();
        assertThat(begun).hasSize(1);

        begun.get(0).complete(new Rounds.Outcome(false, Duration.ofHours(1)));
        runHanded();

        assertThat(begun).hasSize(2);
    }

    @Test
    void wakeHere_stopped_beginsNothing() {
        rounds.stop();

        rounds.wakeHere();
        runHanded();

        assertThat(begun).isEmpty();
    }
}
