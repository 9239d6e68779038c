package io.tollgate.sql;

import io.tollgate.sql.BatchHandler.Answer;
import io.tollgate.sql.DatabaseUnavailableException.Reason;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteException;

/**
 * The one writer: does all commands that wait in one transaction, so that they share its commit, and answers each after
 * it.
 *
 * <p>{@link #submit} may be called from any thread and never waits for the database. A command is answered when its
 * transaction is durable, and fails with
 *
 * <ul>
 *   <li>{@link StoreBusyException} at once if {@link Options#maxWaiting} wait already;
 *   <li>the exception of the handler or, translated, of the database, if it failed alone: it changed nothing, and its
 *       neighbors in the batch were not hurt;
 *   <li>{@link OutcomeUnknownException} if the disk failed so that nobody can say whether it would be there after a
 *       restart.
 * </ul>
 *
 * <p>Answers are given by the executor, one task a batch, in the commands' order. With a direct one the callers' own
 * callbacks run on the writer's thread, where they must not wait for another command.
 *
 * @param <C> the commands
 * @param <R> what callers are answered
 */
public final class GroupCommit<C, R> implements Runnable, AutoCloseable {
    /*
     * When a transaction fails before its commit, it is rolled back (unless SQLite did so by itself) and the commands
     * are done again, each in a transaction of its own: the bad one fails alone.
     *
     * When COMMIT fails, what did the database do? The first statement of each transaction raises the one row of
     * commit_seq that writes: one page in the log, the cheapest thing that the database itself makes atomic with the rest. (The
     * file's change counter stands still in WAL mode, PRAGMA data_version may move by a reset of the log, and the log's
     * length may be the same before and after.) First, so that it is gone, too, if SQLite rolls back midway. After a
     * failed COMMIT and a ROLLBACK the row tells:
     *
     * - raised: the commit happened. SQLite shows a commit to readers only after it synced the log, so it is durable.
     * - as it was: it did not happen for this process. But after an I/O error its frames, with the commit mark, may
     *   stand in the log behind the end that this process goes by, and recovery after a crash would take them for
     *   good. The next commit overwrites them at the same place, and as the log's checksums are chained, that ends
     *   them. So until another commit succeeds, the failure is called OPEN; then it is a plain failure. If none
     *   succeeds, not even one of a transaction that only raises the row, callers are told that nobody knows.
     * - can't be read: nobody knows. Then nothing is done again, for it could be done twice.
     *
     * See https://sqlite.org/fileformat.html#the_write_ahead_log and https://sqlite.org/lang_transaction.html, section 3.
     */

    /**
     * Its limits.
     *
     * @param maxBatch the most commands in one transaction, at least 1
     * @param maxWaiting the most commands that wait, at least 1
     * @param closeTimeout how long {@link GroupCommit#close} waits for the last commits, positive
     */
    public record Options(int maxBatch, int maxWaiting, Duration closeTimeout) {
        public static final Options DEFAULT = new Options(256, 10_000, Duration.ofSeconds(60));

        public Options {
            if (maxBatch < 1 || maxWaiting < 1) {
                throw new IllegalArgumentException("limits must be at least 1: " + maxBatch + ", " + maxWaiting);
            }
            if (closeTimeout.isZero() || closeTimeout.isNegative()) {
                throw new IllegalArgumentException("closeTimeout must be positive: " + closeTimeout);
            }
        }
    }

    private final Connection connection;
    private final Dialect dialect;
    private final BatchHandler<C, R> handler;
    private final Options options;
    private final Executor answers;
    private final Consumer<Throwable> errors;
    private volatile CommitWatcher watcher = CommitWatcher.NONE;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<Waiting<C, R>> waiting = new ArrayDeque<>(); // guarded by lock
    private boolean closed; // guarded by lock
    private @Nullable Thread thread; // guarded by lock

    // The writer's thread's own.
    private final HotStatement raise;
    private final HotStatement read;
    private long seq;
    private boolean seqKnown;
    private boolean begun; // ahead of its commands
    private boolean raised; // by the transaction that is open
    private boolean dirty; // a transaction may still be open, as its rollback failed
    private boolean shadow; // frames of a failed commit may stand behind the log's end, and no commit overwrote them

    /**
     * @param connection without auto-commit, no transaction open, on a migrated database; used by the writer's thread
     *     alone until {@link #close} has returned
     * @param answers completes the callers' stages
     * @param errors hears what is nobody's answer: callbacks that threw; on the writer's thread, must not throw
     */
    public GroupCommit(
            Connection connection,
            Dialect dialect,
            BatchHandler<C, R> handler,
            Options options,
            Executor answers,
            Consumer<Throwable> errors) {
        this.connection = connection;
        this.dialect = dialect;
        this.handler = handler;
        this.options = options;
        this.answers = answers;
        this.errors = errors;
        this.raise = new HotStatement(connection, "UPDATE commit_seq SET seq = ? WHERE id = 1");
        this.read = new HotStatement(connection, "SELECT seq FROM commit_seq WHERE id = 1");
    }

    /** Starts the writer on a thread of its own. Once. */
    public void start(ThreadFactory threads) {
        lock.lock();
        try {
            if (thread != null || closed) {
                throw new IllegalStateException("started or closed before");
            }
            thread = threads.newThread(this);
            thread.start();
        } finally {
            lock.unlock();
        }
    }

    /** Hands a command in. Never waits and never throws: a refusal is a failed stage. */
    public CompletionStage<R> submit(C command) {
        Waiting<C, R> one = new Waiting<>(command, new CompletableFuture<>());
        lock.lock();
        try {
            if (closed) {
                return CompletableFuture.failedStage(new DatabaseUnavailableException(
                        Reason.CLOSED, "the store is closed; nothing was changed", null));
            }
            if (waiting.size() >= options.maxWaiting()) {
                return CompletableFuture.failedStage(new StoreBusyException(
                        "too many commands wait, maxWaiting is " + options.maxWaiting() + "; nothing was changed",
                        null));
            }
            waiting.add(one);
            if (waiting.size() == 1) {
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
        return one.answer();
    }

    /** Lets {@code other} hear of transactions from now on, in place of whoever did. */
    public void watch(CommitWatcher other) {
        watcher = other;
    }

    /** The commands that wait now, for a gauge. */
    public int waiting() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    /**
     * The writer's loop: returns when this is closed and nothing waits. Interrupting its thread has no effect but the
     * flag.
     */
    @Override
    public void run() {
        while (awaitWork()) {
            turn();
        }
    }

    /** One turn of the loop without waiting, for tests. Returns the commands done: 0 if none waited. */
    int runOnce() {
        return waiting() == 0 ? 0 : turn();
    }

    /** Does what waits, of which there is some. Returns how many that were. */
    private int turn() {
        @Nullable SQLException refusal = beginAhead();
        List<Waiting<C, R>> batch = take();
        if (refusal == null) {
            process(batch);
        } else {
            deliver(batch, Outcome.failed(Failure.NOT_BEGUN, refusal));
        }
        return batch.size();
    }

    /**
     * Takes no more commands, does those that wait, and ends the writer. Twice is fine. Called on the writer's own
     * thread it doesn't wait.
     *
     * @throws StoreBusyException if the writer hasn't ended in time; then the connection is still in use
     */
    @Override
    public void close() {
        Thread writer;
        boolean first;
        lock.lock();
        try {
            first = !closed;
            closed = true;
            changed.signalAll();
            writer = thread;
        } finally {
            lock.unlock();
        }
        if (writer == null) {
            if (first) {
                run();
            }
        } else if (writer != Thread.currentThread()) {
            await(writer);
        }
    }

    private void await(Thread writer) {
        boolean interrupted = false;
        boolean waited = false;
        while (!waited) {
            try {
                writer.join(Math.max(1, options.closeTimeout().toMillis()));
                waited = true;
            } catch (InterruptedException e) {
                interrupted = true; // the last commits are worth more than a quick end: the wait begins anew
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (writer.isAlive()) {
            throw new StoreBusyException("the writer has not ended within " + options.closeTimeout(), null);
        }
    }

    /** Whether something waits; false once this is closed and all is done. */
    private boolean awaitWork() {
        lock.lock();
        try {
            while (waiting.isEmpty() && !closed) {
                changed.awaitUninterruptibly();
            }
            return !waiting.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    private List<Waiting<C, R>> take() {
        lock.lock();
        try {
            List<Waiting<C, R>> batch = new ArrayList<>(Math.min(waiting.size(), options.maxBatch()));
            while (batch.size() < options.maxBatch() && !waiting.isEmpty()) {
                batch.add(waiting.remove());
            }
            return batch;
        } finally {
            lock.unlock();
        }
    }

    private void process(List<Waiting<C, R>> batch) {
        try {
            Outcome<R> together = attempt(commands(batch));
            if (together.isDone() || (batch.size() == 1 && together.failure == Failure.PLAIN)) {
                deliver(batch, together);
            } else if (together.failure == Failure.NOT_BEGUN || together.failure == Failure.UNKNOWN) {
                deliver(batch, together);
            } else {
                oneByOne(batch);
            }
        } catch (Throwable e) { // memory ran out, or a mistake here: nobody may wait forever, and the loop lives on
            RuntimeException unknown = new OutcomeUnknownException("the writer failed: " + e, e);
            batch.forEach(one -> one.answer().completeExceptionally(unknown));
            dirty = true;
            seqKnown = false;
            report(e);
        }
    }

    private void oneByOne(List<Waiting<C, R>> batch) {
        List<Waiting<C, R>> open = new ArrayList<>(); // failed, while the batch's own frames may still come back
        List<Outcome<R>> openOutcomes = new ArrayList<>();
        @Nullable Outcome<R> refused = null;
        for (Waiting<C, R> one : batch) {
            Outcome<R> outcome = refused == null ? attempt(List.of(one.command())) : refused;
            if (outcome.failure == Failure.NOT_BEGUN) {
                refused = outcome; // the next would only wait as long again
            }
            if (shadow && outcome.failure != Failure.UNKNOWN) {
                open.add(one);
                openOutcomes.add(outcome);
                continue;
            }
            if (!shadow) {
                deliverOpen(open, openOutcomes);
            }
            deliver(List.of(one), outcome);
        }
        if (!open.isEmpty() && (refused != null || !attempt(List.of()).isDone())) {
            openOutcomes.replaceAll(outcome -> outcome.as(Failure.UNKNOWN));
        }
        deliverOpen(open, openOutcomes);
    }

    private void deliverOpen(List<Waiting<C, R>> open, List<Outcome<R>> outcomes) {
        for (int i = 0; i < open.size(); i++) {
            deliver(List.of(open.get(i)), outcomes.get(i));
        }
        open.clear();
        outcomes.clear();
    }

    /** One transaction; with no commands, one that only raises the row, of which nobody hears. */
    private Outcome<R> attempt(List<C> commands) {
        if (commands.isEmpty()) {
            return transact(commands);
        }
        CommitWatcher told = watcher;
        tell(() -> told.began(commands.size()));
        Outcome<R> outcome = transact(commands);
        CommitWatcher.Result changed = raised ? CommitWatcher.Result.COMMITTED : CommitWatcher.Result.UNCHANGED;
        tell(() -> told.ended(outcome.isDone() ? changed : CommitWatcher.Result.FAILED));
        return outcome;
    }

    /** A watcher that fails must not make a commit look as if it had. */
    private void tell(Runnable telling) {
        try {
            telling.run();
        } catch (RuntimeException e) {
            report(e);
        }
    }

    private Outcome<R> transact(List<C> commands) {
        try {
            if (!begun) {
                begin();
            }
            begun = false;
        } catch (SQLException e) {
            dirty = true;
            return Outcome.failed(Failure.NOT_BEGUN, e);
        }
        List<Answer<R>> answered;
        try {
            if (commands.isEmpty()) {
                raise();
            }
            answered = commands.isEmpty() ? List.of() : List.copyOf(handler.run(connection, commands, this::raise));
            if (answered.size() != commands.size()) {
                throw new IllegalStateException(
                        "the handler gave " + answered.size() + " answers to " + commands.size() + " commands");
            }
        } catch (Throwable e) {
            undo(e);
            return Outcome.failed(Failure.PLAIN, e);
        }
        if (!raised) {
            return unchanged(answered);
        }
        long next = seq + 1;
        try {
            dialect.commit(connection);
        } catch (SQLException | RuntimeException e) {
            return afterFailedCommit(next, answered, e);
        }
        seq = next;
        shadow = false;
        return Outcome.done(answered);
    }

    private void raise() throws SQLException {
        if (raised) {
            return;
        }
        if (!seqKnown) {
            seq = readSeq();
            seqKnown = true;
        }
        raise.bind(seq + 1).runExpectingOne();
        raised = true;
    }

    /** Ends a transaction that wrote nothing: there is nothing to make durable. */
    private Outcome<R> unchanged(List<Answer<R>> answered) {
        try {
            dialect.rollback(connection);
        } catch (SQLException e) {
            dirty = true;
            report(e);
        }
        return Outcome.done(answered);
    }

    /**
     * Begins before the commands are taken: one that follows another closely, as a claim follows the end that made room
     * for it, is then in time for the same commit. Returns why there is no transaction, if there is none.
     */
    private @Nullable SQLException beginAhead() {
        try {
            begin();
            begun = true;
            return null;
        } catch (SQLException e) {
            dirty = true;
            return e;
        }
    }

    private void begin() throws SQLException {
        raised = false;
        if (dirty) {
            dialect.rollback(connection);
            dirty = false;
        }
        dialect.begin(connection);
    }

    private void undo(Throwable because) {
        try {
            dialect.rollback(connection);
        } catch (SQLException e) {
            dirty = true;
            because.addSuppressed(e);
        }
        raise.clear();
        try {
            handler.discard();
        } catch (RuntimeException e) {
            report(e);
        }
    }

    private Outcome<R> afterFailedCommit(long next, List<Answer<R>> answered, Exception e) {
        undo(e);
        seqKnown = false;
        long found;
        try {
            if (dirty) { // a read would see what isn't committed
                return Outcome.failed(Failure.UNKNOWN, e);
            }
            found = readSeq();
            seq = found;
            seqKnown = true;
        } catch (SQLException unreadable) {
            e.addSuppressed(unreadable);
            return Outcome.failed(Failure.UNKNOWN, e);
        }
        if (found == next) {
            shadow = false;
            report(e);
            return Outcome.done(answered);
        }
        if (leavesNoTrace(e)) {
            return Outcome.failed(Failure.PLAIN, e);
        }
        shadow = true;
        return Outcome.failed(Failure.OPEN, e);
    }

    /** True if a COMMIT that fails so has not written its mark. */
    private static boolean leavesNoTrace(Exception e) {
        if (e instanceof SQLException sql && SqlErrors.saysNoTransaction(sql)) {
            return true;
        }
        if (e instanceof SQLiteException sqlite) {
            return switch (SqlErrors.primary(sqlite.getResultCode())) {
                case SQLITE_CONSTRAINT, SQLITE_BUSY, SQLITE_FULL -> true;
                default -> false;
            };
        }
        return false;
    }

    private long readSeq() throws SQLException {
        try (ResultSet rows = read.query()) {
            if (!rows.next()) {
                throw new SQLException("commit_seq is empty");
            }
            return rows.getLong(1);
        }
    }

    private void deliver(List<Waiting<C, R>> batch, Outcome<R> outcome) {
        Runnable tell;
        Throwable cause = outcome.cause;
        if (cause == null) {
            for (Answer<R> answer : outcome.answers) {
                try {
                    answer.afterCommit().run();
                } catch (Throwable e) {
                    report(e);
                }
            }
            tell = () -> {
                for (int i = 0; i < batch.size(); i++) {
                    batch.get(i).answer().complete(outcome.answers.get(i).value());
                }
            };
        } else {
            Throwable failure = translate(outcome.failure, cause);
            tell = () -> batch.forEach(one -> one.answer().completeExceptionally(failure));
        }
        try {
            answers.execute(tell);
        } catch (RuntimeException e) { // the executor refuses: better told here than never
            report(e);
            tell.run();
        }
    }

    private static Throwable translate(Failure failure, Throwable cause) {
        if (failure == Failure.UNKNOWN) {
            return new OutcomeUnknownException(
                    "the commit failed and nobody knows whether it will be there after a restart: "
                            + cause.getMessage(),
                    cause);
        }
        return cause instanceof SQLException sql ? SqlErrors.translate("nothing was changed", sql) : cause;
    }

    private void report(Throwable e) {
        try {
            errors.accept(e);
        } catch (RuntimeException ignored) {
            // it was asked not to, and there is nobody left to tell
        }
    }

    private List<C> commands(List<Waiting<C, R>> batch) {
        List<C> commands = new ArrayList<>(batch.size());
        batch.forEach(one -> commands.add(one.command()));
        return commands;
    }

    private record Waiting<C, R>(C command, CompletableFuture<R> answer) {}

    private enum Failure {
        NONE,
        /** There was no transaction. */
        NOT_BEGUN,
        /** Nothing was changed. */
        PLAIN,
        /** Nothing was changed so far, but a crash now might bring it back. */
        OPEN,
        UNKNOWN
    }

    /** What became of one transaction. */
    private static final class Outcome<R> {
        final List<Answer<R>> answers;
        final Failure failure;
        final @Nullable Throwable cause;

        private Outcome(List<Answer<R>> answers, Failure failure, @Nullable Throwable cause) {
            this.answers = answers;
            this.failure = failure;
            this.cause = cause;
        }

        static <R> Outcome<R> done(List<Answer<R>> answers) {
            return new Outcome<>(answers, Failure.NONE, null);
        }

        static <R> Outcome<R> failed(Failure failure, Throwable cause) {
            return new Outcome<>(List.of(), failure, cause);
        }

        boolean isDone() {
            return failure == Failure.NONE;
        }

        Outcome<R> as(Failure other) {
            return new Outcome<>(answers, other, cause);
        }
    }
}
