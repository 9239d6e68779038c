package io.tollgate.queue.job;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.LedgerStore;
import io.tollgate.queue.job.JobCommand.Claimed;
import io.tollgate.queue.job.JobCommand.DeliveryReport;
import io.tollgate.queue.test.JobSpecs;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;

/**
 * A random way through all that can happen to jobs. It asserts nothing: whatever it does, what must hold must hold
 * after it. Confined to one thread; several may walk on one store.
 */
final class JobWalk<S extends JobStore & LedgerStore> {
    private static final List<UserId> USERS = List.of(JobStoreHarness.EVA, JobStoreHarness.ADAM, JobStoreHarness.ZOE);
    private static final List<ModelName> MODELS = List.of(JobStoreHarness.MODEL, JobStoreHarness.TIGHT);
    private static final List<QueueName> QUEUES = List.of(JobStoreHarness.IMAGE, JobStoreHarness.FAIR);
    private static final List<NodeId> NODES = List.of(JobStoreHarness.NODE_A, JobStoreHarness.NODE_B);
    private static final List<BackendId> BACKENDS = List.of(JobStoreHarness.GPU_1, JobStoreHarness.GPU_2);

    private final JobStoreHarness<S> on;
    private final Random random;

    JobWalk(JobStoreHarness<S> on, long seed) {
        this.on = on;
        this.random = new Random(seed);
    }

    /** Lets some time go by, from nothing to longer than a lease or a backoff lasts. */
    void passTime() {
        on.clock.advance(Duration.ofMillis(random.nextInt(4) == 0 ? random.nextInt(40_000) : random.nextInt(500)));
    }

    /** Does one thing, which may well be refused. */
    void step() {
        switch (random.nextInt(16)) {
            case 0, 1, 2 -> submit();
            case 3, 4, 5 -> {
                boolean swap = random.nextBoolean();
                on.run(on.claimOf(
                        one(QUEUES),
                        one(NODES),
                        1 + random.nextInt(3),
                        JobStoreHarness.offer(BACKENDS.get(swap ? 1 : 0)),
                        JobStoreHarness.offer(BACKENDS.get(swap ? 0 : 1))));
            }
            case 6, 7 -> running().ifPresent(attempt -> on.run(on.success(attempt, 1 + random.nextInt(2), 2)));
            case 8, 9 ->
                running()
                        .ifPresent(attempt -> on.run(on.failure(
                                attempt,
                                one(List.of(Failure.Kind.values())),
                                random.nextInt(2),
                                2,
                                JobStoreHarness.RETRY)));
            case 10 -> running().ifPresent(attempt -> on.mark(attempt, one(PHASES)));
            case 11 -> live().ifPresent(on::cancel);
            case 12 -> live().ifPresent(id -> on.run(new JobCommand.Promote(id)));
            case 13 -> {
                live().ifPresent(id -> on.run(new JobCommand.Expire(id, on.owed(id))));
                live().ifPresent(id ->
                        on.run(new JobCommand.Resolve(id, random.nextBoolean(), "admin:eva", "because", on.owed(id))));
            }
            case 14 -> {
                List<Claimed> taken =
                        on.run(new JobCommand.TakeOver(one(NODES), random.nextBoolean(), JobStoreHarness.TTL));
                List<AttemptRef> driven = new ArrayList<>();
                taken.forEach(one -> driven.add(one.attempt().ref()));
                on.run(new JobCommand.Renew(one(NODES), driven, JobStoreHarness.TTL));
            }
            default -> operate();
        }
    }

    private static final List<Attempt.Phase> PHASES =
            List.of(Attempt.Phase.SUBMITTED, Attempt.Phase.STARTED, Attempt.Phase.UNKNOWN);

    private void submit() {
        List<JobSpec> jobs = new ArrayList<>();
        UserId user = one(USERS);
        for (int i = random.nextInt(3); i >= 0; i--) {
            JobSpecs.Draft draft = on.specs
                    .draft(user)
                    .queue(one(QUEUES))
                    .model(one(MODELS))
                    .price(new Amount(random.nextInt(2000)))
                    .priority(random.nextInt(3) - 1)
                    .patience(Duration.ofSeconds(random.nextInt(120)));
            jobs.add((random.nextBoolean() ? draft.targets(JobStoreHarness.HOOK) : draft).build());
        }
        on.run(new JobCommand.Submit(jobs, Optional.empty()));
    }

    private void operate() {
        switch (random.nextInt(4)) {
            case 0 ->
                on.run(new JobCommand.SetLimit(
                        one(MODELS),
                        random.nextBoolean() ? OptionalInt.empty() : OptionalInt.of(1 + random.nextInt(4)),
                        "admin:eva"));
            case 1 -> on.slots(one(BACKENDS), random.nextInt(5));
            case 2 ->
                on.run(new JobCommand.SwitchQueue(
                        one(QUEUES),
                        random.nextInt(4) == 0 ? QueueSwitch.Mode.PAUSED : QueueSwitch.Mode.OPEN,
                        "admin:eva"));
            default -> {
                for (Delivery taken : on.run(new JobCommand.TakeDeliveries(2, Duration.ofSeconds(5)))) {
                    on.run(new JobCommand.ReportDelivery(
                            taken.id(),
                            taken.tries(),
                            random.nextBoolean()
                                    ? new DeliveryReport.Delivered()
                                    : new DeliveryReport.TryAgain("HTTP 503", Duration.ofSeconds(1))));
                }
            }
        }
    }

    private Optional<Attempt> running() {
        List<Attempt> running = on.store.running();
        return running.isEmpty() ? Optional.empty() : Optional.of(one(running));
    }

    private Optional<JobId> live() {
        List<JobId> live = on.live();
        return live.isEmpty() ? Optional.empty() : Optional.of(one(live));
    }

    private <T> T one(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }
}
