package io.tollgate.sql;

/**
 * Hears of the writer's transactions, for metrics. Called on the writer's thread, {@link #began} and {@link #ended} in
 * turn; must be quick and must not throw.
 */
public interface CommitWatcher {
    /** Hears of nothing. */
    CommitWatcher NONE = new CommitWatcher() {};

    /** What became of a transaction. */
    enum Result {
        /** What it changed is durable. */
        COMMITTED,
        /** There was nothing to change, as when all are refused. */
        UNCHANGED,
        /** It was taken back, or nobody knows. Its commands may be done again one by one. */
        FAILED
    }

    /**
     * Commands were taken and are done in one transaction.
     *
     * @param commands how many, at least 1
     */
    default void began(int commands) {}

    /** The transaction that began last is over. */
    default void ended(Result result) {}
}
