package io.tollgate.bench;

import java.nio.file.Path;
import java.time.Duration;

/** A job queue that takes part in the benchmark. */
interface Contender {
    /** The name in tables, JSON and {@code --contenders}; unique in a run. */
    String name();

    /** Whether each job's credits are held and captured in the same transactions as the job. */
    boolean hasLedger();

    /** How long a job may lie before the queue looks for it by itself; zero if it is woken. */
    default Duration pollInterval() {
        return Duration.ZERO;
    }

    /** Makes a new queue with its database in {@code dir}, an empty directory. */
    Session open(Path dir) throws Exception;
}
