package io.tollgate.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.credits.account.Perks;
import io.tollgate.credits.account.Tier;
import io.tollgate.credits.account.Tiers;
import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.GrantSource;
import io.tollgate.credits.ledger.HoldId;
import io.tollgate.credits.ledger.LedgerCommand;
import io.tollgate.credits.test.MutableClock;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.Attempt;
import io.tollgate.queue.job.AttemptRef;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.BatchId;
import io.tollgate.queue.job.Delivery;
import io.tollgate.queue.job.DeliveryId;
import io.tollgate.queue.job.DeliveryTarget;
import io.tollgate.queue.job.Failure;
import io.tollgate.queue.job.InputValue;
import io.tollgate.queue.job.JobCommand;
import io.tollgate.queue.job.JobCommand.Claimed;
import io.tollgate.queue.job.JobCommand.DeliveryReport;
import io.tollgate.queue.job.JobCommand.IdempotencyKey;
import io.tollgate.queue.job.JobCommand.Offer;
import io.tollgate.queue.job.JobFilter;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobPolicy;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.queue.job.JobRules;
import io.tollgate.queue.job.JobSpec;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.Needs;
import io.tollgate.queue.job.NodeId;
import io.tollgate.queue.job.Origin;
import io.tollgate.queue.job.Output;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.QueueSwitch;
import io.tollgate.queue.job.QueuedJob;
import io.tollgate.queue.job.RetryPolicy;
import io.tollgate.queue.job.RunId;
import io.tollgate.queue.job.StoredEvent;
import io.tollgate.queue.job.SubmissionLimits;
import io.tollgate.queue.job.WorkflowName;
import io.tollgate.queue.memory.MemoryStore;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * A random walk of commands over two stores that share their rules: one in memory, which is too simple to be wrong, and
 * the one under test. Commands come in bursts, so that several share a batch. Every answer must be the same, and after
 * each burst everything that can be read.
 */
final class StoreWalk {
    private static final int SEEN = 30; // jobs that commands still name

    private static final QueueName IMAGE = new QueueName("image");
    private static final QueueName VIDEO = new QueueName("video");
    private static final List<UserId> USERS =
            List.of(new UserId("u1"), new UserId("u2"), new UserId("tg:3"), new UserId("u4"));
    private static final List<ModelName> MODELS = List.of(new ModelName("m1"), new ModelName("m2"));
    private static final List<BackendId> BACKENDS = List.of(new BackendId("gpu-1"), new BackendId("gpu-2"));
    private static final List<NodeId> NODES = List.of(new NodeId("n1"), new NodeId("n2"));
    private static final List<Needs> NEEDS =
            List.of(new Needs(Set.of("comfy"), Set.of()), new Needs(Set.of("comfy", "java2d"), Set.of("big")));

    /** Fair in one queue, with a relaxed tier, and limits that are met. */
    static final JobPolicy POLICY = new JobPolicy(
            new Tiers(List.of(
                    new Tier(Tier.STANDARD, Perks.NONE),
                    new Tier("gold", new Perks(Optional.of("vip"), true, false, 0, false, OptionalInt.empty())),
                    new Tier("half", new Perks(Optional.of("relaxed"), false, false, 33, false, OptionalInt.of(6))))),
            new SubmissionLimits(10, 30, 600),
            Map.of(MODELS.get(1), 1),
            Map.of(IMAGE, 3),
            Map.of(VIDEO, JobPolicy.Order.FAIR),
            0.5,
            2);

    private final MutableClock clock;
    private final Random random;
    private final MemoryStore expected;
    private final List<Supplier<Step<?>>> steps = new ArrayList<>();
    private final List<JobId> jobs = new ArrayList<>();
    private final List<AttemptRef> attempts = new ArrayList<>();
    private final List<Delivery> deliveries = new ArrayList<>();
    private final List<String> trace = new ArrayList<>();
    private final boolean severalJobs;
    private SqliteStore actual;
    private int ids;

    /** One command for both stores. */
    private record Step<R>(String text, CompletionStage<R> expected, CompletionStage<R> actual) {}

    /** @param severalJobs whether a submission may be of several jobs: refused ones use up numbers, until a restart */
    StoreWalk(SqliteStore actual, MutableClock clock, long seed, boolean severalJobs) {
        this.actual = actual;
        this.clock = clock;
        this.random = new Random(seed);
        this.expected = new MemoryStore(new JobRules(POLICY), clock);
        this.severalJobs = severalJobs;
        steps.addAll(
                List.of(this::submit, this::submit, this::submit, this::submit, this::claim, this::claim, this::claim));
        steps.addAll(List.of(this::mark, this::mark, this::succeed, this::succeed, this::fail, this::fail));
        steps.addAll(List.of(this::cancel, this::expire, this::promote, this::renew, this::takeOver, this::resolve));
        steps.addAll(List.of(this::slots, this::limit, this::switchQueue, this::take, this::report, this::redeliver));
        steps.addAll(List.of(this::grant, this::grant, this::adjust, this::tier, this::expireGrants, this::looseHold));
    }

    void continueOn(SqliteStore restarted) {
        actual = restarted;
    }

    void walk(int bursts) {
        if (trace.isEmpty()) {
            for (BackendId backend : BACKENDS) {
                check(List.of(run("slots", new JobCommand.ProvideSlots(backend, 2))));
            }
        }
        for (int i = 0; i < bursts; i++) {
            clock.advance(Duration.ofMillis(random.nextInt(5) == 0 ? random.nextInt(100_000) : random.nextInt(300)));
            List<Step<?>> burst = new ArrayList<>();
            for (int commands = 1 + random.nextInt(6); commands > 0; commands--) {
                burst.add(steps.get(random.nextInt(steps.size())).get());
            }
            check(burst);
            compare();
        }
    }

    private void check(List<Step<?>> burst) {
        for (Step<?> step : burst) {
            Object wanted = outcome(step.expected());
            trace.add(step.text() + " -> " + wanted);
            assertThat(outcome(step.actual())).as(tail()).isEqualTo(wanted);
            remember(wanted);
        }
    }

    /** What can be named later. */
    private void remember(Object answer) {
        if (answer instanceof List<?> list) {
            for (Object one : list) {
                if (one instanceof Claimed claimed) {
                    attempts.add(claimed.attempt().ref());
                } else if (one instanceof Delivery delivery) {
                    deliveries.add(delivery);
                }
            }
        } else if (answer instanceof JobCommand.SubmitResult.Accepted accepted) {
            accepted.jobs().forEach(job -> jobs.add(job.id()));
        }
    }

    private static Object outcome(CompletionStage<?> stage) {
        try {
            Object value = StoreFixture.value(stage);
            if (value instanceof List<?> list && !list.isEmpty() && list.get(0) instanceof Claimed) {
                return list.stream()
                        .map(Claimed.class::cast)
                        .sorted(Comparator.comparing(claimed -> claimed.job().seq()))
                        .toList();
            }
            return value;
        } catch (CompletionException e) {
            return String.valueOf(e.getCause());
        }
    }

    private String tail() {
        return String.join("\n", trace.subList(Math.max(0, trace.size() - 30), trace.size()));
    }

    void compare() {
        for (JobId id : new HashSet<>(jobs.subList(Math.max(0, jobs.size() - SEEN), jobs.size()))) {
            Optional<JobRecord> record = expected.find(id);
            assertThat(actual.find(id)).as(tail()).isEqualTo(record);
            HoldId hold = new HoldId(id.value());
            assertThat(actual.hold(hold)).isEqualTo(expected.hold(hold));
        }
        for (UserId user : USERS) {
            assertThat(actual.account(user)).as(tail()).isEqualTo(expected.account(user));
            assertThat(actual.grants(user)).as(tail()).isEqualTo(expected.grants(user));
            assertThat(actual.history(user, Optional.empty(), 5))
                    .as(tail())
                    .isEqualTo(expected.history(user, Optional.empty(), 5));
            expected.history(user, Optional.empty(), 5)
                    .next()
                    .ifPresent(next -> assertThat(actual.history(user, Optional.of(next), 3))
                            .isEqualTo(expected.history(user, Optional.of(next), 3)));
            assertThat(actual.events(Optional.of(user), 5)).isEqualTo(expected.events(Optional.of(user), 5));
        }
        JobFilter filter = filter();
        Optional<Long> before =
                random.nextBoolean() ? Optional.empty() : Optional.of((long) random.nextInt(jobs.size() + 2));
        assertThat(actual.list(filter, before, 7)).as(tail()).isEqualTo(expected.list(filter, before, 7));
        assertThat(live(actual)).as(tail()).isEqualTo(live(expected));
        assertThat(actual.running()).as(tail()).containsExactlyInAnyOrderElementsOf(expected.running());
        assertThat(actual.slots()).as(tail()).isEqualTo(expected.slots());
        assertThat(actual.models()).as(tail()).isEqualTo(expected.models());
        assertThat(actual.queues()).as(tail()).isEqualTo(expected.queues());
        assertThat(actual.deliveries(Optional.empty(), 50)).isEqualTo(expected.deliveries(Optional.empty(), 50));
        for (Delivery.State state : Delivery.State.values()) {
            assertThat(actual.deliveries(Optional.of(state), 5)).isEqualTo(expected.deliveries(Optional.of(state), 5));
        }
        assertThat(actual.nextDelivery()).isEqualTo(expected.nextDelivery());
        assertThat(actual.recentRuns(5)).isEqualTo(expected.recentRuns(5));
        assertThat(actual.accounts(Optional.of(new UserId("u1")), 2))
                .isEqualTo(expected.accounts(Optional.of(new UserId("u1")), 2));
        assertThat(actual.events(Optional.empty(), 20)).isEqualTo(expected.events(Optional.empty(), 20));
        if (random.nextInt(4) == 0) {
            audit();
        }
    }

    private void audit() {
        assertThat(expected.audit().findings()).as(tail()).isEmpty();
        assertThat(actual.audit()).as(tail()).isEqualTo(expected.audit());
        assertThat(actual.auditLedger()).as(tail()).isEqualTo(expected.auditLedger());
    }

    private static List<QueuedJob> live(io.tollgate.queue.job.JobStore store) {
        List<QueuedJob> live = new ArrayList<>();
        store.forEachLive(live::add);
        return live;
    }

    private JobFilter filter() {
        JobFilter filter = JobFilter.ALL;
        switch (random.nextInt(7)) {
            case 0 -> filter = JobFilter.of(user());
            case 1 -> filter = filter.with(Set.of(JobState.Kind.QUEUED, JobState.Kind.RUNNING));
            case 2 -> filter = filter.with(Set.of(JobState.Kind.FAILED, JobState.Kind.QUEUED));
            case 3 -> filter = JobFilter.of(user()).with(new WorkflowName("w1"));
            case 4 ->
                filter = new JobFilter(
                        Optional.empty(),
                        Set.of(),
                        Optional.empty(),
                        Optional.of(MODELS.get(0)),
                        Optional.empty(),
                        Optional.of("t'1\""),
                        Optional.empty(),
                        Optional.empty());
            case 5 ->
                filter = new JobFilter(
                        Optional.empty(),
                        Set.of(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(MutableClock.START.plusSeconds(5)),
                        Optional.of(clock.instant().minusNanos(1)));
            default -> {}
        }
        return filter;
    }

    // --- commands

    private <R> Step<R> run(String text, JobCommand<R> command) {
        return new Step<>(text + " " + command, expected.execute(command), actual.execute(command));
    }

    private <R> Step<R> run(String text, LedgerCommand<R> command) {
        return new Step<>(text + " " + command, expected.execute(command), actual.execute(command));
    }

    private UUID uuid() {
        ids++;
        return new UUID(0x0190_0000_0000_7000L + ids, 0x8000_0000_0000_0000L + ids);
    }

    private <T> T any(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    private UserId user() {
        return any(USERS);
    }

    private JobId job() {
        return jobs.isEmpty() || random.nextInt(30) == 0
                ? new JobId(uuid())
                : jobs.get(Math.max(0, jobs.size() - 1 - random.nextInt(20)));
    }

    private AttemptRef attempt() {
        if (attempts.isEmpty()) {
            return new AttemptRef(job(), 1, 1);
        }
        return attempts.get(Math.max(0, attempts.size() - 1 - random.nextInt(6)));
    }

    private List<DeliveryId> deliveryIds() {
        return List.of(new DeliveryId(uuid()), new DeliveryId(uuid()));
    }

    private JobSpec spec(UserId user) {
        int targets = random.nextInt(3);
        return new JobSpec(
                new JobId(uuid()),
                user,
                random.nextInt(4) == 0 ? Optional.of(new BatchId(uuid())) : Optional.empty(),
                new WorkflowName("w" + random.nextInt(3)),
                random.nextInt(3) == 0 ? VIDEO : IMAGE,
                any(MODELS),
                any(NEEDS),
                Map.of(
                        "prompt", new InputValue.Text("a \"cat\"\n\u00e9\ud83d\ude3a"),
                        "seed", new InputValue.Whole(Long.MAX_VALUE - random.nextInt(3)),
                        "scale", new InputValue.Decimal(new BigDecimal("1.50")),
                        "tiny", new InputValue.Decimal(new BigDecimal("1E-30")),
                        "hd", new InputValue.Flag(true),
                        "photo", new InputValue.Asset(new AssetId(uuid())),
                        "photos", new InputValue.Assets(List.of(new AssetId(uuid()), new AssetId(uuid())))),
                new Amount(random.nextInt(4) * 333L),
                random.nextInt(6) == 0,
                random.nextInt(3) - 1,
                clock.instant(),
                clock.instant().plusSeconds(60),
                random.nextInt(5) == 0
                        ? Optional.of(new Origin(any(List.of(Origin.Kind.values())), new JobId(uuid())))
                        : Optional.empty(),
                List.of(
                                new DeliveryTarget("webhook", "https://example.org/\"hook\""),
                                new DeliveryTarget("file", "out/x"))
                        .subList(0, targets),
                random.nextBoolean() ? List.of("t'1\"", "two") : List.of(),
                random.nextBoolean() ? Map.of("k", "v: \"w\"") : Map.of());
    }

    private Step<?> submit() {
        UserId user = user();
        List<JobSpec> specs = new ArrayList<>();
        for (int i = severalJobs ? random.nextInt(3) : 0; i >= 0; i--) {
            specs.add(spec(user));
        }
        Optional<IdempotencyKey> key = random.nextInt(3) == 0
                ? Optional.of(new IdempotencyKey("k'" + random.nextInt(6), "hash" + random.nextInt(2)))
                : Optional.empty();
        if (random.nextInt(40) == 0 && !jobs.isEmpty()) {
            return run("submit taken id", new JobCommand.Submit(List.of(withId(specs.get(0), job())), key));
        }
        return run("submit", new JobCommand.Submit(specs, key));
    }

    private static JobSpec withId(JobSpec spec, JobId id) {
        return new JobSpec(
                id,
                spec.user(),
                spec.batch(),
                spec.workflow(),
                spec.queue(),
                spec.model(),
                spec.needs(),
                spec.inputs(),
                spec.listPrice(),
                spec.free(),
                spec.priority(),
                spec.createdAt(),
                spec.expiresAt(),
                spec.origin(),
                spec.targets(),
                spec.tags(),
                spec.metadata());
    }

    private Step<?> claim() {
        List<Offer> offers = new ArrayList<>();
        offers.add(new Offer(BACKENDS.get(0), "comfy", Set.of()));
        offers.add(new Offer(BACKENDS.get(1), "java2d", Set.of("big")));
        if (random.nextBoolean()) {
            offers.remove(random.nextInt(2));
        }
        List<RunId> runs = new ArrayList<>();
        for (int i = random.nextInt(4); i >= 0; i--) {
            runs.add(new RunId(uuid()));
        }
        return run(
                "claim",
                new JobCommand.Claim(
                        random.nextInt(3) == 0 ? VIDEO : IMAGE, any(NODES), offers, runs, Duration.ofSeconds(20)));
    }

    private Step<?> mark() {
        Attempt.Phase phase = any(List.of(Attempt.Phase.values()));
        return run(
                "mark",
                new JobCommand.Mark(
                        attempt(), phase, random.nextInt(4) == 0 ? Optional.of(new RunId(uuid())) : Optional.empty()));
    }

    private List<Output> outputs(JobId job, int count) {
        List<Output> outputs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            outputs.add(new Output(
                    new AssetId(uuid()),
                    job,
                    i,
                    "out-" + i + ".png",
                    i == 0 ? Optional.of("9") : Optional.empty(),
                    "image/png",
                    1234L + i,
                    "0f".repeat(32),
                    i == 1 ? Optional.of(new AssetId(uuid())) : Optional.empty()));
        }
        return outputs;
    }

    private Step<?> succeed() {
        AttemptRef ref = attempt();
        return run("succeed", new JobCommand.Succeed(ref, outputs(ref.job(), 1 + random.nextInt(2)), 2, deliveryIds()));
    }

    private Step<?> fail() {
        AttemptRef ref = attempt();
        return run(
                "fail",
                new JobCommand.Fail(
                        ref,
                        new Failure(any(List.of(Failure.Kind.values())), "it \"broke\""),
                        outputs(ref.job(), random.nextInt(2)),
                        2,
                        new RetryPolicy(2, Duration.ofSeconds(2), Duration.ofMinutes(1)),
                        random.nextDouble(),
                        deliveryIds()));
    }

    private Step<?> cancel() {
        return run("cancel", new JobCommand.Cancel(job(), "user", deliveryIds()));
    }

    private Step<?> expire() {
        return run("expire", new JobCommand.Expire(job(), deliveryIds()));
    }

    private Step<?> promote() {
        return run("promote", new JobCommand.Promote(job()));
    }

    private Step<?> renew() {
        return run("renew", new JobCommand.Renew(any(NODES), List.of(attempt(), attempt()), Duration.ofSeconds(20)));
    }

    private Step<?> takeOver() {
        return run("take over", new JobCommand.TakeOver(any(NODES), random.nextBoolean(), Duration.ofSeconds(20)));
    }

    private Step<?> resolve() {
        JobId job = attempts.isEmpty() ? job() : attempt().job();
        return run("resolve", new JobCommand.Resolve(job, random.nextBoolean(), "eva", "looked at it", deliveryIds()));
    }

    private Step<?> slots() {
        return run("slots", new JobCommand.ProvideSlots(any(BACKENDS), 1 + random.nextInt(3)));
    }

    private Step<?> limit() {
        return run(
                "limit",
                new JobCommand.SetLimit(
                        any(MODELS),
                        random.nextBoolean() ? OptionalInt.empty() : OptionalInt.of(1 + random.nextInt(4)),
                        "eva"));
    }

    private Step<?> switchQueue() {
        QueueSwitch.Mode mode = random.nextInt(3) > 0 ? QueueSwitch.Mode.OPEN : any(List.of(QueueSwitch.Mode.values()));
        return run("switch", new JobCommand.SwitchQueue(random.nextBoolean() ? IMAGE : VIDEO, mode, "eva"));
    }

    private Step<?> take() {
        return run("take", new JobCommand.TakeDeliveries(1 + random.nextInt(3), Duration.ofSeconds(5)));
    }

    private Step<?> report() {
        if (deliveries.isEmpty()) {
            return take();
        }
        Delivery delivery = deliveries.get(Math.max(0, deliveries.size() - 1 - random.nextInt(4)));
        DeliveryReport report = any(List.of(
                new DeliveryReport.Delivered(),
                new DeliveryReport.TryAgain("HTTP 503", Duration.ofSeconds(3)),
                new DeliveryReport.GiveUp("HTTP 410")));
        return run("report", new JobCommand.ReportDelivery(delivery.id(), delivery.tries(), report));
    }

    private Step<?> redeliver() {
        return deliveries.isEmpty()
                ? take()
                : run("redeliver", new JobCommand.Redeliver(any(deliveries).id()));
    }

    private Step<?> grant() {
        GrantSource source = any(List.of(GrantSource.TRIAL, GrantSource.PURCHASE, GrantSource.BONUS));
        return run(
                "grant",
                new LedgerCommand.GrantCredits(
                        user(),
                        source,
                        "g'" + random.nextInt(300),
                        new Amount(1 + random.nextInt(3000)),
                        random.nextInt(3) == 0
                                ? Optional.of(clock.instant().plusMillis(random.nextInt(60_000)))
                                : Optional.empty(),
                        "admin:eva",
                        "a \"present\""));
    }

    private Step<?> adjust() {
        long amount = random.nextInt(600) - 300L;
        return run(
                "adjust",
                new LedgerCommand.Adjust(
                        user(),
                        new Amount(amount == 0 ? 1 : amount),
                        "admin:eva",
                        "a mistake",
                        "a" + random.nextInt(50)));
    }

    private Step<?> tier() {
        return run(
                "tier",
                new LedgerCommand.AssignTier(
                        user(),
                        any(List.of("standard", "gold", "half")),
                        random.nextBoolean() ? Optional.of(clock.instant().plusSeconds(30)) : Optional.empty(),
                        "admin:eva",
                        "for a test"));
    }

    private Step<?> expireGrants() {
        return run("expire grants", new LedgerCommand.ExpireGrants(user()));
    }

    /** A hold without a job, settled at once; sometimes a job takes it over. */
    private Step<?> looseHold() {
        HoldId id = new HoldId(uuid());
        UserId user = user();
        Amount amount = new Amount(100);
        check(List.of(run("loose hold", new LedgerCommand.OpenHold(id, user, amount, amount, "shop"))));
        StoredEvent event = new StoredEvent(
                clock.instant(), "held", Optional.of(user), Optional.of(new JobId(id.value())), "a loose hold");
        expected.keep(List.of(event));
        StoreFixture.value(actual.keep(List.of(event)));
        if (random.nextInt(3) == 0) {
            return run("settle", new LedgerCommand.Capture(id, new Amount(40), new Amount(50), "shop"));
        }
        return run("settle", new LedgerCommand.Release(id, random.nextBoolean(), "shop", "not wanted"));
    }
}
