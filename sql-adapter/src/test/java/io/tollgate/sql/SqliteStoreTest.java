package io.tollgate.sql;

import static io.tollgate.sql.StoreFixture.value;
import static io.tollgate.sql.StoreJobs.GPU;
import static io.tollgate.sql.StoreJobs.claim;
import static io.tollgate.sql.StoreJobs.give;
import static io.tollgate.sql.StoreJobs.spec;
import static io.tollgate.sql.StoreJobs.submit;
import static io.tollgate.sql.StoreJobs.succeed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.credits.CreditPolicy;
import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.AuditReport;
import io.tollgate.credits.ledger.Charge;
import io.tollgate.credits.ledger.DrawSecret;
import io.tollgate.credits.ledger.Finding;
import io.tollgate.credits.ledger.GrantResult;
import io.tollgate.credits.ledger.HoldId;
import io.tollgate.credits.ledger.InvoiceId;
import io.tollgate.credits.ledger.LedgerCommand;
import io.tollgate.credits.ledger.LuckyDraw;
import io.tollgate.credits.ledger.Money;
import io.tollgate.credits.ledger.PaymentId;
import io.tollgate.credits.ledger.Price;
import io.tollgate.credits.ledger.QuoteId;
import io.tollgate.credits.pricing.AfterQuota;
import io.tollgate.credits.pricing.DailyQuota;
import io.tollgate.credits.pricing.Tariff;
import io.tollgate.credits.test.MutableClock;
import io.tollgate.queue.access.ApiKey;
import io.tollgate.queue.access.Doors;
import io.tollgate.queue.access.KeyId;
import io.tollgate.queue.access.KeyStore;
import io.tollgate.queue.access.Scope;
import io.tollgate.queue.access.StateStore;
import io.tollgate.queue.job.Attempt;
import io.tollgate.queue.job.AttemptRef;
import io.tollgate.queue.job.DeliveryId;
import io.tollgate.queue.job.EraseResult;
import io.tollgate.queue.job.Failure;
import io.tollgate.queue.job.JobChanges;
import io.tollgate.queue.job.JobCommand;
import io.tollgate.queue.job.JobCommand.Claimed;
import io.tollgate.queue.job.JobCommand.DriveResult;
import io.tollgate.queue.job.JobCommand.SubmitResult;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobPolicy;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.queue.job.JobSpec;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.QueuedJob;
import io.tollgate.queue.job.RetryPolicy;
import io.tollgate.queue.job.StoredEvent;
import io.tollgate.queue.job.SubmissionLimits;
import io.tollgate.queue.job.SubmissionMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
final class SqliteStoreTest {
    private static final UserId EVA = new UserId("eva");
    private static final int SLOTS = 8;
    private static final JobPolicy POLICY = new JobPolicy(
            CreditPolicy.PLAIN,
            new SubmissionLimits(100_000, 1_000_000, 60_000_000),
            Map.of(new ModelName("flux"), 50),
            Map.of(),
            Map.of(),
            0.5,
            3);

    @TempDir
    Path directory;

    private final MutableClock clock = new MutableClock();
    private StoreFixture fixture;

    @BeforeEach
    void open() {
        fixture = new StoreFixture(directory, POLICY, clock);
        value(store().execute(new JobCommand.ProvideSlots(GPU, SLOTS)));
    }

    @AfterEach
    void close() {
        fixture.close();
        assertThat(fixture.errors).isEmpty();
    }

    private SqliteStore store() {
        return fixture.store();
    }

    private JobId submitted(UserId user) {
        JobSpec spec = spec(user, clock.instant());
        assertThat(value(store().execute(submit(spec)))).isInstanceOf(SubmitResult.Accepted.class);
        return spec.id();
    }

    private AttemptRef claimed() {
        List<Claimed> claimed = value(store().execute(claim(1)));
        assertThat(claimed).hasSize(1);
        return claimed.get(0).attempt().ref();
    }

    @Test
    void life_fromSubmissionToSuccess_isThereAfterARestart() {
        value(store().execute(give(EVA, 100)));
        JobId id = submitted(EVA);
        AttemptRef attempt = claimed();
        value(store().execute(new JobCommand.Mark(attempt, Attempt.Phase.SUBMITTED, Optional.empty())));
        clock.advance(Duration.ofSeconds(3));
        value(store().execute(new JobCommand.Mark(attempt, Attempt.Phase.STARTED, Optional.empty())));
        clock.advance(Duration.ofSeconds(5));
        assertThat(value(store().execute(succeed(attempt)))).isInstanceOf(DriveResult.Done.class);
        JobRecord before = store().find(id).orElseThrow();

        JobRecord after = fixture.restart().find(id).orElseThrow();

        assertThat(after).isEqualTo(before);
        assertThat(after.job().kind()).isEqualTo(JobState.Kind.SUCCEEDED);
        assertThat(after.history()).hasSize(3);
        assertThat(after.outputs()).hasSize(1);
        assertThat(store().recentRuns(1))
                .singleElement()
                .satisfies(run -> assertThat(run.took()).isEqualTo(Duration.ofSeconds(5)));
        assertThat(store().account(EVA).orElseThrow().available()).hasToString("90");
        assertThat(store().audit().findings()).isEmpty();
    }

    @Test
    void listeners_hearOfACommit_beforeItsCallerIsAnswered() {
        List<List<JobChanges>> heard = Collections.synchronizedList(new ArrayList<>());
        store().onCommit(heard::add);
        value(store().execute(give(EVA, 100)));

        JobId id = submitted(EVA);

        assertThat(heard)
                .singleElement()
                .satisfies(changes -> assertThat(changes)
                        .singleElement()
                        .satisfies(change ->
                                assertThat(change.moves().get(0).after().id()).isEqualTo(id)));
    }

    @Test
    void submit_ofATakenId_failsAloneAndHurtsNoNeighbor() {
        value(store().execute(give(EVA, 100)));
        JobSpec taken = spec(EVA, clock.instant());
        JobSpec other = spec(EVA, clock.instant());

        var first = store().execute(submit(taken));
        var again = store().execute(submit(taken));
        var neighbor = store().execute(submit(other));

        assertThat(value(first)).isInstanceOf(SubmitResult.Accepted.class);
        assertThatThrownBy(() -> value(again))
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(IllegalStateException.class);
        assertThat(value(neighbor)).isInstanceOf(SubmitResult.Accepted.class);
        assertThat(store().audit().findings()).isEmpty();
    }

    @Test
    void submit_withAHoldThatIsThereAlready_isRefusedAndLeavesTheHold() {
        value(store().execute(give(EVA, 100)));
        JobSpec spec = spec(EVA, clock.instant());
        HoldId hold = new HoldId(spec.id().value());
        value(store().execute(new LedgerCommand.OpenHold(
                hold, EVA, Price.plain(spec.tariff().list()), "shop")));

        assertThatThrownBy(() -> value(store().execute(submit(spec))))
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(IllegalStateException.class);

        assertThat(store().hold(hold).orElseThrow().open()).isTrue();
        assertThat(store().find(spec.id())).isEmpty();
        assertThat(fixture.restart().account(EVA).orElseThrow().available()).hasToString("90");
    }

    @Test
    void counters_afterABatchThatTheDatabaseRefused_areRightAgain() throws Exception {
        value(store().execute(give(EVA, 100)));
        submitted(EVA);
        // a rule of the database that no rule of ours knows: the whole batch is rolled back and done again one by one
        fixture.close();
        try (SqliteDatabase raw =
                SqliteDatabase.openWriter(directory, SqliteOptions.of("a test", TestSchema::daemon))) {
            TestSchema.execute(
                    raw.writer(),
                    "CREATE TRIGGER no_tags BEFORE INSERT ON job_spec WHEN new.tags <> '[]'"
                            + " BEGIN SELECT RAISE(ABORT, 'no tags'); END");
        }
        fixture.restart();

        JobSpec bad = tagged(spec(EVA, clock.instant()));
        var one = store().execute(submit(spec(EVA, clock.instant())));
        var refused = store().execute(submit(bad));
        var two = store().execute(submit(spec(EVA, clock.instant())));

        assertThat(value(one)).isInstanceOf(SubmitResult.Accepted.class);
        assertThatThrownBy(() -> value(refused)).hasCauseInstanceOf(ConstraintViolatedException.class);
        assertThat(value(two)).isInstanceOf(SubmitResult.Accepted.class);
        assertThat(value(store().execute(claim(5))))
                .extracting(claimed -> claimed.job().seq())
                .containsExactly(1L, 2L, 3L);
        assertThat(store().find(bad.id())).isEmpty();
        assertThat(store().audit().findings()).isEmpty();
    }

    private static JobSpec tagged(JobSpec spec) {
        return new JobSpec(
                spec.id(),
                spec.user(),
                spec.batch(),
                spec.workflow(),
                spec.queue(),
                spec.model(),
                spec.needs(),
                spec.inputs(),
                spec.tariff(),
                spec.priority(),
                spec.createdAt(),
                spec.expiresAt(),
                spec.origin(),
                spec.targets(),
                List.of("tag"),
                spec.metadata());
    }

    @Test
    void claim_whileAJobWaitsForItsBackoff_takesItOnlyThen() {
        value(store().execute(give(EVA, 100)));
        JobId id = submitted(EVA);
        value(store().execute(new JobCommand.Fail(
                claimed(),
                new Failure(Failure.Kind.BACKEND, "broke"),
                List.of(),
                1,
                RetryPolicy.DEFAULT,
                1,
                List.of(new DeliveryId(StoreJobs.uuid())))));

        assertThat(value(store().execute(claim(1)))).isEmpty();
        fixture.restart();
        clock.advance(Duration.ofMillis(1999));
        assertThat(value(store().execute(claim(1)))).isEmpty();
        clock.advance(Duration.ofMillis(1));

        assertThat(value(store().execute(claim(1))))
                .singleElement()
                .satisfies(claimed -> assertThat(claimed.job().id()).isEqualTo(id));
    }

    /** Else each claim would read the heads of all lines again, eight of each, when more wait than the writer keeps. */
    @Test
    void claim_ofAJobThatAnEarlierClaimLookedAt_readsItNoMore() throws Exception {
        value(store().execute(give(EVA, 100)));
        JobId first = submitted(EVA);
        JobId second = submitted(EVA);
        fixture.restart(); // it keeps nothing of them now
        value(store().execute(new JobCommand.ProvideSlots(StoreJobs.GPU, 3)));

        List<Claimed> claimed = new ArrayList<>(value(store().execute(claim(1))));
        try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + directory.resolve(SqliteDatabase.FILE))) {
            TestSchema.execute(other, "UPDATE job_spec SET inputs = 'nonsense'");
        }
        claimed.addAll(value(store().execute(claim(1))));

        assertThat(claimed).extracting(one -> one.job().id()).containsExactly(first, second);
        assertThat(fixture.errors).isEmpty();
    }

    @Test
    void claim_withAHeadThatCantBeRead_passesIt() throws Exception {
        value(store().execute(give(EVA, 100)));
        submitted(EVA);
        JobId good = submitted(EVA);
        plant("UPDATE job_spec SET inputs = '{\"prompt\": nonsense}' WHERE job_id = 1");

        List<Claimed> claimed = value(store().execute(claim(1)));

        assertThat(claimed).extracting(one -> one.job().id()).containsExactly(good);
        assertThat(fixture.errors).singleElement().isInstanceOfSatisfying(CorruptRowException.class, e -> {
            assertThat(e.entity()).isEqualTo("job");
            assertThat(e.id()).isEqualTo("1");
        });
        fixture.errors.clear();
        assertThatThrownBy(() -> store().list(io.tollgate.queue.job.JobFilter.ALL, Optional.empty(), 5))
                .isInstanceOf(CorruptRowException.class);
    }

    @Test
    void claim_afterNeighborsInItsBatch_seesWhatTheyChangedAndEachJobOnce() throws Exception {
        value(store().execute(give(EVA, 100)));
        JobId first = submitted(EVA);
        JobId canceled = submitted(EVA);
        JobId promoted = submitted(EVA);
        JobSpec added = spec(EVA, clock.instant());
        CountDownLatch busy = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        List<Integer> commits = Collections.synchronizedList(new ArrayList<>());
        store().onCommit(changes -> {
            commits.add(changes.size());
            busy.countDown();
            try {
                assertThat(go.await(30, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        var limit = store().execute(new JobCommand.SetLimit(new ModelName("m"), OptionalInt.of(1), "eva"));
        assertThat(busy.await(30, TimeUnit.SECONDS)).isTrue();

        var deliveries = List.of(new DeliveryId(StoreJobs.uuid()));
        var one = store().execute(new JobCommand.Promote(promoted));
        var two = store().execute(new JobCommand.Cancel(canceled, "eva", deliveries));
        var three = store().execute(submit(added));
        var four = store().execute(claim(5));
        go.countDown();

        assertThat(value(limit).running()).isZero();
        assertThat(value(one)).isTrue();
        assertThat(value(two)).isInstanceOf(JobCommand.CancelResult.Canceled.class);
        assertThat(value(three)).isInstanceOf(SubmitResult.Accepted.class);
        assertThat(value(four)).extracting(claimed -> claimed.job().id()).containsExactly(promoted, first, added.id());
        assertThat(commits).containsExactly(1, 4);
        assertThat(store().audit().findings()).isEmpty();
    }

    @Test
    void prune_ofMoreThanOneTransactionTakes_dropsAllThatIsOld() {
        List<StoredEvent> events = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            events.add(new StoredEvent(clock.instant(), "refused", Optional.of(EVA), Optional.empty(), "event " + i));
        }
        value(store().keep(events));
        clock.advance(Duration.ofHours(1));
        value(store().keep(events.subList(0, 1).stream()
                .map(old -> new StoredEvent(clock.instant(), old.kind(), old.user(), old.job(), "new"))
                .toList()));

        assertThat(value(store().prune(clock.instant(), clock.instant()))).isEqualTo(5_000);
        assertThat(store().events(Optional.of(EVA), 10))
                .extracting(StoredEvent::detail)
                .containsExactly("new");
    }

    @Test
    void readOnly_showsEverythingAndRefusesCommands() {
        value(store().execute(give(EVA, 100)));
        JobId id = submitted(EVA);
        try (SqliteDatabase reader =
                        SqliteDatabase.openReader(directory, SqliteOptions.of("a test", TestSchema::daemon));
                SqliteStore shown = SqliteStore.readOnly(reader)) {
            assertThat(shown.find(id)).isEqualTo(store().find(id));
            assertThat(shown.audit()).isEqualTo(store().audit());
            assertThatThrownBy(() -> value(shown.execute(give(EVA, 1))))
                    .hasCauseInstanceOf(DatabaseUnavailableException.class);
        }
    }

    @Test
    void batch_thatBringsAJobBackPromotesAndEndsIt_keepsAllOfThat() {
        value(store().execute(give(EVA, 100)));
        JobId job = submitted(EVA);
        AttemptRef attempt = claimed();
        List<DeliveryId> owed = List.of(new DeliveryId(StoreJobs.uuid()));
        JobCommand<?> fail = new JobCommand.Fail(
                attempt, new Failure(Failure.Kind.BACKEND, "it broke"), List.of(), 1, RetryPolicy.DEFAULT, 1, owed);
        // answers are given on the writer's thread: what they hand in is its next batch, all of it
        CompletableFuture<Void> all = store().execute(
                        new JobCommand.Mark(attempt, Attempt.Phase.STARTED, Optional.empty()))
                .thenCompose(marked -> CompletableFuture.allOf(
                        store().execute(fail).toCompletableFuture(),
                        store().execute(new JobCommand.Promote(job)).toCompletableFuture(),
                        store().execute(new JobCommand.Cancel(job, "eva", owed)).toCompletableFuture()))
                .toCompletableFuture();
        value(all);

        QueuedJob ended = fixture.restart().find(job).orElseThrow().job();

        assertThat(ended.kind()).isEqualTo(JobState.Kind.CANCELED);
        assertThat(ended.promoted()).isTrue();
    }

    @Test
    void submit_ofManyForTheLastCredit_letsOneIn() throws Exception {
        value(store().execute(give(EVA, 10)));

        List<Boolean> accepted = together(
                32, () -> value(store().execute(submit(spec(EVA, clock.instant())))) instanceof SubmitResult.Accepted);

        assertThat(accepted).filteredOn(yes -> yes).hasSize(1);
        assertThat(store().audit().findings()).isEmpty();
    }

    @Test
    void traffic_ofManySubmittersWhileOthersClaimAndSucceed_keepsTheBooks() throws Exception {
        int users = 64;
        int each = 20;
        CountDownLatch left = new CountDownLatch(users * each);
        AtomicInteger done = new AtomicInteger();
        ExecutorService drivers = Executors.newFixedThreadPool(2);
        List<Future<?>> driving = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            driving.add(drivers.submit(() -> {
                while (left.getCount() > 0) {
                    for (Claimed claimed : value(store().execute(claim(4)))) {
                        assertThat(value(store().execute(
                                                succeed(claimed.attempt().ref()))))
                                .isInstanceOf(DriveResult.Done.class);
                        done.incrementAndGet();
                        left.countDown();
                    }
                }
                return null;
            }));
        }
        AtomicInteger names = new AtomicInteger();

        together(users, () -> {
            UserId user = new UserId("user-" + names.getAndIncrement() % 10);
            for (int i = 0; i < each; i++) {
                value(store().execute(give(user, 10)));
                assertThat(value(store().execute(submit(spec(user, clock.instant())))))
                        .isInstanceOf(SubmitResult.Accepted.class);
            }
            return true;
        });
        assertThat(left.await(60, TimeUnit.SECONDS)).isTrue();
        for (Future<?> driver : driving) {
            driver.get(30, TimeUnit.SECONDS);
        }
        drivers.shutdown();

        AuditReport report = store().audit();
        assertThat(report.findings()).isEmpty();
        assertThat(report.counts()).containsEntry("jobs", (long) users * each).containsEntry("running", 0L);
        assertThat(done).hasValue(users * each);
    }

    private static <T> List<T> together(int threads, Callable<T> body) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            CyclicBarrier start = new CyclicBarrier(threads);
            List<Future<T>> futures = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                futures.add(pool.submit(() -> {
                    start.await(30, TimeUnit.SECONDS);
                    return body.call();
                }));
            }
            List<T> results = new ArrayList<>();
            for (Future<T> future : futures) {
                results.add(future.get(60, TimeUnit.SECONDS));
            }
            return results;
        } finally {
            pool.shutdownNow();
        }
    }

    /** Changes rows behind the store's back, as a damaged disk or a person would. */
    private void plant(String... statements) throws SQLException {
        fixture.close();
        try (SqliteDatabase raw =
                SqliteDatabase.openWriter(directory, SqliteOptions.of("a test", TestSchema::daemon))) {
            TestSchema.execute(
                    raw.writer(),
                    "PRAGMA foreign_keys = OFF",
                    "PRAGMA ignore_check_constraints = ON",
                    "DROP TRIGGER IF EXISTS ledger_entry_no_update",
                    "DROP TRIGGER IF EXISTS ledger_entry_no_delete",
                    "DROP TRIGGER IF EXISTS ledger_posting_no_update",
                    "DROP TRIGGER IF EXISTS ledger_posting_no_delete");
            TestSchema.execute(raw.writer(), "BEGIN");
            TestSchema.execute(raw.writer(), statements);
            TestSchema.execute(raw.writer(), "COMMIT");
        }
        fixture.restart();
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "UPDATE ledger_entry SET amount = amount",
                "UPDATE ledger_posting SET reason = 'another'",
                "DELETE FROM ledger_entry",
                "DELETE FROM ledger_posting"
            })
    void ledger_changedBehindTheStoresBack_isRefused(String statement) throws SQLException {
        value(store().execute(give(EVA, 100)));
        submitted(EVA);
        fixture.close();
        try (SqliteDatabase raw =
                SqliteDatabase.openWriter(directory, SqliteOptions.of("a test", TestSchema::daemon))) {
            TestSchema.execute(raw.writer(), "BEGIN");

            assertThatThrownBy(() -> TestSchema.execute(raw.writer(), statement))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("append-only");

            TestSchema.execute(raw.writer(), "ROLLBACK");
        }
        fixture.restart();
        assertThat(store().history(EVA, Optional.empty(), 10).postings()).hasSize(2);
    }

    // three jobs: 1 succeeded, 2 runs, 3 waits
    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "posting-sums-to-zero | UPDATE ledger_entry SET amount = amount + 1 WHERE posting_id = 1 AND book < 10",
                "posting-sums-to-zero | UPDATE ledger_entry SET amount = 9223372036854775807",
                "posting-sums-to-zero | DELETE FROM ledger_entry WHERE posting_id = 2 AND book = 2",
                "grant-conserves | UPDATE credit_grant SET remaining = remaining + 1",
                "grant-conserves | UPDATE credit_grant SET spent = 1",
                "hold-is-sum-of-slices | UPDATE credit_hold SET slices = '[]' WHERE id = 3",
                "hold-is-sum-of-slices | UPDATE credit_hold SET slices = 'oops' WHERE id = 3",
                "hold-settled-has-time | UPDATE credit_hold SET settled_at = 5 WHERE id = 3",
                "balance-is-sum-of-entries | UPDATE account SET available = available + 1",
                "balance-is-sum-of-entries | UPDATE account SET debt = -1",
                "available-is-sum-of-grants | UPDATE account SET available = available + 1",
                "held-is-sum-of-grants | UPDATE account SET held = held - 1",
                "held-is-sum-of-holds | UPDATE account SET held = held - 1",
                "grant-agrees-with-slices | UPDATE credit_grant SET consumed = consumed + 1, remaining = remaining - 1",
                "slice-has-grant | UPDATE credit_hold SET slices = '[[99,1000]]' WHERE id = 3",
                "hold-opened-once | UPDATE ledger_posting SET net = 7 WHERE kind = 2 AND hold_id = 3",
                "hold-opened-once | UPDATE ledger_posting SET hold_id = 2 WHERE kind = 2 AND hold_id = 3",
                "hold-settled-once | DELETE FROM ledger_posting WHERE kind = 3",
                "hold-settled-once | UPDATE credit_hold SET state = 3, captured = 0 WHERE id = 1",
                "price-adds-up | UPDATE credit_hold SET list_price = list_price + 1 WHERE id = 3",
                "price-adds-up | UPDATE credit_hold SET steps = '[]' WHERE id = 3",
                "price-adds-up | UPDATE credit_hold SET steps = '[[\"x\",1000,999]]' WHERE id = 3",
                "price-adds-up | UPDATE credit_hold SET steps = '[[\"x\",999,1000]]' WHERE id = 3",
                "price-adds-up | UPDATE credit_hold SET steps = '[[\"x\",1000,1100],[\"y\",1100,1000]]' WHERE id = 3",
                "price-adds-up | UPDATE credit_hold SET steps = '[[\"x\",1000,900],[\"y\",950,1000]]' WHERE id = 3",
                "price-adds-up | UPDATE credit_hold SET steps = 'oops' WHERE id = 3",
                "balance-never-negative | UPDATE ledger_entry SET amount = amount - 9500 WHERE posting_id = 1 AND book = 1",
                "balance-never-negative | UPDATE ledger_entry SET book = 3 WHERE posting_id = 1 AND book = 1",
                "late-once | INSERT INTO ledger_posting (id, previous_id, kind, account_id, hold_id, list_price, net,"
                        + " actor, at) SELECT 99, last_posting_id, 12, id, 1, 0, 0, 'x', 5 FROM account",
                "late-has-success | INSERT INTO ledger_posting (id, previous_id, kind, account_id, hold_id, list_price,"
                        + " net, actor, at) SELECT 99, last_posting_id, 12, id, 3, 0, 0, 'x', 5 FROM account",
                "no-orphans | UPDATE ledger_posting SET account_id = 99 WHERE id = 1",
                "no-orphans | UPDATE ledger_posting SET hold_id = 99 WHERE id = 2",
                "no-orphans | UPDATE ledger_posting SET previous_id = 1 WHERE id = 4",
                "no-orphans | INSERT INTO ledger_entry VALUES (99, 99, 1, 1, 5)",
                "no-orphans | DELETE FROM account_holder",
                "no-orphans | DELETE FROM grant_terms",
                "revenue-is-list-price | UPDATE ledger_posting SET list_price = 7 WHERE kind = 3",
                "revenue-is-captured | UPDATE credit_hold SET captured = captured - 1 WHERE id = 1",
                "issued-is-granted | UPDATE credit_grant SET granted = granted + 1, remaining = remaining + 1",
                "hold-has-job | UPDATE job SET hold_id = 2 WHERE id = 3",
                "job-has-hold | DELETE FROM credit_hold WHERE id = 3",
                "job-has-spec | DELETE FROM job_spec WHERE job_id = 3",
                "job-in-line | UPDATE job SET line = 0 WHERE id = 3",
                "attempt-has-job | UPDATE job SET state = 0 WHERE id = 2",
                "job-has-attempt | DELETE FROM attempt WHERE job_id = 2",
                "slot-once | UPDATE slot SET job_id = 2 WHERE number < 2",
                "slot-has-run | UPDATE slot SET job_id = 1 WHERE number = 3",
                "run-has-slot | UPDATE slot SET job_id = NULL",
                "slot-has-run | INSERT INTO collecting VALUES (2)",
                "collecting-has-run | INSERT INTO collecting VALUES (1)",
                "collecting-has-run | UPDATE attempt SET phase = 5 WHERE job_id = 2",
                "model-count | UPDATE model SET running = running + 1",
                "relaxed-count | UPDATE queue SET relaxed_running = 1",
                "user-load | UPDATE account SET live = live + 1",
                "job-in-chain | UPDATE job SET previous_id = 1 WHERE id = 3",
                "job-in-chain | UPDATE account SET last_job_id = NULL",
            })
    void audit_ofAPlantedFault_findsIt(String rule, String statement) throws SQLException {
        value(store().execute(give(EVA, 100)));
        submitted(EVA);
        value(store().execute(succeed(claimed())));
        submitted(EVA);
        claimed();
        submitted(EVA);
        assertThat(store().audit().findings()).isEmpty();

        plant(statement);

        AuditReport report;
        try (SqliteDatabase reader =
                SqliteDatabase.openReader(directory, SqliteOptions.of("a test", TestSchema::daemon))) {
            report = SqliteStore.readOnly(reader).audit();
        }
        assertThat(report.findings()).extracting(Finding::rule).contains(rule);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "draw-is-latest | UPDATE account_holder SET draw_day = draw_day + 1",
                "draw-is-latest | UPDATE account_holder SET draw_day = NULL",
                "draw-is-latest | DELETE FROM lucky_draw",
                "draw-is-of-secret | UPDATE lucky_draw SET roll = (roll + 1) % 10000",
                "draw-is-of-secret | UPDATE draw_secret SET secret = zeroblob(32)",
                "draw-is-of-secret | DELETE FROM draw_secret",
            })
    void audit_ofAPlantedDraw_findsIt(String rule, String statement) throws SQLException {
        DrawSecret.Secret secret = new DrawSecret.Secret("0f".repeat(32));
        value(store().execute(new LedgerCommand.PrepareDraw(ZoneOffset.UTC, secret)));
        value(store().execute(new LedgerCommand.DrawLuck(EVA, LuckyDraw.SHIPPED, ZoneOffset.UTC, 1)));
        assertThat(store().audit().findings()).isEmpty();

        plant(
                "DROP TRIGGER lucky_draw_no_update",
                "DROP TRIGGER lucky_draw_no_delete",
                "DROP TRIGGER draw_secret_no_update",
                "DROP TRIGGER draw_secret_no_delete",
                statement);

        assertThat(store().audit().findings()).extracting(Finding::rule).containsOnly(rule);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE draw_secret SET at = 1",
                "DELETE FROM draw_secret",
                "UPDATE lucky_draw SET roll = 1",
                "DELETE FROM lucky_draw"
            })
    void draws_changedBehindTheStoresBack_areRefused(String statement) throws SQLException {
        DrawSecret.Secret secret = new DrawSecret.Secret("0f".repeat(32));
        value(store().execute(
                        new LedgerCommand.DrawLuck(EVA, LuckyDraw.SHIPPED, ZoneOffset.UTC, 1, Optional.of(secret))));
        fixture.close();
        try (SqliteDatabase raw =
                SqliteDatabase.openWriter(directory, SqliteOptions.of("a test", TestSchema::daemon))) {
            assertThatThrownBy(() -> TestSchema.execute(raw.writer(), statement))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("append-only");
        }
        SqliteStore again = fixture.restart();
        DrawSecret kept = again.latestDrawSecret().orElseThrow();
        assertThat(kept.secret()).isEqualTo(secret);
        assertThat(value(again.execute(
                        new LedgerCommand.PrepareDraw(ZoneOffset.UTC, new DrawSecret.Secret("00".repeat(32))))))
                .as("it is known after a restart")
                .isEqualTo(kept);
    }

    // payments: 1 bought grant 1 and was charged back, 2 bought grant 2, which settled a debt, 3 is unmatched, 4 is
    // being
    // refunded with its grant 3
    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "payment-has-grant | UPDATE payment SET credits = credits + 1 WHERE id = 2",
                "payment-has-grant | UPDATE payment SET account_id = 1, credits = 5 WHERE id = 3",
                "payment-has-grant | UPDATE grant_terms SET source_key = 'other' WHERE grant_id = 2",
                "purchase-has-payment | UPDATE grant_terms SET source_key = 'other' WHERE grant_id = 2",
                "purchase-has-payment | DELETE FROM payment WHERE id = 2",
                "charged-once | DROP INDEX payment_state; CREATE TABLE p AS SELECT * FROM payment; DROP TABLE payment; ALTER TABLE p RENAME TO payment; UPDATE payment SET external_id = 'c'",
                "charged-once | CREATE TABLE i AS SELECT * FROM invoice; DROP TABLE invoice; ALTER TABLE i RENAME TO invoice; INSERT INTO invoice SELECT * FROM invoice LIMIT 1",
                "revoked-as-paid-back | UPDATE payment SET state = 1 WHERE id = 1",
                "revoked-as-paid-back | UPDATE payment SET state = 4 WHERE id = 4",
                "revoked-as-paid-back | UPDATE credit_grant SET revocation = NULL WHERE id = 1",
                "revoked-is-empty | UPDATE credit_grant SET remaining = 1, revoked = revoked - 1 WHERE id = 1",
                "revoked-is-empty | UPDATE grant_terms SET source = 3 WHERE grant_id = 2",
                "invoice-paid | UPDATE invoice SET state = 1 WHERE id = 1",
                "invoice-paid | UPDATE invoice SET state = 2 WHERE id = 2",
                "payment-names-rows | UPDATE payment SET payer_id = 99 WHERE id = 3",
                "payment-names-rows | UPDATE payment SET invoice_id = 99 WHERE id = 1",
                "payment-names-rows | UPDATE invoice SET account_id = 99 WHERE id = 2",
                "debt-is-what-was-used | UPDATE account SET debt = debt - 1",
                "debt-is-what-was-used | UPDATE credit_grant SET revocation = 1 WHERE id = 1",
                "grant-conserves | UPDATE credit_grant SET repaid = repaid + 1 WHERE id = 2",
                "issued-is-granted | UPDATE credit_grant SET revocation = 1 WHERE id = 1",
            })
    void audit_ofAPlantedFaultInPayments_findsIt(String rule, String statements) throws SQLException {
        HoldId hold = new HoldId(new UUID(7, 7));
        LedgerCommand.OpenInvoice asked = invoice(1);
        value(store().execute(asked));
        value(store().execute(invoice(2)));
        LedgerCommand.RecordPayment first = payment("1", Optional.of(asked.payload()));
        LedgerCommand.RecordPayment last = payment("4", Optional.of(asked.payload()));
        value(store().execute(first));
        value(store().execute(new LedgerCommand.OpenHold(
                hold, EVA, Price.agreed(Amount.credits(20), Amount.credits(20)), "shop")));
        value(store().execute(new LedgerCommand.Capture(hold, Amount.credits(20), Amount.credits(20), "shop")));
        value(store().execute(new LedgerCommand.ChargeBack(first.charge(), "bank", "it is disputed")));
        value(store().execute(payment("2", Optional.of(asked.payload()))));
        value(store().execute(payment("3", Optional.empty())));
        value(store().execute(last));
        value(store().execute(new LedgerCommand.BeginRefund(last.id(), false, "admin", "not wanted")));
        assertThat(store().auditLedger().findings()).isEmpty();
        assertThat(store().grants(EVA)).hasSize(3);

        plant(statements.split(";"));

        try (SqliteDatabase reader =
                SqliteDatabase.openReader(directory, SqliteOptions.of("a test", TestSchema::daemon))) {
            assertThat(SqliteStore.readOnly(reader).auditLedger().findings())
                    .extracting(Finding::rule)
                    .contains(rule);
        }
    }

    private static LedgerCommand.OpenInvoice invoice(int number) {
        return invoice(EVA, number, "inv:" + number);
    }

    private static LedgerCommand.OpenInvoice invoice(UserId user, int number, String payload) {
        return new LedgerCommand.OpenInvoice(
                new InvoiceId(new UUID(7, number)),
                payload,
                user,
                "small",
                new Money(499, "EUR"),
                Amount.credits(50),
                Duration.ofHours(1));
    }

    private static LedgerCommand.RecordPayment payment(String charge, Optional<String> payload) {
        return payment(EVA, charge, payload, "{}");
    }

    private static LedgerCommand.RecordPayment payment(
            UserId payer, String charge, Optional<String> payload, String raw) {
        return new LedgerCommand.RecordPayment(
                new PaymentId(UUID.nameUUIDFromBytes(charge.getBytes(StandardCharsets.UTF_8))),
                Charge.once("manual", charge),
                payer,
                new Money(499, "EUR"),
                payload,
                raw,
                "admin:test");
    }

    @Test
    void erase_ofAUser_leavesNoTextInAnyTableThatSaysWhoItWas() throws SQLException {
        UserId boris = new UserId("boris");
        value(store().execute(give(boris, 100)));
        value(store().execute(new LedgerCommand.DrawLuck(boris, LuckyDraw.SHIPPED, ZoneOffset.UTC, 1)));
        value(store().execute(new LedgerCommand.OpenBalance(
                boris, "old-bot", Amount.credits(5), Optional.empty(), Optional.empty(), "admin", "brought along")));
        value(store().execute(new JobCommand.MakeQuote(
                new QuoteId(StoreJobs.uuid()),
                List.of(spec(boris, clock.instant())),
                "hash",
                Duration.ofMinutes(5),
                3)));
        value(store().execute(invoice(boris, 1, "boris:1")));
        value(store().execute(invoice(boris, 2, "inv:2")));
        value(store().execute(payment(boris, "one", Optional.of("boris:1"), "{\"from\": \"boris\"}")));
        value(store().execute(payment(boris, "two", Optional.of("for boris"), "{\"from\": \"boris\"}")));
        value(store().execute(payment(EVA, "three", Optional.of("inv:2"), "{\"for\": \"boris\"}")));
        PaymentId matched =
                store().payment(Charge.once("manual", "two")).orElseThrow().id();
        value(store().execute(new LedgerCommand.MatchPayment(
                matched, boris, Amount.credits(50), "admin", "it was for a pack")));
        JobSpec free = StoreJobs.spec(
                boris, clock.instant(), "flux", Tariff.of(StoreJobs.PRICE).with(new DailyQuota(1, AfterQuota.CHARGE)));
        value(store().execute(submit(free)));
        value(store().execute(new JobCommand.Cancel(free.id(), "boris", List.of(new DeliveryId(StoreJobs.uuid())))));
        JobId job = submitted(boris);
        value(store().execute(new JobCommand.Cancel(job, "boris", List.of(new DeliveryId(StoreJobs.uuid())))));
        value(store().keep(List.of(
                new StoredEvent(clock.instant(), "refused", Optional.empty(), Optional.empty(), "no job of boris"))));
        KeyStore keys = new SqliteKeyStore(fixture.database(), store());
        keys.add(key(boris, "laptop"), "a".repeat(64));
        keys.add(key(EVA, "lent to boris"), "b".repeat(64));
        keys.revoke(keys.list(Optional.of(EVA), 1).get(0).id(), clock.instant(), "cli:boris");
        StateStore state = new SqliteStateStore(fixture.database(), store(), clock);
        state.put("session:1", "boris", Optional.empty());
        state.put("session:boris", "1", Optional.empty());
        state.put("session:2", "adam", Optional.empty());
        new Doors(state, clock).take(SubmissionMode.DISABLED, "back soon", "cli:boris");
        assertThat(texts()).anySatisfy(text -> assertThat(text).contains("boris"));
        for (String table : List.of("invoice.", "payment.", "quote.", "quota_day.")) {
            assertThat(texts()).as(table).anySatisfy(text -> assertThat(text).startsWith(table));
        }

        value(store().erase(boris, new UserId("erased:1"), "cli:boris", "boris wants to go"));

        assertThat(texts()).isNotEmpty().allSatisfy(text -> assertThat(text).doesNotContain("boris"));
        assertThat(keys.list(Optional.empty(), 10)).hasSize(1);
        assertThat(state.get("session:2")).contains("adam");
        assertThat(new Doors(state, clock).submissions().text()).isEqualTo("back soon");
        assertThat(store().audit().findings()).isEmpty();
    }

    @Test
    void erase_ofWhoHasAnOpenHoldOfNothing_isRefused() {
        HoldId loose = new HoldId(UUID.fromString("01900000-0000-7000-8000-00000000abcd"));
        UserId nobody = new UserId("erased:1");
        value(store().execute(give(EVA, 100)));
        value(store().execute(new LedgerCommand.OpenHold(loose, EVA, Price.agreed(Amount.ZERO, Amount.ZERO), "shop")));

        assertThat(value(store().erase(EVA, nobody, "admin", "wants to go"))).isEqualTo(new EraseResult.Busy(0, 1, 0));
        value(store().execute(new LedgerCommand.Release(loose, false, "shop", "not wanted")));
        assertThat(value(store().erase(EVA, nobody, "admin", "wants to go"))).isEqualTo(new EraseResult.Erased(nobody));
        assertThat(value(store().execute(give(EVA, 7)))).isInstanceOf(GrantResult.Granted.class);
        assertThat(store().account(EVA).orElseThrow().available()).isEqualTo(Amount.credits(7));
    }

    private ApiKey key(UserId user, String name) {
        return new ApiKey(
                new KeyId(StoreJobs.uuid()),
                user,
                name,
                Set.of(Scope.JOBS),
                clock.instant(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** Each text in each column of each table. */
    private List<String> texts() throws SQLException {
        List<String> texts = new ArrayList<>();
        fixture.database().<@Nullable Void>read(handle -> {
            List<String> tables = handle.createQuery("SELECT name FROM sqlite_schema WHERE type = 'table'")
                    .mapTo(String.class)
                    .list();
            for (String table : tables) {
                handle.createQuery("SELECT * FROM " + table)
                        .mapToMap()
                        .forEach(row -> row.forEach((column, value) -> {
                            String text = value instanceof byte[] bytes
                                    ? new String(bytes, StandardCharsets.UTF_8)
                                    : String.valueOf(value);
                            texts.add(table + "." + column + ": " + text);
                        }));
            }
            return null;
        });
        return texts;
    }

    @Test
    void audit_ofAHoldThatNoJobHas_namesItAsEverybodyDoes() {
        HoldId loose = new HoldId(UUID.fromString("01900000-0000-7000-8000-00000000abcd"));
        value(store().execute(give(EVA, 100)));
        value(store().execute(new LedgerCommand.OpenHold(
                loose, EVA, Price.agreed(Amount.credits(1), Amount.credits(1)), "shop")));

        AuditReport report = store().audit();

        assertThat(report.findings()).extracting(Finding::subject).containsExactly(loose.toString());
    }
}
