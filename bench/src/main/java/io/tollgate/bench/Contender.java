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

    /**
     * Opens the queue in {@code dir} again.
     *
     * @param submitted how many jobs were submitted to it before
     * @throws UnsupportedOperationException if this contender can't
     */
    default Session reopen(Path dir, long submitted) throws Exception {
        throw new UnsupportedOperationException(name() + " can't be opened again");
    }

    /** Who fills this contender's database the quickest way there is; its name tells what kind of database it is. */
    default Contender filler() {
        return this;
    }
}
