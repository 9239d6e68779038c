package io.tollgate.sql;

import static io.tollgate.sql.StoreFixture.value;
import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.credits.CreditPolicy;
import io.tollgate.credits.account.Perks;
import io.tollgate.credits.account.Tier;
import io.tollgate.credits.account.Tiers;
import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Account;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Charge;
import io.tollgate.credits.ledger.DrawSecret;
import io.tollgate.credits.ledger.GrantSource;
import io.tollgate.credits.ledger.HoldId;
import io.tollgate.credits.ledger.InvoiceId;
import io.tollgate.credits.ledger.LedgerCommand;
import io.tollgate.credits.ledger.LuckyDraw;
import io.tollgate.credits.ledger.Money;
import io.tollgate.credits.ledger.PaymentFilter;
import io.tollgate.credits.ledger.PaymentId;
import io.tollgate.credits.ledger.Price;
import io.tollgate.credits.ledger.QuoteId;
import io.tollgate.credits.ledger.StoreException;
import io.tollgate.credits.ledger.Trial;
import io.tollgate.credits.pricing.AfterQuota;
import io.tollgate.credits.pricing.DailyQuota;
import io.tollgate.credits.pricing.Tariff;
import io.tollgate.credits.test.MutableClock;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.Attempt;
import io.tollgate.queue.job.AttemptRef;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.BatchId;
import io.tollgate.queue.job.ContentHash;
import io.tollgate.queue.job.DeliveryEvent;
import io.tollgate.queue.job.DeliveryFilter;
import io.tollgate.queue.job.DeliveryId;
import io.tollgate.queue.job.DeliveryTarget;
import io.tollgate.queue.job.DeliveryTry;
import io.tollgate.queue.job.Failure;
import io.tollgate.queue.job.JobCommand;
import io.tollgate.queue.job.JobCommand.DeliveryReport;
import io.tollgate.queue.job.JobCommand.IdempotencyKey;
import io.tollgate.queue.job.JobCommand.Offer;
import io.tollgate.queue.job.JobFilter;
import io.tollgate.queue.job.JobPolicy;
import io.tollgate.queue.job.JobRules;
import io.tollgate.queue.job.JobSpec;
import io.tollgate.queue.job.JobStore;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.NodeId;
import io.tollgate.queue.job.Output;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.QueueSwitch;
import io.tollgate.queue.job.QueuedJob;
import io.tollgate.queue.job.RetryPolicy;
import io.tollgate.queue.job.RunId;
import io.tollgate.queue.job.StoredEvent;
import io.tollgate.queue.job.SubmissionLimits;
import io.tollgate.queue.memory.MemoryStore;
import io.tollgate.queue.test.CountingIds;
import io.tollgate.queue.test.JobSpecs;
import io.tollgate.queue.test.StoredDeliveries;
import io.tollgate.sql.Faults.Fault;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteErrorCode;

/**
 * A batch that holds all commands there are, on a database that fails: at each statement of the shared transaction, and
 * at each statement of the transactions that follow when its commands are tried alone. The statements are counted as
 * they come, so that a new one is failed like the others.
 *
 * <p>Whatever fails: who is told so has changed nothing, the neighbors succeed, and the store is what one in memory is
 * that was given only the commands that succeeded. A plain build fails each statement of the shared transaction in one
 * way and some of the others; {@code -Pproof} fails them all in all ways.
 */
final class SharedCommitFaultTest {
    private static final boolean PROOF = Boolean.getBoolean("tollgate.proof");

    /** How many of the statements of lone transactions a plain build passes over for each that it fails. */
    private static final int STRIDE = PROOF ? 1 : 17;

    private static final int STATEMENTS_AT_MOST = 5_000;

    private static final UserId EVA = new UserId("eva");
    private static final UserId ADAM = new UserId("adam");
    private static final UserId ZOE = new UserId("zoe");
    private static final UserId IVAN = new UserId("ivan");
    private static final UserId NOBODY = new UserId("erased:1");
    private static final QueueName IMAGE = JobSpecs.QUEUE;
    private static final QueueName FAIR = new QueueName("fair");
    private static final BackendId GPU = new BackendId("gpu-1");
    private static final BackendId OTHER_GPU = new BackendId("gpu-2");
    private static final NodeId NODE = new NodeId("node-1");
    private static final Duration TTL = Duration.ofMinutes(2);
    private static final DeliveryTarget HOOK = new DeliveryTarget("webhook", "https://example.org/hook");
    /** Told of everything, one after the other. */
    private static final DeliveryTarget ALL =
            new DeliveryTarget("webhook", "https://example.org/all", EnumSet.allOf(DeliveryEvent.class));

    private static final RetryPolicy RETRY = new RetryPolicy(3, Duration.ofSeconds(2), Duration.ofMinutes(1));
    private static final JobPolicy POLICY = new JobPolicy(
            CreditPolicy.of(new Tiers(List.of(
                            new Tier(Tier.STANDARD, Perks.NONE),
                            new Tier(
                                    "relaxed",
                                    new Perks(Optional.of("relaxed"), true, true, 0, true, OptionalInt.empty())))))
                    .with(new Trial(Amount.credits(1), Duration.ofMinutes(5))),
            new SubmissionLimits(200, 1_000, 600),
            Map.of(),
            Map.of(IMAGE, 50, FAIR, 50),
            Map.of(FAIR, JobPolicy.Order.FAIR),
            0.5,
            3);

    /** What fails, and how: as SQLite does it, and as no database should. */
    private record Way(SQLiteErrorCode code, Fault fault) {}

    private static final List<Way> WAYS = List.of(
            new Way(SQLiteErrorCode.SQLITE_FULL, Fault.ROLLED_BACK),
            new Way(SQLiteErrorCode.SQLITE_IOERR, Fault.BEFORE),
            new Way(SQLiteErrorCode.SQLITE_CONSTRAINT, Fault.BEFORE),
            new Way(SQLiteErrorCode.SQLITE_IOERR, Fault.ROLLED_BACK),
            new Way(SQLiteErrorCode.SQLITE_FULL, Fault.BEFORE),
            new Way(SQLiteErrorCode.SQLITE_CONSTRAINT, Fault.AFTER),
            new Way(SQLiteErrorCode.SQLITE_IOERR, Fault.AFTER));

    /** A command by its name, for a store in a file and for one in memory. */
    private record Deed(String name, Work work) {
        static Deed of(JobCommand<?> command) {
            return new Deed(command.getClass().getSimpleName(), new Work.OfJobs(command));
        }

        static Deed of(LedgerCommand<?> command) {
            return new Deed(command.getClass().getSimpleName(), new Work.OfLedger(command));
        }

        CompletionStage<?> on(MemoryStore store) {
            if (work instanceof Work.OfJobs jobs) {
                return store.execute(jobs.command());
            } else if (work instanceof Work.OfLedger ledger) {
                return store.execute(ledger.command());
            } else if (work instanceof Work.Keep keep) {
                return store.keep(keep.events());
            }
            if (work instanceof Work.Erase erase) {
                return store.erase(erase.user(), erase.pseudonym(), erase.actor(), erase.reason());
            }
            if (work instanceof Work.Write) {
                return CompletableFuture.completedStage(1); // it has no such rows
            }
            Work.Prune prune = (Work.Prune) work;
            return store.prune(prune.eventsBefore(), prune.keysBefore());
        }
    }

    @TempDir
    Path directory;

    private final CountingIds ids = new CountingIds();
    private final MutableClock clock = new MutableClock();
    private final List<Deed> before = new ArrayList<>();
    private final List<Deed> batch = new ArrayList<>();
    private final List<Deed> afterwards = new ArrayList<>();
    private Path prepared;
    private int walks;

    private AttemptRef running(JobSpec job) {
        return new AttemptRef(job.id(), 1, 1);
    }

    private List<RunId> runIds(int count) {
        return Stream.generate(() -> new RunId(ids.next())).limit(count).toList();
    }

    private List<DeliveryId> owed() {
        return List.of(new DeliveryId(ids.next()));
    }

    private JobCommand.ReportDelivery tried(DeliveryId delivery, int number, DeliveryReport report) {
        DeliveryTry found = new DeliveryTry(
                delivery,
                number,
                clock.instant(),
                Duration.ofMillis(12),
                OptionalInt.of(200),
                Optional.empty(),
                Optional.of("thanks"));
        return new JobCommand.ReportDelivery(delivery, number, report, Optional.of(found));
    }

    private JobCommand.Claim claim(QueueName queue, int most) {
        return new JobCommand.Claim(queue, NODE, List.of(new Offer(GPU, JobSpecs.TYPE, Set.of())), runIds(most), TTL);
    }

    private JobCommand.Succeed succeed(JobSpec job, List<DeliveryId> owed) {
        Output output = new Output(
                new AssetId(ids.next()),
                job.id(),
                0,
                "out.png",
                Optional.empty(),
                "image/png",
                123_456,
                new ContentHash(ContentHash.Function.BLAKE3, "0f".repeat(32)),
                Optional.empty(),
                Optional.empty());
        return new JobCommand.Succeed(running(job), List.of(output), 2, owed);
    }

    private JobCommand.Fail fail(JobSpec job, Failure.Kind kind) {
        return new JobCommand.Fail(running(job), new Failure(kind, "it broke"), List.of(), 1, RETRY, 0.5, owed());
    }

    private static JobCommand.Submit submit(JobSpec... jobs) {
        return new JobCommand.Submit(List.of(jobs), Optional.empty());
    }

    private static JobCommand.Submit submit(String key, JobSpec job) {
        return new JobCommand.Submit(List.of(job), Optional.of(new IdempotencyKey(key, "hash of " + key)));
    }

    private LedgerCommand.GrantCredits give(UserId user, long credits, Optional<Instant> expiresAt) {
        return new LedgerCommand.GrantCredits(
                user,
                GrantSource.BONUS,
                "gift:" + ids.next(),
                Amount.credits(credits),
                expiresAt,
                "admin:test",
                "for a test");
    }

    private LedgerCommand.OpenHold hold(HoldId id) {
        return new LedgerCommand.OpenHold(id, ADAM, Price.agreed(Amount.credits(3), Amount.credits(2)), "shop");
    }

    private static Deed keep(String kind, Instant at) {
        return new Deed(
                "Keep",
                new Work.Keep(List.of(new StoredEvent(at, kind, Optional.of(EVA), Optional.empty(), "an event"))));
    }

    private static final List<String> ASIDE = List.of(
            "INSERT INTO state_value (name, value) VALUES ('a', 'b')",
            "INSERT INTO api_key (uuid, hash, user_id, name, scopes, created_at)" + " VALUES (zeroblob(16), '"
                    + "0f".repeat(32) + "', 'eva', 'laptop', 'jobs', 1)",
            "INSERT INTO endpoint (uuid, user_id, url, events, secret, created_at, state)"
                    + " VALUES (zeroblob(16), 'eva', 'https://example.org/hook', 'succeeded', 'a secret', 1, 0)",
            "INSERT INTO user_secret (user_id, secret) VALUES ('eva', 'a secret')");

    /** Rows of the tables that stand aside: values, endpoints, secrets, keys. Fails if it was done before. */
    private static int once(HotStatements statements) throws SQLException {
        int rows = 0;
        for (String insert : ASIDE) {
            rows += statements.statement(insert).run();
        }
        return rows / ASIDE.size();
    }

    @BeforeEach
    void layDown() throws Exception {
        JobSpecs specs = new JobSpecs(ids, clock);
        Instant start = clock.instant();
        List<JobSpec> jobs = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            jobs.add(specs.draft(EVA)
                    .targets(HOOK)
                    .patience(i == 9 ? Duration.ofMinutes(5) : JobSpecs.PATIENCE)
                    .build());
        }
        JobSpec relaxed = specs.draft(ZOE).targets(ALL).build();
        List<DeliveryId> reported = owed();
        List<DeliveryId> sentAgain = owed();
        HoldId captured = new HoldId(ids.next());
        HoldId released = new HoldId(ids.next());
        HoldId opened = new HoldId(ids.next());

        add(before, new JobCommand.ProvideSlots(GPU, 12));
        add(before, give(EVA, 500, Optional.empty()));
        add(before, give(ADAM, 100, Optional.empty()));
        add(before, give(ADAM, 5, Optional.of(start.plus(Duration.ofMinutes(5)))));
        add(before, new LedgerCommand.AssignTier(ZOE, "relaxed", Optional.empty(), "admin:test", "for a test"));
        add(before, hold(captured));
        add(before, hold(released));
        add(before, submit("first", jobs.get(0)));
        jobs.subList(1, 8).forEach(job -> add(before, submit(job)));
        add(before, submit(relaxed));
        add(before, claim(IMAGE, 9));
        jobs.subList(8, 12).forEach(job -> add(before, submit(job)));
        add(before, new JobCommand.Mark(running(jobs.get(3)), Attempt.Phase.UNKNOWN, Optional.empty()));
        add(before, new JobCommand.Mark(running(jobs.get(7)), Attempt.Phase.UNKNOWN, Optional.empty()));
        add(before, new JobCommand.Resolve(jobs.get(7).id(), false, "admin:test", "nobody knows", owed()));
        add(before, new JobCommand.Mark(running(jobs.get(1)), Attempt.Phase.COLLECTING, Optional.empty()));
        add(before, succeed(jobs.get(5), reported));
        add(before, succeed(jobs.get(6), sentAgain));
        add(before, new JobCommand.TakeDeliveries(5, Duration.ofMinutes(1)));
        add(before, tried(sentAgain.get(0), 1, new DeliveryReport.GiveUp("it is gone")));
        before.add(keep("old", start));
        JobSpec ofIvan = specs.draft(IVAN).tags("ivan's").build();
        add(before, give(IVAN, 30, Optional.empty()));
        add(before, submit("ivan's", ofIvan));
        add(before, new JobCommand.Cancel(ofIvan.id(), "ivan", List.of()));

        add(batch, submit("second", specs.draft(EVA).targets(HOOK, ALL).build()));
        add(batch, submit("first", specs.of(EVA))); // a replay of what came before: changes nothing
        BatchId together = new BatchId(ids.next());
        add(
                batch,
                submit(
                        specs.draft(ADAM).batch(together).tags("a", "b").build(),
                        specs.draft(ADAM).batch(together).build()));
        add(batch, submit(specs.of(ZOE)));
        add(batch, submit(specs.draft(ADAM).queue(FAIR).build()));
        add(batch, submit(specs.draft(EVA).queue(FAIR).build()));
        add(batch, claim(IMAGE, 1));
        add(batch, claim(FAIR, 1));
        add(
                batch,
                new JobCommand.Mark(running(jobs.get(0)), Attempt.Phase.STARTED, Optional.of(new RunId(ids.next()))));
        add(batch, new JobCommand.Mark(running(jobs.get(0)), Attempt.Phase.COLLECTING, Optional.empty()));
        add(batch, succeed(jobs.get(1), owed()));
        add(batch, succeed(relaxed, owed()));
        add(batch, succeed(jobs.get(7), owed())); // late
        add(batch, fail(jobs.get(2), Failure.Kind.BACKEND));
        add(batch, fail(jobs.get(4), Failure.Kind.BAD_INPUT));
        add(batch, new JobCommand.Resolve(jobs.get(3).id(), false, "admin:test", "nobody knows", owed()));
        add(batch, new JobCommand.Cancel(jobs.get(11).id(), "eva", owed()));
        add(batch, new JobCommand.Cancel(jobs.get(0).id(), "eva", owed()));
        add(batch, new JobCommand.Expire(jobs.get(9).id(), owed()));
        add(batch, new JobCommand.Promote(jobs.get(10).id()));
        add(batch, new JobCommand.TakeDeliveries(1, Duration.ofMinutes(1)));
        add(batch, tried(reported.get(0), 1, new DeliveryReport.Delivered()));
        // what waited behind it is released
        add(batch, tried(DeliveryId.of(relaxed.id(), DeliveryEvent.QUEUED, 0, 0), 1, new DeliveryReport.Delivered()));
        add(batch, new JobCommand.Redeliver(sentAgain.get(0)));
        add(batch, new JobCommand.Renew(NODE, List.of(running(jobs.get(0))), TTL));
        add(batch, new JobCommand.SetLimit(new ModelName("flux"), OptionalInt.of(2), "admin:test"));
        add(batch, new JobCommand.SwitchQueue(new QueueName("video"), QueueSwitch.Mode.PAUSED, "admin:test"));
        add(batch, new JobCommand.ProvideSlots(OTHER_GPU, 3));
        add(batch, give(ZOE, 7, Optional.of(start.plus(Duration.ofDays(30)))));
        add(batch, new LedgerCommand.Adjust(EVA, Amount.credits(-5), "admin:test", "a correction", "adjust:1"));
        add(batch, new LedgerCommand.AssignTier(ADAM, "relaxed", Optional.empty(), "admin:test", "for a test"));
        add(batch, new LedgerCommand.ExpireGrants(ADAM));
        add(
                batch,
                new JobCommand.MakeQuote(
                        new QuoteId(ids.next()), List.of(specs.of(ZOE)), "hash", Duration.ofMinutes(5), 3));
        add(
                batch,
                submit(specs.draft(ZOE)
                        .tariff(Tariff.of(Amount.credits(5)).with(new DailyQuota(1, AfterQuota.CHARGE)))
                        .build()));
        add(batch, new LedgerCommand.DrawLuck(ADAM, LuckyDraw.SHIPPED, ZoneOffset.UTC, 42));
        add(
                batch,
                new LedgerCommand.OpenBalance(
                        ZOE,
                        "old-bot",
                        Amount.credits(9),
                        Optional.of("relaxed"),
                        Optional.of(start.plus(Duration.ofDays(9))),
                        "admin:test",
                        "brought along"));
        DrawSecret.Secret secret = new DrawSecret.Secret("0f".repeat(32));
        add(batch, new LedgerCommand.PrepareDraw(ZoneOffset.UTC, secret));
        add(batch, new LedgerCommand.DrawLuck(ZOE, LuckyDraw.SHIPPED, ZoneOffset.UTC, 42, Optional.of(secret)));
        add(batch, hold(opened));
        add(batch, new LedgerCommand.Capture(captured, Amount.credits(1), Amount.parse("1.5"), "shop"));
        add(batch, new LedgerCommand.Release(released, true, "shop", "not wanted"));
        addPayments();
        add(batch, new LedgerCommand.BookLate(released, Amount.credits(2), "shop"));
        batch.add(new Deed("Erase", new Work.Erase(IVAN, NOBODY, "admin:test", "wants to go")));
        batch.add(keep("new", start.plus(Duration.ofMinutes(10))));
        batch.add(new Deed("Write", new Work.Write(SharedCommitFaultTest::once)));
        batch.add(new Deed("Prune", new Work.Prune(start.plusMillis(1), start, 2_000)));
        add(batch, new JobCommand.TakeOver(new NodeId("node-2"), false, TTL));

        add(afterwards, new LedgerCommand.Release(opened, false, "shop", "not wanted"));
        add(afterwards, submit(specs.draft(ZOE).targets(HOOK).build(), specs.of(ZOE)));
        add(afterwards, submit(specs.draft(EVA).queue(FAIR).build()));
        add(afterwards, new JobCommand.ProvideSlots(GPU, 20));
        add(afterwards, claim(IMAGE, 20));
        add(afterwards, claim(FAIR, 5));

        prepared = directory.resolve("prepared");
        try (StoreFixture fixture = new StoreFixture(prepared, POLICY, clock)) {
            for (Deed deed : before) {
                done(fixture.store(), deed);
            }
            assertThat(fixture.store().audit().findings()).hasSize(2); // the shop's holds have no jobs
        }
        clock.advance(Duration.ofMinutes(10));
    }

    private void addPayments() {
        LedgerCommand.OpenInvoice asked = invoice();
        LedgerCommand.OpenInvoice asksNow = invoice();
        LedgerCommand.RecordPayment unmatched = payment("unmatched", Optional.empty());
        LedgerCommand.RecordPayment bought = payment("bought", Optional.of(asked.payload()));
        LedgerCommand.RecordPayment refunding = payment("refunding", Optional.of(asked.payload()));
        LedgerCommand.RecordPayment disputed = payment("disputed", Optional.of(asked.payload()));
        add(before, asked);
        List.of(unmatched, bought, refunding, disputed).forEach(payment -> add(before, payment));
        add(before, new LedgerCommand.BeginRefund(refunding.id(), false, "admin:test", "not wanted"));

        add(batch, asksNow);
        add(batch, payment("now", Optional.of(asksNow.payload())));
        add(batch, new LedgerCommand.MatchPayment(unmatched.id(), EVA, Amount.credits(3), "admin:test", "it is hers"));
        add(batch, new LedgerCommand.BeginRefund(bought.id(), false, "admin:test", "not wanted"));
        add(batch, new LedgerCommand.FinishRefund(refunding.id(), true, "system", "it went back"));
        add(batch, new LedgerCommand.ChargeBack(disputed.charge(), "system", "the bank says so"));

        add(afterwards, new LedgerCommand.FinishRefund(bought.id(), false, "system", "too late for it"));
        add(afterwards, payment("now", Optional.of(asksNow.payload())));
    }

    private LedgerCommand.OpenInvoice invoice() {
        InvoiceId id = new InvoiceId(ids.next());
        return new LedgerCommand.OpenInvoice(
                id, "inv:" + id, ZOE, "small", new Money(499, "EUR"), Amount.credits(50), Duration.ofHours(1));
    }

    private LedgerCommand.RecordPayment payment(String charge, Optional<String> payload) {
        return new LedgerCommand.RecordPayment(
                new PaymentId(ids.next()),
                Charge.once("manual", charge),
                ZOE,
                new Money(499, "EUR"),
                payload,
                "{}",
                "admin:test");
    }

    private static void add(List<Deed> to, JobCommand<?> command) {
        to.add(Deed.of(command));
    }

    private static void add(List<Deed> to, LedgerCommand<?> command) {
        to.add(Deed.of(command));
    }

    private static void done(SqliteStore store, Deed deed) {
        if (deed.work() instanceof Work.OfJobs jobs) {
            value(store.execute(jobs.command()));
        } else if (deed.work() instanceof Work.OfLedger ledger) {
            value(store.execute(ledger.command()));
        } else if (deed.work() instanceof Work.Keep keep) {
            value(store.keep(keep.events()));
        } else if (deed.work() instanceof Work.Prune prune) {
            value(store.prune(prune.eventsBefore(), prune.keysBefore()));
        } else if (deed.work() instanceof Work.Erase erase) {
            value(store.erase(erase.user(), erase.pseudonym(), erase.actor(), erase.reason()));
        }
    }

    /** Whoever adds a command adds it here, too. */
    @Test
    void batch_always_holdsAllCommandsThereAre() {
        Set<String> all = new TreeSet<>();
        for (Class<?> sealed : List.of(JobCommand.class, LedgerCommand.class, Work.class)) {
            for (Class<?> kind : sealed.getPermittedSubclasses()) {
                all.add(kind.getSimpleName());
            }
        }
        all.removeAll(Set.of("OfJobs", "OfLedger"));

        assertThat(batch.stream().map(Deed::name).distinct()).containsExactlyInAnyOrderElementsOf(all);
    }

    @Test
    void batch_onASoundDatabase_isOneTransactionThatDoesAll() throws Exception {
        Walk walk = walk(WAYS.get(0), number -> false);

        assertThat(walk.failures).isEmpty();
        assertThat(walk.statements.stream().filter(sql -> sql.equals("COMMIT"))).hasSize(1);
    }

    /** One statement of the shared transaction fails, and all commands succeed when they are tried alone. */
    @Test
    void batch_oneStatementFails_allSucceedAlone() throws Exception {
        int statements = walk(WAYS.get(0), number -> false).statements.size();
        Set<String> failed = new TreeSet<>();

        for (int i = 0; i < statements; i++) {
            for (Way way : waysFor(i)) {
                int broken = i;
                Walk walk = walk(way, number -> number == broken);
                assertThat(walk.fired).as(walk.name).hasSize(1);
                failed.addAll(walk.fired);
                if (walk.fired.contains("BEGIN IMMEDIATE")) {
                    assertThat(walk.failures).as(walk.name).hasSameSizeAs(batch);
                } else {
                    assertThat(walk.failures).as(walk.name).isEmpty();
                }
            }
        }

        System.out.printf(
                "%d statements of a batch of %d commands, %d texts: each failed, in %d walks%n",
                statements, batch.size(), failed.size(), walks);
    }

    /** One statement of a command that is tried alone fails: that one is told, and its neighbors succeed. */
    @Test
    void batch_oneStatementFailsAlone_thatCommandFailsAndNoOther() throws Exception {
        int first = 1; // what follows BEGIN: so that the commands are tried alone
        int statements = walk(WAYS.get(0), number -> number == first).statements.size();
        assertThat(statements).isLessThan(STATEMENTS_AT_MOST);
        Set<String> told = new HashSet<>();

        for (int i = first + 2; i < statements; i += STRIDE) { // past the ROLLBACK of the shared transaction
            for (Way way : waysFor(i)) {
                int broken = i;
                Walk walk = walk(way, number -> number == first || number == broken);
                if (walk.fired.get(1).startsWith("BEGIN")) { // there is no database for it, nor for those after it
                    List<String> names = batch.stream().map(Deed::name).toList();
                    assertThat(walk.failures)
                            .as(walk.name)
                            .isEqualTo(names.subList(names.size() - walk.failures.size(), names.size()))
                            .isNotEmpty();
                    continue;
                }
                assertThat(walk.failures).as(walk.name).hasSizeLessThanOrEqualTo(1);
                told.addAll(walk.failures);
                String text = walk.fired.get(1);
                if (text.startsWith("UPDATE") || text.startsWith("INSERT") || text.startsWith("DELETE")) {
                    assertThat(walk.failures).as(walk.name).hasSize(1);
                }
            }
        }

        if (PROOF) {
            assertThat(told)
                    .as("each was told once")
                    .containsAll(batch.stream().map(Deed::name).toList());
        }
        System.out.printf("%d statements of commands alone: %d walks%n", statements, walks);
    }

    /**
     * From some statement on the disk is full, until the batch is over: nobody is told a lie, and all goes on after.
     */
    @Test
    void batch_diskFullFromSomeStatementOn_nobodyIsToldALie() throws Exception {
        int statements = walk(WAYS.get(0), number -> number == 1).statements.size();

        for (int i = 0; i < statements; i += PROOF ? 1 : 3 * STRIDE) {
            int from = i;
            walk(new Way(SQLiteErrorCode.SQLITE_FULL, Fault.BEFORE), number -> number >= from);
        }
    }

    /**
     * The process dies right before and right after each commit in turn, and what is on the disk then is opened anew:
     * all that was acknowledged is there, of what was under way all or nothing, and no caller was told otherwise.
     */
    @Test
    void commit_processDiesBeforeOrAfterIt_leavesWhatWasAcknowledged() throws Exception {
        int atOnce = PROOF ? 1 : 4;
        int commits = 0;
        for (Fault fault : List.of(Fault.BEFORE, Fault.AFTER)) {
            boolean died = true;
            for (int commit = 1; died; commit++) {
                died = dieAt(commit, fault, atOnce);
                commits = commit;
            }
        }

        System.out.printf(
                "%d commands, %d at once: died before and after each of %d commits, %d walks%n",
                batch.size(), atOnce, commits - 1, walks);
        assertThat(commits).isGreaterThan(batch.size() / atOnce / 2);
    }

    /** Whether there was such a commit to die at. */
    private boolean dieAt(int commit, Fault fault, int atOnce) throws Exception {
        walks++;
        Path place = directory.resolve("walk-" + walks);
        Path crashed = directory.resolve("crashed-" + walks);
        copy(prepared, place);
        Walk walk = new Walk("died " + fault + " commit " + commit);
        clock.set(MutableClock.START);
        MemoryStore expected = new MemoryStore(new JobRules(POLICY), clock);
        before.forEach(deed -> value(deed.on(expected)));
        clock.advance(Duration.ofMinutes(10));
        boolean[] dead = {false};
        int[] commits = {0};
        int next = 0;
        try (SqliteDatabase database =
                SqliteDatabase.openWriter(place, SqliteOptions.of("a test", TestSchema::daemon))) {
            TestSchema.execute(database.writer(), "PRAGMA synchronous = OFF"); // the machine itself goes on
            Faults faults = new Faults(database.writer(), SQLiteErrorCode.SQLITE_IOERR, (number, sql) -> {
                if (dead[0]) {
                    return Fault.BEFORE; // the dead do nothing
                }
                dead[0] = sql.equals("COMMIT") && ++commits[0] == commit;
                return dead[0] ? fault : Fault.NONE;
            });
            StoreWriter writer =
                    new StoreWriter(faults.connection(), new JobRules(POLICY), clock, List.of(), problem -> {});
            try (GroupCommit<Work, Work.Done> group = new GroupCommit<>(
                    faults.connection(),
                    Dialect.SQLITE,
                    writer,
                    GroupCommit.Options.DEFAULT,
                    Runnable::run,
                    problem -> {})) {
                while (!dead[0] && next < batch.size()) {
                    List<Deed> some = batch.subList(next, Math.min(next + atOnce, batch.size()));
                    next += some.size();
                    List<Answered> answers = together(group, some);
                    if (!dead[0]) {
                        check(walk, answers, expected, new ArrayList<>());
                        continue;
                    }
                    copy(place, crashed); // before anything is closed, which a process that dies does not do
                    for (Answered one : answers) {
                        String name = walk.name + ": " + one.deed().name();
                        assertThat(one.answer()).as(name).isCompletedExceptionally();
                        if (fault == Fault.AFTER) {
                            one.deed().on(expected);
                            assertThat(one.answer())
                                    .as(name)
                                    .failsWithin(Duration.ZERO)
                                    .withThrowableThat()
                                    .withCauseInstanceOf(OutcomeUnknownException.class);
                        }
                    }
                    if (fault == Fault.BEFORE) {
                        next -= some.size();
                    }
                }
            }
        }
        if (dead[0]) {
            try (StoreFixture fixture = new StoreFixture(crashed, POLICY, clock)) {
                SqliteStore store = fixture.store();
                same(walk, store, expected);
                for (Deed deed : batch.subList(next, batch.size())) {
                    done(store, deed);
                    value(deed.on(expected));
                }
                for (Deed deed : afterwards) {
                    done(store, deed);
                    value(deed.on(expected));
                }
                same(walk, store, expected);
                assertThat(store.audit().findings()).as(walk.name).isEmpty();
            }
            delete(crashed);
        }
        delete(place);
        return dead[0];
    }

    /** All ways for the proof, one for a plain build: another one for each statement. */
    private static List<Way> waysFor(int statement) {
        return PROOF ? WAYS : List.of(WAYS.get(statement % WAYS.size()));
    }

    private interface When {
        boolean fails(int number);
    }

    /** What came of a batch. */
    private static final class Walk {
        final String name;
        final List<String> statements = new ArrayList<>();
        final List<String> fired = new ArrayList<>();
        final List<String> failures = new ArrayList<>();

        Walk(String name) {
            this.name = name;
        }
    }

    private Walk walk(Way way, When when) throws Exception {
        walks++;
        Path place = directory.resolve("walk-" + walks);
        copy(prepared, place);
        Walk walk = new Walk(way + ", walk " + walks);
        boolean[] broken = {true};
        clock.set(MutableClock.START);
        MemoryStore expected = new MemoryStore(new JobRules(POLICY), clock);
        before.forEach(deed -> value(deed.on(expected)));
        clock.advance(Duration.ofMinutes(10));
        try (SqliteDatabase database =
                SqliteDatabase.openWriter(place, SqliteOptions.of("a test", TestSchema::daemon))) {
            TestSchema.execute(database.writer(), "PRAGMA synchronous = OFF"); // there is no power cut in this test
            Faults faults = new Faults(database.writer(), way.code(), (number, sql) -> {
                if (!broken[0]) {
                    return Fault.NONE;
                }
                walk.statements.add(sql);
                boolean fails = when.fails(number);
                if (fails) {
                    walk.fired.add(sql);
                }
                return fails ? way.fault() : Fault.NONE;
            });
            StoreWriter writer =
                    new StoreWriter(faults.connection(), new JobRules(POLICY), clock, List.of(), problem -> {});
            try (GroupCommit<Work, Work.Done> group = new GroupCommit<>(
                            faults.connection(),
                            Dialect.SQLITE,
                            writer,
                            GroupCommit.Options.DEFAULT,
                            Runnable::run,
                            problem -> {});
                    SqliteStore actual = SqliteStore.readOnly(database)) {
                List<Deed> refused = new ArrayList<>();
                check(walk, together(group, batch), expected, refused);
                same(walk, actual, expected);

                broken[0] = false;
                walk.fired.add(walk.name + " went on");
                refused.addAll(afterwards);
                int failures = walk.failures.size();
                check(walk, together(group, refused), expected, new ArrayList<>());
                walk.fired.remove(walk.fired.size() - 1);
                assertThat(walk.failures).as(walk.name).hasSize(failures);
                same(walk, actual, expected);
                assertThat(actual.audit().findings()).as(walk.name).isEmpty();
                assertThat(actual.auditLedger().findings()).as(walk.name).isEmpty();
            }
        } finally {
            delete(place);
        }
        return walk;
    }

    private record Answered(Deed deed, CompletableFuture<Work.Done> answer) {}

    private static List<Answered> together(GroupCommit<Work, Work.Done> group, List<Deed> deeds) {
        List<Answered> answers = new ArrayList<>();
        for (Deed deed : deeds) {
            answers.add(new Answered(deed, group.submit(deed.work()).toCompletableFuture()));
        }
        group.runOnce();
        return answers;
    }

    /** Does to the store in memory what succeeded, and compares the answers. */
    private static void check(Walk walk, List<Answered> answers, MemoryStore expected, List<Deed> refused) {
        for (Answered one : answers) {
            String name = walk.name + ", at " + walk.fired + ": " + one.deed().name();
            assertThat(one.answer()).as(name).isDone();
            if (one.answer().isCompletedExceptionally()) {
                assertThat(one.answer())
                        .as(name)
                        .failsWithin(Duration.ZERO)
                        .withThrowableThat()
                        .withCauseInstanceOf(StoreException.class)
                        .withMessageContaining("nothing was changed");
                walk.failures.add(one.deed().name());
                refused.add(one.deed());
            } else {
                Work.Done done = one.answer().join();
                assertThat(done.failure()).as(name).isNull();
                Object wanted = value(one.deed().on(expected));
                if (!(one.deed().work() instanceof Work.Keep)) {
                    assertThat(done.value()).as(name).isEqualTo(wanted);
                }
            }
        }
    }

    private static void same(Walk walk, SqliteStore actual, MemoryStore expected) {
        String name = walk.name + ", at " + walk.fired;
        assertThat(actual.list(JobFilter.ALL, Optional.empty(), 1_000))
                .as(name)
                .isEqualTo(expected.list(JobFilter.ALL, Optional.empty(), 1_000));
        for (UserId user : List.of(EVA, ADAM, ZOE, IVAN, NOBODY)) {
            assertThat(actual.account(user)).as(name).isEqualTo(expected.account(user));
            assertThat(actual.grants(user)).as(name).isEqualTo(expected.grants(user));
            assertThat(actual.history(user, Optional.empty(), 1_000))
                    .as(name)
                    .isEqualTo(expected.history(user, Optional.empty(), 1_000));
            assertThat(actual.invoices(user, 100)).as(name).isEqualTo(expected.invoices(user, 100));
        }
        assertThat(actual.payments(PaymentFilter.ALL, Optional.empty(), 100))
                .as(name)
                .isEqualTo(expected.payments(PaymentFilter.ALL, Optional.empty(), 100));
        assertThat(actual.accounts(Optional.empty(), 10).stream().map(Account::user))
                .as(name)
                .isEqualTo(expected.accounts(Optional.empty(), 10).stream()
                        .map(Account::user)
                        .toList());
        assertThat(live(actual)).as(name).isEqualTo(live(expected));
        assertThat(actual.running()).as(name).containsExactlyInAnyOrderElementsOf(expected.running());
        assertThat(actual.slots()).as(name).isEqualTo(expected.slots());
        assertThat(actual.models()).as(name).isEqualTo(expected.models());
        assertThat(actual.queues()).as(name).isEqualTo(expected.queues());
        assertThat(StoredDeliveries.of(actual, Optional.empty(), 100))
                .as(name)
                .isEqualTo(StoredDeliveries.of(expected, Optional.empty(), 100));
        assertThat(actual.deliveries(DeliveryFilter.ALL, Optional.empty(), 100))
                .as(name)
                .isEqualTo(expected.deliveries(DeliveryFilter.ALL, Optional.empty(), 100));
        assertThat(actual.nextDelivery()).as(name).isEqualTo(expected.nextDelivery());
        assertThat(actual.events(Optional.empty(), 100)).as(name).isEqualTo(expected.events(Optional.empty(), 100));
        assertThat(actual.audit().counts()).as(name).isEqualTo(expected.audit().counts());
        assertThat(actual.audit().findings())
                .as(name)
                .containsExactlyInAnyOrderElementsOf(expected.audit().findings());
        assertThat(actual.auditLedger()).as(name).isEqualTo(expected.auditLedger());
    }

    private static List<QueuedJob> live(JobStore store) {
        List<QueuedJob> live = new ArrayList<>();
        store.forEachLive(live::add);
        return live;
    }

    private static void copy(Path from, Path to) throws Exception {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    private static void delete(Path place) throws Exception {
        try (Stream<Path> files = Files.list(place)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(place);
    }
}
