package io.tollgate.bench;

import java.util.Map;

/**
 * What one contender did in one scenario of one round.
 *
 * @param round counted from 1
 * @param jobs how many the values speak of
 * @param values by measure, in the scenario's unit: a rate under {@code ""}, or latencies under {@code p50} and
 *     {@code p99}
 * @param cpuMicros own CPU a job
 * @param others the share of the machine's CPUs that others used, 0 to 1, or not a number
 */
record Sample(
        String contender,
        Scenario scenario,
        int round,
        long jobs,
        Map<String, Double> values,
        double cpuMicros,
        double others) {
    static final String RATE = "";

    Sample {
        values = Map.copyOf(values);
    }
}
