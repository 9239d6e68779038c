package io.tollgate.sql;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Does the commands of one transaction. Called by {@link GroupCommit} on its thread, never by two at once.
 *
 * @param <C> the commands
 * @param <R> what callers are answered
 */
public interface BatchHandler<C, R> {
    /**
     * Does {@code batch} in its order, in the transaction that is open on {@code connection}; begins, commits and rolls
     * back nothing itself. After an error it may be called again with each command alone, so all that it remembers
     * outside the database must wait for {@link Answer#afterCommit}.
     *
     * <p>An {@link SQLException} must pass through, always: SQLite may have rolled back by itself, and then every
     * statement after it would take effect at once and alone.
     *
     * @param batch at least one
     * @param writing to be told before the first statement that writes; if it isn't told, nothing is committed
     * @return one answer for each command, in order; a refusal is an answer, too
     */
    List<Answer<R>> run(Connection connection, List<C> batch, Writing writing) throws SQLException;

    /** Hears that a transaction is going to write. Telling it twice is fine. */
    @FunctionalInterface
    interface Writing {
        void begins() throws SQLException;
    }

    /** Forget what {@link #run} prepared: it was rolled back. Must not throw. */
    default void discard() {}

    /**
     * What a caller is told once the commit is done.
     *
     * @param afterCommit run before the caller is told, on the writer's thread, in the commands' order: for what must
     *     follow the database closely, such as indexes in memory. What it throws goes to the error listener and changes
     *     nothing.
     */
    record Answer<R>(R value, Runnable afterCommit) {
        public static <R> Answer<R> of(R value) {
            return new Answer<>(value, () -> {});
        }
    }
}
