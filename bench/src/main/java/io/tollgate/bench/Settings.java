package io.tollgate.bench;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * How much is measured.
 *
 * @param rounds measured rounds, at least 1
 * @param warmUps rounds before them that don't count, at least 0
 * @param jobs the most jobs of a scenario and round, at least 1
 * @param limit the longest a scenario runs in a round, positive
 * @param idleJobs the jobs of the idle scenario, at least 1
 */
record Settings(int rounds, int warmUps, int jobs, Duration limit, int idleJobs) {
    Settings {
        check(rounds >= 1, "rounds must be at least 1", rounds);
        check(warmUps >= 0, "warm-ups must be at least 0", warmUps);
        check(jobs >= 1, "jobs must be at least 1", jobs);
        check(idleJobs >= 1, "idle jobs must be at least 1", idleJobs);
        check(limit.toNanos() > 0, "the time limit must be positive", limit);
    }

    /** One round of that many jobs that may take its time. */
    static Settings once(int jobs, TimeUnit unit, long time) {
        return new Settings(1, 0, jobs, Duration.of(time, unit.toChronoUnit()), 1);
    }

    /** The same, but for at most this long a scenario. */
    Settings within(Duration most) {
        return new Settings(rounds, warmUps, jobs, most, idleJobs);
    }

    private static void check(boolean ok, String rule, Object value) {
        if (!ok) {
            throw new IllegalArgumentException(rule + ": " + value);
        }
    }
}
