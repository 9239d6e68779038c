package io.tollgate.sql;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.credits.ledger.StoreException;
import io.tollgate.sql.BatchHandler.Answer;
import io.tollgate.sql.Faults.Fault;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.sqlite.SQLiteErrorCode;

@Timeout(60)
final class GroupCommitTest {
    private static final int MAX_STATEMENTS = 200;

    @TempDir
    Path directory;

    private SqliteDatabase database;
    private final List<Throwable> errors = new ArrayList<>();
    private final List<String> afterCommit = new ArrayList<>();

    /** Inserts items by batch; a name twice breaks a constraint, "bug" throws. */
    private final class Inserts implements BatchHandler<String, String> {
        private final HotStatements statements;
        final List<Integer> batches = new ArrayList<>();

        Inserts(Connection connection) {
            statements = new HotStatements(connection);
        }

        @Override
        public List<Answer<String>> run(Connection connection, List<String> batch, Writing writing)
                throws SQLException {
            batches.add(batch.size());
            if (batch.stream().allMatch("look"::equals)) {
                return batch.stream().map(Answer::of).toList();
            }
            writing.begins();
            HotStatement insert = statements.statement("INSERT INTO item (name, n) VALUES (?, ?)");
            HotStatement update = statements.statement("UPDATE item SET n = n + 1 WHERE name = ?");
            List<Answer<String>> answers = new ArrayList<>();
            for (String name : batch) {
                insert.bind(name).bind(1).add();
                update.bind(name).add();
                if (name.equals("bug")) {
                    throw new IllegalStateException("a bug");
                }
                answers.add(new Answer<>("done " + name, () -> afterCommit.add(name)));
            }
            insert.flush();
            update.flush();
            return answers;
        }

        @Override
        public void discard() {
            statements.clear();
        }
    }

    @BeforeEach
    void open() {
        database = TestSchema.items(directory);
    }

    @AfterEach
    void close() {
        database.close();
    }

    private GroupCommit<String, String> group(BatchHandler<String, String> handler, Connection connection) {
        return new GroupCommit<>(
                connection,
                Dialect.SQLITE,
                handler,
                new GroupCommit.Options(8, 16, Duration.ofSeconds(20)),
                Runnable::run,
                errors::add);
    }

    private GroupCommit<String, String> group() {
        return group(new Inserts(database.writer()), database.writer());
    }

    private List<String> names() throws SQLException {
        return database.read(handle -> handle.createQuery("SELECT name FROM item WHERE n = 2 ORDER BY id")
                .mapTo(String.class)
                .list());
    }

    private static Throwable failure(CompletionStage<?> stage) {
        try {
            Object value =
                    stage.toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
            throw new AssertionError("succeeded with " + value);
        } catch (CompletionException e) {
            return requireNonNull(e.getCause());
        }
    }

    private static <T> T value(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
    }

    @Test
    void runOnce_manyWaiting_shareOneTransaction() throws Exception {
        Inserts inserts = new Inserts(database.writer());
        GroupCommit<String, String> group = group(inserts, database.writer());
        CompletionStage<String> a = group.submit("a");
        CompletionStage<String> b = group.submit("b");
        assertThat(a.toCompletableFuture()).isNotDone();

        int done = group.runOnce();

        assertThat(done).isEqualTo(2);
        assertThat(value(a)).isEqualTo("done a");
        assertThat(value(b)).isEqualTo("done b");
        assertThat(inserts.batches).containsExactly(2);
        assertThat(afterCommit).containsExactly("a", "b");
        assertThat(names()).containsExactly("a", "b");
        assertThat(TestSchema.query(database.writer(), "SELECT seq FROM commit_seq"))
                .containsExactly("1");
        assertThat(group.runOnce()).isZero();
    }

    @Test
    void runOnce_moreThanMaxBatch_leavesTheRestForTheNext() {
        Inserts inserts = new Inserts(database.writer());
        GroupCommit<String, String> group = group(inserts, database.writer());
        for (int i = 0; i < 11; i++) {
            group.submit("item " + i);
        }

        assertThat(group.runOnce()).isEqualTo(8);
        assertThat(group.runOnce()).isEqualTo(3);

        assertThat(inserts.batches).containsExactly(8, 3);
    }

    @Test
    void submit_queueFull_isRefusedAtOnce() {
        GroupCommit<String, String> group = group();
        for (int i = 0; i < 16; i++) {
            group.submit("item " + i);
        }

        CompletionStage<String> refused = group.submit("one too many");

        assertThat(failure(refused)).isInstanceOf(StoreBusyException.class).hasMessageContaining("16");
        assertThat(group.waiting()).isEqualTo(16);
        assertThat(group.runOnce()).isEqualTo(8);
        group.submit("now there is room");
        group.close();
        assertThat(afterCommit).hasSize(17).contains("now there is room").doesNotContain("one too many");
    }

    @Test
    void runOnce_onePoisonCommand_failsAloneWithItsConstraint() throws Exception {
        GroupCommit<String, String> group = group();
        CompletionStage<String> a = group.submit("a");
        CompletionStage<String> again = group.submit("a");
        CompletionStage<String> b = group.submit("b");

        group.runOnce();

        assertThat(value(a)).isEqualTo("done a");
        assertThat(value(b)).isEqualTo("done b");
        ConstraintViolatedException violated = (ConstraintViolatedException) failure(again);
        assertThat(violated.kind()).isEqualTo(ConstraintViolatedException.Kind.UNIQUE);
        assertThat(violated.constraint()).contains("item.name");
        assertThat(violated.table()).contains("item");
        assertThat(names()).containsExactly("a", "b");
        assertThat(afterCommit).containsExactly("a", "b");
    }

    @Test
    void runOnce_handlerThrowsForOne_failsAloneAndLeavesNoBatchedRow() throws Exception {
        GroupCommit<String, String> group = group();
        CompletionStage<String> a = group.submit("a");
        CompletionStage<String> bug = group.submit("bug");
        CompletionStage<String> b = group.submit("b");

        group.runOnce();

        assertThat(failure(bug)).isInstanceOf(IllegalStateException.class).hasMessage("a bug");
        assertThat(value(a)).isEqualTo("done a");
        assertThat(value(b)).isEqualTo("done b");
        assertThat(TestSchema.query(database.writer(), "SELECT name FROM item ORDER BY id"))
                .containsExactly("a", "b");
    }

    @Test
    void runOnce_handlerThrowsAnError_failsAloneAndTheLoopLivesOn() throws Exception {
        GroupCommit<String, String> group = group(
                (connection, batch, writing) -> {
                    throw new StackOverflowError("deep");
                },
                database.writer());
        CompletionStage<String> deep = group.submit("a");
        CompletionStage<String> deeper = group.submit("b");

        group.runOnce();

        assertThat(failure(deep)).isInstanceOf(StackOverflowError.class);
        assertThat(failure(deeper)).isInstanceOf(StackOverflowError.class);
        assertThat(names()).isEmpty();
    }

    @Test
    void runOnce_wrongNumberOfAnswers_changesNothing() throws Exception {
        GroupCommit<String, String> group = group(
                (connection, batch, writing) -> {
                    TestSchema.execute(connection, "INSERT INTO item (name, n) VALUES ('x', 2)");
                    return List.of();
                },
                database.writer());
        CompletionStage<String> a = group.submit("a");

        group.runOnce();

        assertThat(failure(a)).isInstanceOf(IllegalStateException.class);
        assertThat(names()).isEmpty();
    }

    @Test
    void runOnce_typoInSql_isABugAndNoOutage() {
        GroupCommit<String, String> group = group(
                (connection, batch, writing) -> {
                    TestSchema.execute(connection, "INSRT INTO item VALUES (1)");
                    return List.of();
                },
                database.writer());
        CompletionStage<String> a = group.submit("a");

        group.runOnce();

        assertThat(failure(a)).isInstanceOf(StatementBugException.class).isNotInstanceOf(StoreException.class);
    }

    @Test
    void runOnce_callbackThrows_isReportedAndTheNextRuns() {
        List<String> ran = new ArrayList<>();
        GroupCommit<String, String> group = group(
                (connection, batch, writing) -> batch.stream()
                        .map(name -> new Answer<>(name, () -> {
                            ran.add(name);
                            throw new IllegalArgumentException("callback of " + name);
                        }))
                        .toList(),
                database.writer());
        CompletionStage<String> a = group.submit("a");
        CompletionStage<String> b = group.submit("b");

        group.runOnce();

        assertThat(value(a)).isEqualTo("a");
        assertThat(value(b)).isEqualTo("b");
        assertThat(ran).containsExactly("a", "b");
        assertThat(errors).extracting(Throwable::getMessage).containsExactly("callback of a", "callback of b");
    }

    /** What a watcher hears, in order. */
    private static final class Heard implements CommitWatcher {
        final List<String> words = new ArrayList<>();

        @Override
        public void began(int commands) {
            words.add(String.valueOf(commands));
        }

        @Override
        public void ended(Result result) {
            words.add(result.name());
        }
    }

    @Test
    void watch_transactionsThatHoldAndThatFail_hearsEachWithItsEnd() {
        Heard heard = new Heard();
        try (GroupCommit<String, String> group = group()) {
            group.watch(heard);

            group.submit("a");
            group.submit("b");
            group.runOnce();
            group.submit("a"); // is there
            group.submit("c");
            group.runOnce();
        }

        assertThat(heard.words).containsExactly("2", "COMMITTED", "2", "FAILED", "1", "FAILED", "1", "COMMITTED");
    }

    @Test
    void watch_watcherThrows_hurtsNobody() throws Exception {
        try (GroupCommit<String, String> group = group()) {
            group.watch(new CommitWatcher() {
                @Override
                public void ended(Result result) {
                    throw new IllegalStateException("a watcher's defect");
                }
            });

            CompletionStage<String> answer = group.submit("a");
            group.runOnce();

            assertThat(value(answer)).isNotNull();
        }
        assertThat(errors).hasSize(1);
    }

    @Test
    void runOnce_executorGiven_answersThere() {
        List<Runnable> tasks = new ArrayList<>();
        GroupCommit<String, String> group = new GroupCommit<>(
                database.writer(),
                Dialect.SQLITE,
                new Inserts(database.writer()),
                GroupCommit.Options.DEFAULT,
                tasks::add,
                errors::add);
        CompletionStage<String> a = group.submit("a");
        CompletionStage<String> b = group.submit("b");

        group.runOnce();

        assertThat(afterCommit).containsExactly("a", "b");
        assertThat(a.toCompletableFuture()).isNotDone();
        assertThat(tasks).hasSize(1);
        tasks.get(0).run();
        assertThat(value(a)).isEqualTo("done a");
        assertThat(value(b)).isEqualTo("done b");
    }

    @Test
    void runOnce_executorRefuses_answersAllTheSame() {
        Executor refusing = task -> {
            throw new RejectedExecutionException("shut down");
        };
        GroupCommit<String, String> group = new GroupCommit<>(
                database.writer(),
                Dialect.SQLITE,
                new Inserts(database.writer()),
                GroupCommit.Options.DEFAULT,
                refusing,
                errors::add);
        CompletionStage<String> a = group.submit("a");

        group.runOnce();

        assertThat(value(a)).isEqualTo("done a");
        assertThat(errors).hasSize(1);
    }

    @Test
    void close_commandsWaiting_doesThemAndThenRefuses() throws Exception {
        GroupCommit<String, String> group = group();
        CompletionStage<String> a = group.submit("a");
        group.start(TestSchema::daemon);
        CompletionStage<String> b = group.submit("b");

        group.close();

        assertThat(a.toCompletableFuture()).isCompletedWithValue("done a");
        assertThat(b.toCompletableFuture()).isCompletedWithValue("done b");
        DatabaseUnavailableException late = (DatabaseUnavailableException) failure(group.submit("late"));
        assertThat(late.reason()).isEqualTo(DatabaseUnavailableException.Reason.CLOSED);
        group.close();
        assertThat(names()).containsExactly("a", "b");
    }

    @Test
    void close_interrupted_waitsForTheLastCommitsAndKeepsTheFlag() {
        GroupCommit<String, String> group = group();
        group.start(TestSchema::daemon);
        CompletionStage<String> a = group.submit("a");

        Thread.currentThread().interrupt();
        group.close();

        assertThat(Thread.interrupted()).isTrue();
        assertThat(a.toCompletableFuture()).isCompletedWithValue("done a");
    }

    @Test
    void run_writerInterrupted_livesOn() throws Exception {
        Thread[] writer = new Thread[1];
        GroupCommit<String, String> group = group();
        group.start(body -> writer[0] = TestSchema.daemon(body));

        writer[0].interrupt();
        assertThat(value(group.submit("a"))).isEqualTo("done a");
        writer[0].interrupt();
        assertThat(value(group.submit("b"))).isEqualTo("done b");

        group.close();
        assertThat(names()).containsExactly("a", "b");
    }

    @Test
    void close_onTheWritersThread_doesNotWaitForItself() throws Exception {
        GroupCommit<String, String> group = group();
        CountDownLatch closed = new CountDownLatch(1);
        group.submit("a").thenRun(() -> {
            group.close();
            closed.countDown();
        });

        group.start(TestSchema::daemon);

        assertThat(closed.await(20, TimeUnit.SECONDS)).isTrue();
        group.close();
    }

    @Test
    void submit_manyThreads_eachIsAnsweredOnceAndStored() throws Exception {
        GroupCommit<String, String> group = new GroupCommit<>(
                database.writer(),
                Dialect.SQLITE,
                new Inserts(database.writer()),
                GroupCommit.Options.DEFAULT,
                Runnable::run,
                errors::add);
        group.start(TestSchema::daemon);
        CyclicBarrier barrier = new CyclicBarrier(8);
        List<CompletableFuture<Void>> callers = new ArrayList<>();
        for (int t = 0; t < 8; t++) {
            int caller = t;
            CompletableFuture<Void> done = new CompletableFuture<>();
            callers.add(done);
            TestSchema.daemon(() -> {
                        try {
                            barrier.await(20, TimeUnit.SECONDS);
                            for (int i = 0; i < 50; i++) {
                                assertThat(value(group.submit(caller + "-" + i)))
                                        .isEqualTo("done " + caller + "-" + i);
                            }
                            done.complete(null);
                        } catch (Throwable e) {
                            done.completeExceptionally(e);
                        }
                    })
                    .start();
        }

        callers.forEach(GroupCommitTest::value);

        group.close();
        assertThat(names()).hasSize(400);
        assertThat(afterCommit).hasSize(400);
    }

    /**
     * Each execution in turn fails once, in each of the ways; whatever happens, who was told "done" is stored, who was
     * told "failed" is not, and only the one whose own second try failed can fail.
     */
    @ParameterizedTest(name = "{0}")
    @EnumSource(
            value = SQLiteErrorCode.class,
            names = {"SQLITE_FULL", "SQLITE_IOERR", "SQLITE_IOERR_FSYNC", "SQLITE_CONSTRAINT", "SQLITE_NOMEM"})
    void runOnce_oneExecutionFails_nobodyIsToldALieAndAllSucceedAtTheSecondTry(SQLiteErrorCode code) throws Exception {
        for (Fault fault : List.of(Fault.BEFORE, Fault.AFTER, Fault.ROLLED_BACK)) {
            int at = 0;
            for (boolean fired = true; fired; at++) {
                assertThat(at).isLessThan(MAX_STATEMENTS);
                int broken = at;
                fired = walk(code, fault, (number, sql) -> number == broken, fault + " at " + at, true);
            }
            assertThat(at).isGreaterThan(4);
        }
    }

    /** From some execution on everything fails, as on a dead disk: nobody is told a lie. */
    @ParameterizedTest(name = "{0}")
    @EnumSource(
            value = SQLiteErrorCode.class,
            names = {"SQLITE_FULL", "SQLITE_IOERR", "SQLITE_IOERR_FSYNC", "SQLITE_CONSTRAINT"})
    void runOnce_allFailFromSomeExecutionOn_nobodyIsToldALie(SQLiteErrorCode code) throws Exception {
        for (Fault fault : List.of(Fault.BEFORE, Fault.AFTER)) {
            for (int from = 0; from < 12; from++) {
                int begin = from;
                walk(code, fault, (number, sql) -> number >= begin, fault + " from " + from, false);
            }
        }
    }

    /** Each COMMIT fails, before or after it really happened. */
    @ParameterizedTest(name = "{0}")
    @EnumSource(
            value = Fault.class,
            names = {"BEFORE", "AFTER", "ROLLED_BACK"})
    void runOnce_everyCommitFails_theRowTellsWhatReallyHappened(Fault fault) throws Exception {
        Map<String, Throwable> failures =
                run(SQLiteErrorCode.SQLITE_IOERR_FSYNC, fault, (number, sql) -> sql.equals("COMMIT"), fault.name());

        if (fault == Fault.AFTER) {
            assertThat(failures).isEmpty();
        } else {
            assertThat(failures).hasSize(5);
            assertThat(failures.values()).allMatch(OutcomeUnknownException.class::isInstance);
        }
    }

    @Test
    void runOnce_commitAndRollbackFail_theOpenTransactionIsNotTakenForStored() throws Exception {
        Map<String, Throwable> failures = run(
                SQLiteErrorCode.SQLITE_IOERR,
                Fault.BEFORE,
                (number, sql) -> sql.equals("COMMIT") || sql.equals("ROLLBACK"),
                "neither commit nor rollback");

        assertThat(failures).containsOnlyKeys("a", "b", "c", "d", "e");
    }

    @Test
    void runOnce_commitFailsTwiceAndThenHolds_theFirstIsSurelyNotStored() throws Exception {
        int[] commits = {0};
        Map<String, Throwable> failures = run(
                SQLiteErrorCode.SQLITE_IOERR_FSYNC,
                Fault.ROLLED_BACK,
                (number, sql) -> sql.equals("COMMIT") && ++commits[0] <= 2,
                "two commits");

        assertThat(failures).containsOnlyKeys(failures.keySet().iterator().next());
        assertThat(failures.values()).singleElement().isInstanceOf(DatabaseUnavailableException.class);
    }

    @Test
    void runOnce_noRowLeftToRead_isToldAsUnknownAndNotDoneTwice() throws Exception {
        boolean[] committed = {false};
        Map<String, Throwable> failures = run(
                SQLiteErrorCode.SQLITE_IOERR,
                Fault.AFTER,
                (number, sql) -> {
                    committed[0] |= sql.equals("COMMIT");
                    return committed[0];
                },
                "dead after commit");

        assertThat(failures).hasSize(5);
        failures.forEach((item, failure) -> assertThat(failure)
                .isInstanceOf(
                        Set.of("d", "e").contains(item)
                                ? DatabaseUnavailableException.class
                                : OutcomeUnknownException.class));
    }

    private interface When {
        boolean fails(int number, String sql);
    }

    private boolean walk(SQLiteErrorCode code, Fault fault, When when, String name, boolean allSucceed)
            throws Exception {
        List<String> fired = new ArrayList<>();
        Map<String, Throwable> failures = run(
                code,
                fault,
                (number, sql) -> {
                    boolean fails = when.fails(number, sql);
                    if (fails) {
                        fired.add(sql);
                    }
                    return fails;
                },
                code + " " + name);
        if (allSucceed && fired.contains("BEGIN IMMEDIATE")) { // no transaction for this batch, the other goes well
            assertThat(failures.keySet()).as("%s %s", code, name).isIn(Set.of("a", "b", "c"), Set.of("d", "e"));
        } else if (allSucceed) {
            assertThat(failures).as("%s %s", code, name).isEmpty();
        }
        return !fired.isEmpty();
    }

    /** Three commands in one batch on a connection with faults. Returns the failures, after the lie detector. */
    private Map<String, Throwable> run(SQLiteErrorCode code, Fault fault, When when, String name) throws Exception {
        TestSchema.execute(database.writer(), "DELETE FROM item");
        afterCommit.clear();
        Faults faults =
                new Faults(database.writer(), code, (number, sql) -> when.fails(number, sql) ? fault : Fault.NONE);
        Connection faulty = faults.connection();
        GroupCommit<String, String> group = group(new Inserts(faulty), faulty);
        Map<String, CompletionStage<String>> asked = new LinkedHashMap<>();
        for (String item : List.of("a", "b", "c")) {
            asked.put(item, group.submit(item));
        }

        group.runOnce();
        asked.put("d", group.submit("d"));
        asked.put("e", group.submit("e")); // what comes later is not hurt by what is over
        group.runOnce();

        Dialect.SQLITE.rollback(database.writer()); // as closing the connection would
        List<String> stored = names();
        Map<String, Throwable> failures = new LinkedHashMap<>();
        asked.forEach((item, stage) -> {
            CompletableFuture<String> answer = stage.toCompletableFuture();
            assertThat(answer).as("%s: %s is answered", name, item).isDone();
            if (answer.isCompletedExceptionally()) {
                Throwable failure = failure(answer);
                failures.put(item, failure);
                if (!(failure instanceof OutcomeUnknownException)) {
                    assertThat(stored)
                            .as("%s: told that it failed: %s", name, failure)
                            .doesNotContain(item);
                }
            } else {
                assertThat(stored).as("%s: told that it is done", name).containsOnlyOnce(item);
                assertThat(afterCommit).as("%s: index", name).contains(item);
            }
        });
        assertThat(TestSchema.query(database.writer(), "SELECT name FROM item WHERE n <> 2"))
                .as("%s: half done", name)
                .isEmpty();
        return failures;
    }

    @Test
    void runOnce_databaseLockedByAnother_isBusyAndTriesOnlyOnce() throws Exception {
        TestSchema.execute(database.writer(), "PRAGMA busy_timeout = 1");
        try (Connection other = new org.sqlite.SQLiteConfig()
                .createConnection(new SqliteFile(directory.resolve(SqliteDatabase.FILE)).url(""))) {
            TestSchema.execute(other, "BEGIN IMMEDIATE");
            int[] begins = {0};
            Faults counting = new Faults(database.writer(), SQLiteErrorCode.SQLITE_OK, (number, sql) -> {
                begins[0] += sql.startsWith("BEGIN") ? 1 : 0;
                return Fault.NONE;
            });
            GroupCommit<String, String> group = group(new Inserts(counting.connection()), counting.connection());
            CompletionStage<String> a = group.submit("a");
            CompletionStage<String> b = group.submit("b");

            group.runOnce();

            assertThat(failure(a)).isInstanceOf(StoreBusyException.class);
            assertThat(failure(b)).isInstanceOf(StoreBusyException.class);
            assertThat(begins[0]).isEqualTo(1);
        }
        GroupCommit<String, String> group = group();
        CompletionStage<String> later = group.submit("a");
        group.runOnce();
        assertThat(value(later)).isEqualTo("done a");
    }

    @Test
    void runOnce_nothingWritten_answersWithoutACommit() throws Exception {
        GroupCommit<String, String> group = group();
        CompletionStage<String> a = group.submit("a");
        group.runOnce();
        CompletionStage<String> look = group.submit("look");
        group.runOnce();

        assertThat(value(a)).isEqualTo("done a");
        assertThat(value(look)).isEqualTo("look");
        assertThat(TestSchema.query(database.writer(), "SELECT seq FROM commit_seq"))
                .containsExactly("1");
        CompletionStage<String> b = group.submit("b");
        group.runOnce();
        assertThat(value(b)).isEqualTo("done b");
        assertThat(names()).containsExactly("a", "b");
    }

    @Test
    void runOnce_realDatabaseFull_failsThoseThatDontFitAndLivesOn() throws Exception {
        TestSchema.execute(database.writer(), "PRAGMA max_page_count = 40");
        BatchHandler<String, String> large = (connection, batch, writing) -> {
            writing.begins();
            for (String name : batch) {
                TestSchema.execute(
                        connection,
                        "INSERT INTO item (name, n) VALUES ('" + name + "' || "
                                + (name.startsWith("big") ? "hex(zeroblob(100000))" : "''") + ", 2)");
            }
            return batch.stream().map(Answer::of).toList();
        };
        GroupCommit<String, String> group = group(large, database.writer());
        CompletionStage<String> a = group.submit("a");
        CompletionStage<String> big = group.submit("big");
        CompletionStage<String> b = group.submit("b");

        group.runOnce();

        assertThat(((DatabaseUnavailableException) failure(big)).reason())
                .isEqualTo(DatabaseUnavailableException.Reason.FULL);
        assertThat(value(a)).isEqualTo("a");
        assertThat(value(b)).isEqualTo("b");
        assertThat(names()).containsExactly("a", "b");
    }

    @Test
    void runOnce_connectionClosed_refusesAll() throws Exception {
        GroupCommit<String, String> group = group();
        database.writer().close();
        CompletionStage<String> a = group.submit("a");

        group.runOnce();

        assertThat(((DatabaseUnavailableException) failure(a)).reason())
                .isEqualTo(DatabaseUnavailableException.Reason.CLOSED);
    }

    @Test
    void options_limitsOutOfRange_areRefused() {
        assertThatThrownBy(() -> new GroupCommit.Options(0, 1, Duration.ofSeconds(1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new GroupCommit.Options(1, 1, Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
