package io.tollgate.bench;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** What is measured. */
enum Scenario {
    SUBMIT_1("submit-1", "submit, 1 caller", "jobs/s", 1),
    SUBMIT_64("submit-64", "submit, 64 callers", "jobs/s", 64),
    COMPLETE_1("complete-1", "claim + complete, 1 caller", "jobs/s", 1),
    COMPLETE_64("complete-64", "claim + complete, 64 callers", "jobs/s", 64),
    IDLE("idle", "submit to start, idle", "ms", 8),
    /** As many jobs come as go, so that as many wait all the time as there were at first. */
    TURNOVER_64("turnover-64", "submit + claim + complete, 64 callers", "jobs/s", 64);

    /** What is raced by default. */
    static final List<Scenario> RACE = List.of(SUBMIT_1, SUBMIT_64, COMPLETE_1, COMPLETE_64, IDLE);

    private final String key;
    private final String title;
    private final String unit;
    private final int threads;

    Scenario(String key, String title, String unit, int threads) {
        this.key = key;
        this.title = title;
        this.unit = unit;
        this.threads = threads;
    }

    /** The name in JSON and {@code --scenarios}. */
    String key() {
        return key;
    }

    String title() {
        return title;
    }

    String unit() {
        return unit;
    }

    /** Callers that submit, or workers that run jobs. */
    int threads() {
        return threads;
    }

    static Scenario of(String key) {
        return Arrays.stream(values())
                .filter(scenario -> scenario.key.equals(key))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no scenario '" + key + "', there are "
                        + Arrays.stream(values()).map(Scenario::key).collect(Collectors.joining(", "))));
    }
}
