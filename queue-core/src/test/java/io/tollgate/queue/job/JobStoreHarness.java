package io.tollgate.queue.job;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.credits.CreditPolicy;
import io.tollgate.credits.account.Perks;
import io.tollgate.credits.account.Tier;
import io.tollgate.credits.account.Tiers;
import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Account;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.AuditReport;
import io.tollgate.credits.ledger.GrantResult;
import io.tollgate.credits.ledger.GrantSource;
import io.tollgate.credits.ledger.Hold;
import io.tollgate.credits.ledger.HoldId;
import io.tollgate.credits.ledger.LedgerCommand;
import io.tollgate.credits.ledger.LedgerStore;
import io.tollgate.credits.ledger.LuckyDraw;
import io.tollgate.credits.ledger.Posting;
import io.tollgate.credits.ledger.Trial;
import io.tollgate.credits.test.MutableClock;
import io.tollgate.queue.job.JobCommand.CancelResult;
import io.tollgate.queue.job.JobCommand.Claimed;
import io.tollgate.queue.job.JobCommand.DriveResult;
import io.tollgate.queue.job.JobCommand.IdempotencyKey;
import io.tollgate.queue.job.JobCommand.Offer;
import io.tollgate.queue.job.JobCommand.Submit;
import io.tollgate.queue.job.JobCommand.SubmitResult;
import io.tollgate.queue.test.CountingIds;
import io.tollgate.queue.test.JobSpecs;
import io.tollgate.queue.test.StoredDeliveries;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** The store under test of a {@link JobStoreContract}, words to work it with, and what must hold after every test. */
abstract class JobStoreHarness<S extends JobStore & LedgerStore> {
    static final UserId EVA = new UserId("eva");
    static final UserId ADAM = new UserId("adam");
    static final UserId ZOE = new UserId("zoe");
    static final QueueName IMAGE = JobSpecs.QUEUE;
    static final QueueName FAIR = new QueueName("fair");
    static final ModelName MODEL = JobSpecs.MODEL;
    /** A model of which one job may run at once. */
    static final ModelName TIGHT = new ModelName("tight");

    static final BackendId GPU_1 = new BackendId("gpu-1");
    static final BackendId GPU_2 = new BackendId("gpu-2");
    static final NodeId NODE_A = new NodeId("node-a");
    static final NodeId NODE_B = new NodeId("node-b");
    static final Duration TTL = Duration.ofSeconds(30);
    static final RetryPolicy RETRY = new RetryPolicy(3, Duration.ofSeconds(2), Duration.ofMinutes(1));
    static final DeliveryTarget HOOK = new DeliveryTarget("webhook", "https://shop.example/hook?q=1");
    static final DeliveryTarget CHAT = new DeliveryTarget("telegram", "42");
    static final int THREADS = 32;

    static final Tiers TIERS = new Tiers(List.of(
            new Tier(Tier.STANDARD, Perks.NONE),
            new Tier("vip", new Perks(Optional.of("vip"), true, true, 0, false, OptionalInt.empty())),
            new Tier("half", new Perks(Optional.empty(), false, false, 50, true, OptionalInt.empty())),
            new Tier("capped", new Perks(Optional.empty(), true, false, 0, true, OptionalInt.of(2))),
            new Tier("relaxed", new Perks(Optional.of("relaxed"), true, true, 0, true, OptionalInt.empty()))));

    /** Wide limits, so that each test meets only the one it is about. */
    static final JobPolicy POLICY = policy(new SubmissionLimits(200, 1000, 600), 0.5);

    final MutableClock clock = new MutableClock();
    final CountingIds ids = new CountingIds();
    final JobSpecs specs = new JobSpecs(ids, clock);
    private JobPolicy policy = POLICY;
    S store;

    /** An empty store that decides by these rules and asks this clock for the time. */
    protected abstract S emptyStore(JobRules rules, InstantSource time) throws Exception;

    /** Frees what the store holds. */
    protected void close(S used) throws Exception {}

    /** Whether what was committed is there after {@link #reopen}. */
    protected boolean durable() {
        return true;
    }

    /** Closes a durable store and opens it again with what it kept. */
    protected S reopen(S used, JobRules rules, InstantSource time) throws Exception {
        throw new UnsupportedOperationException("a durable store can be opened again");
    }

    @BeforeEach
    final void open() throws Exception {
        store = emptyStore(new JobRules(policy), clock);
    }

    @AfterEach
    final void checkAndClose() throws Exception {
        try {
            assertThat(store.audit().findings()).isEmpty();
            assertSettledOnce();
            assertHistories();
        } finally {
            close(store);
        }
    }

    static final Trial TRIAL = new Trial(Amount.credits(25), Duration.ofDays(2));

    /** The usual policy, with a trial. */
    static JobPolicy withTrial() {
        return with(POLICY.credits().with(TRIAL));
    }

    /** The usual policy, with a draw. */
    static JobPolicy withDraw() {
        return with(POLICY.credits().with(LuckyDraw.SHIPPED, ZoneOffset.UTC));
    }

    private static JobPolicy with(CreditPolicy credits) {
        return new JobPolicy(
                credits,
                POLICY.limits(),
                POLICY.modelLimits(),
                POLICY.queueDefaults(),
                POLICY.orders(),
                POLICY.relaxedShare(),
                POLICY.lostAtMost());
    }

    static JobPolicy policy(SubmissionLimits limits, double relaxedShare) {
        return new JobPolicy(
                CreditPolicy.of(TIERS),
                limits,
                Map.of(TIGHT, 1),
                Map.of(IMAGE, 50, FAIR, 50),
                Map.of(FAIR, JobPolicy.Order.FAIR),
                relaxedShare,
                3);
    }

    /** Goes on with an empty store that decides by another policy. */
    void use(JobPolicy other) throws Exception {
        close(store);
        policy = other;
        open();
    }

    /** Closes and opens a durable store; changes nothing with one that isn't. */
    void restart() throws Exception {
        if (durable()) {
            store = reopen(store, new JobRules(policy), clock);
        }
    }

    /** Closes and opens a durable store that decides by another policy. */
    void restartWith(JobPolicy other) throws Exception {
        policy = other;
        restart();
    }

    // ---- what must hold after every test

    /** G2: each job's hold was opened once, and settled once if the job ended, and not at all if it didn't. */
    private void assertSettledOnce() {
        Map<JobId, Integer> opened = new HashMap<>();
        Map<JobId, List<Posting.Kind>> settled = new HashMap<>();
        for (Account account : store.accounts(Optional.empty(), 1000)) {
            for (Posting posting :
                    store.history(account.user(), Optional.empty(), 10_000).postings()) {
                JobId job = posting.hold().map(hold -> new JobId(hold.value())).orElse(null);
                if (job != null && posting.kind() == Posting.Kind.HOLD) {
                    opened.merge(job, 1, Integer::sum);
                } else if (job != null && SETTLING.contains(posting.kind())) {
                    settled.computeIfAbsent(job, id -> new ArrayList<>()).add(posting.kind());
                }
            }
        }
        for (JobRecord found : store.list(JobFilter.ALL, Optional.empty(), 10_000)) {
            JobId id = found.job().id();
            boolean late = found.history().stream().anyMatch(line -> line.to() == JobState.Kind.FAILED);
            List<Posting.Kind> expected = found.job().kind() == JobState.Kind.SUCCEEDED
                    ? late ? List.of(Posting.Kind.LATE, Posting.Kind.RELEASE) : List.of(Posting.Kind.CAPTURE)
                    : found.job().kind().isTerminal() ? List.of(Posting.Kind.RELEASE) : List.of();
            assertThat(opened.remove(id)).as("holds of " + found.job()).isEqualTo(1);
            assertThat(settled.getOrDefault(id, List.of()))
                    .as("settlements of " + found.job())
                    .isEqualTo(expected);
        }
        assertThat(opened).as("holds without a job").isEmpty();
    }

    private static final Set<Posting.Kind> SETTLING =
            EnumSet.of(Posting.Kind.CAPTURE, Posting.Kind.RELEASE, Posting.Kind.LATE);

    /** Every job's history is whole, keeps to the picture, and agrees with the job and its attempts. */
    private void assertHistories() {
        for (JobRecord found : store.list(JobFilter.ALL, Optional.empty(), 10_000)) {
            List<Transition> history = found.history();
            JobState.Kind at = JobState.Kind.QUEUED;
            for (int i = 0; i < history.size(); i++) {
                Transition line = history.get(i);
                assertThat(line.number()).isEqualTo(i);
                assertThat(line.job()).isEqualTo(found.job().id());
                if (line.to() != JobState.Kind.QUEUED || at != JobState.Kind.QUEUED) {
                    assertThat(at.next()).as("history " + history).contains(line.to());
                }
                at = line.to();
            }
            assertThat(history).hasSize(found.job().transitions());
            assertThat(at).isEqualTo(found.job().kind());
            assertThat(found.attempts())
                    .extracting(Attempt::number)
                    .containsExactlyElementsOf(
                            IntStream.rangeClosed(1, found.job().attempts())
                                    .boxed()
                                    .toList());
        }
    }

    // ---- commands

    <R> R run(JobCommand<R> command) {
        return answer(store.execute(command).toCompletableFuture(), command);
    }

    <R> R run(LedgerCommand<R> command) {
        return answer(store.execute(command).toCompletableFuture(), command);
    }

    /** Waits for an answer, and throws what it completes with. */
    static <R> R answer(Future<R> answer, Object to) {
        try {
            return answer.get(60, SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new CompletionException(e.getCause());
        } catch (TimeoutException e) {
            throw new AssertionError("no answer to " + to, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    void give(UserId user, long credits) {
        GrantResult result = run(new LedgerCommand.GrantCredits(
                user,
                GrantSource.BONUS,
                "gift:" + ids.next(),
                Amount.credits(credits),
                Optional.empty(),
                "admin:test",
                "for a test"));
        assertThat(result).isInstanceOf(GrantResult.Granted.class);
    }

    void tier(UserId user, String tier) {
        run(new LedgerCommand.AssignTier(user, tier, Optional.empty(), "admin:test", "for a test"));
    }

    static Submit submission(JobSpec... jobs) {
        return new Submit(List.of(jobs), Optional.empty());
    }

    static Submit submission(String key, String hash, JobSpec... jobs) {
        return new Submit(List.of(jobs), Optional.of(new IdempotencyKey(key, hash)));
    }

    QueuedJob submit(JobSpec job) {
        return accepted(run(submission(job))).jobs().get(0);
    }

    QueuedJob submit(JobSpecs.Draft draft) {
        return submit(draft.build());
    }

    static SubmitResult.Accepted accepted(SubmitResult result) {
        assertThat(result).isInstanceOf(SubmitResult.Accepted.class);
        return (SubmitResult.Accepted) result;
    }

    static Refusal refused(SubmitResult result) {
        assertThat(result).isInstanceOf(SubmitResult.Refused.class);
        return ((SubmitResult.Refused) result).refusal();
    }

    List<Slot> slots(BackendId backend, int count) {
        return run(new JobCommand.ProvideSlots(backend, count));
    }

    static Offer offer(BackendId backend, String... tags) {
        return new Offer(backend, JobSpecs.TYPE, Set.of(tags));
    }

    JobCommand.Claim claimOf(QueueName queue, NodeId node, int most, Offer... offers) {
        List<RunId> runIds =
                Stream.generate(() -> new RunId(ids.next())).limit(most).toList();
        return new JobCommand.Claim(queue, node, List.of(offers), runIds, TTL);
    }

    List<Claimed> claim(QueueName queue, int most, Offer... offers) {
        return run(claimOf(queue, NODE_A, most, offers));
    }

    /** Claims from the image queue for the first backend. */
    List<Claimed> claim(int most) {
        return claim(IMAGE, most, offer(GPU_1));
    }

    /** The ids of what can be claimed from a queue now, one after the other. */
    List<JobId> claimOrder(QueueName queue) {
        List<JobId> order = new ArrayList<>();
        for (List<Claimed> one = claim(queue, 1, offer(GPU_1)); !one.isEmpty(); one = claim(queue, 1, offer(GPU_1))) {
            order.add(one.get(0).job().id());
            succeed(one.get(0).attempt());
        }
        return order;
    }

    /** Submits a job of this user and claims it. */
    Claimed running(UserId user) {
        return running(specs.of(user));
    }

    Claimed running(JobSpec spec) {
        slots(GPU_1, 50);
        QueuedJob job = submit(spec);
        List<Claimed> claimed = claim(1);
        assertThat(claimed).extracting(one -> one.job().id()).containsExactly(job.id());
        return claimed.get(0);
    }

    DriveResult mark(Attempt attempt, Attempt.Phase phase) {
        return run(new JobCommand.Mark(attempt.ref(), phase, Optional.empty()));
    }

    List<DeliveryId> owed(JobId job) {
        return owed(store.find(job).orElseThrow().job().spec().targets().size());
    }

    List<DeliveryId> owed(int count) {
        return Stream.generate(() -> new DeliveryId(ids.next())).limit(count).toList();
    }

    List<Output> outputs(JobId job, int count) {
        return IntStream.range(0, count)
                .mapToObj(index -> new Output(
                        new AssetId(ids.next()),
                        job,
                        index,
                        "photo-" + index + ".png",
                        index == 0 ? Optional.of("9") : Optional.empty(),
                        "image/png",
                        1000 + index,
                        new ContentHash(
                                index % 2 == 0 ? ContentHash.Function.BLAKE3 : ContentHash.Function.SHA256,
                                "0123456789abcdef".repeat(4)),
                        index == 0 ? Optional.of(new AssetId(ids.next())) : Optional.empty(),
                        index == 0 ? Optional.of(new PixelSize(640, 480)) : Optional.empty()))
                .toList();
    }

    JobCommand.Succeed success(Attempt attempt, int made, int expected) {
        return new JobCommand.Succeed(attempt.ref(), outputs(attempt.job(), made), expected, owed(attempt.job()));
    }

    DriveResult succeed(Attempt attempt) {
        return run(success(attempt, 1, 1));
    }

    JobCommand.Fail failure(Attempt attempt, Failure.Kind kind) {
        return failure(attempt, kind, 0, 1, RETRY);
    }

    JobCommand.Fail failure(Attempt attempt, Failure.Kind kind, int made, int expected, RetryPolicy retry) {
        return new JobCommand.Fail(
                attempt.ref(),
                new Failure(kind, "the reason is " + kind.code()),
                outputs(attempt.job(), made),
                expected,
                retry,
                0.5,
                owed(attempt.job()));
    }

    QueuedJob fail(Attempt attempt, Failure.Kind kind) {
        return done(run(failure(attempt, kind)));
    }

    CancelResult cancel(JobId job) {
        return run(new JobCommand.Cancel(job, "user:eva", owed(job)));
    }

    static QueuedJob done(DriveResult result) {
        assertThat(result).isInstanceOf(DriveResult.Done.class);
        return ((DriveResult.Done) result).job();
    }

    // ---- looks

    JobRecord found(JobId id) {
        return store.find(id).orElseThrow();
    }

    JobState.Kind kind(JobId id) {
        return found(id).job().kind();
    }

    Attempt lastAttempt(JobId id) {
        List<Attempt> attempts = found(id).attempts();
        return attempts.get(attempts.size() - 1);
    }

    Hold hold(JobId id) {
        return store.hold(new HoldId(id.value())).orElseThrow();
    }

    Instant now() {
        return clock.instant();
    }

    void assertBalance(UserId user, String available, String held) {
        Account account = store.account(user).orElseThrow();
        assertThat(account.available()).isEqualTo(Amount.parse(available));
        assertThat(account.held()).isEqualTo(Amount.parse(held));
    }

    long taken(BackendId backend) {
        return store.slots().stream()
                .filter(slot -> slot.backend().equals(backend) && !slot.isFree())
                .count();
    }

    int runningOf(ModelName model) {
        return store.models().stream()
                .filter(limit -> limit.model().equals(model))
                .mapToInt(ModelLimit::running)
                .sum();
    }

    List<JobId> live() {
        List<JobId> live = new ArrayList<>();
        store.forEachLive(job -> live.add(job.id()));
        return live;
    }

    /** All that can be seen of a store from outside, to say that nothing changed. */
    Seen seen() {
        Map<UserId, List<Posting>> postings = new HashMap<>();
        List<Account> accounts = store.accounts(Optional.empty(), 1000);
        for (Account account : accounts) {
            postings.put(
                    account.user(),
                    store.history(account.user(), Optional.empty(), 10_000).postings());
        }
        return new Seen(
                store.list(JobFilter.ALL, Optional.empty(), 10_000),
                Set.copyOf(store.running()),
                Set.copyOf(store.slots()),
                Set.copyOf(store.models()),
                Set.copyOf(store.queues()),
                Set.copyOf(StoredDeliveries.of(store, Optional.empty(), 10_000)),
                accounts,
                postings);
    }

    record Seen(
            List<JobRecord> jobs,
            Set<Attempt> running,
            Set<Slot> slots,
            Set<ModelLimit> models,
            Set<QueueSwitch> queues,
            Set<Delivery> deliveries,
            List<Account> accounts,
            Map<UserId, List<Posting>> postings) {}

    // ---- races

    interface Racer<R> {
        Callable<R> in(int thread);
    }

    static <R> List<R> race(Racer<R> racer) throws Exception {
        CyclicBarrier start = new CyclicBarrier(THREADS);
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<R>> running = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                Callable<R> work = racer.in(i);
                running.add(threads.submit(() -> {
                    start.await(30, SECONDS);
                    return work.call();
                }));
            }
            List<R> results = new ArrayList<>();
            for (Future<R> one : running) {
                results.add(one.get(60, SECONDS));
            }
            return results;
        } finally {
            threads.shutdownNow();
        }
    }

    static <T> Set<T> distinct(List<T> all) {
        Set<T> once = new HashSet<>(all);
        assertThat(once).hasSameSizeAs(all);
        return once;
    }

    AuditReport audit() {
        return store.audit();
    }
}
