package io.tollgate.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.credits.test.MutableClock;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever is done, a SQLite store answers and shows what one in memory does. */
@Timeout(300)
final class StoreWalkTest {
    @TempDir
    Path directory;

    private final MutableClock clock = new MutableClock();

    static LongStream seeds() {
        return LongStream.concat(LongStream.of(1, 2, 3), new Random().longs(2));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void walk_anyCommands_answersAndShowsWhatMemoryDoes(long seed) {
        try (StoreFixture fixture = new StoreFixture(directory, StoreWalk.POLICY, clock)) {
            StoreWalk walk = new StoreWalk(fixture.store(), clock, seed, true);

            walk.walk(150);

            assertThat(fixture.errors).isEmpty();
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void walk_throughRestarts_answersAndShowsWhatMemoryDoes(long seed) {
        try (StoreFixture fixture = new StoreFixture(directory, StoreWalk.POLICY, clock)) {
            StoreWalk walk = new StoreWalk(fixture.store(), clock, seed, false);

            for (int i = 0; i < 12; i++) {
                walk.walk(12);
                walk.continueOn(fixture.restart());
                walk.compare();
            }

            assertThat(fixture.errors).isEmpty();
        }
    }
}
