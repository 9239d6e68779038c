package io.tollgate.queue.model;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.HoldId;
import io.tollgate.credits.ledger.LedgerStore;
import io.tollgate.credits.ledger.PaymentFilter;
import io.tollgate.credits.test.MutableClock;
import io.tollgate.queue.job.ClearedJobs;
import io.tollgate.queue.job.Delivery;
import io.tollgate.queue.job.JobCommand.Claimed;
import io.tollgate.queue.job.JobFilter;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobRules;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.JobStore;
import io.tollgate.queue.job.QueuedJob;
import io.tollgate.queue.job.StoredEvent;
import io.tollgate.queue.job.WorkflowName;
import io.tollgate.queue.memory.MemoryStore;
import io.tollgate.queue.test.StoredDeliveries;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;

/**
 * Does the same commands to a store and to one in memory. A model knows what a job is worth, but not every column of
 * every page that can be read: here each answer must be the same to the last field, and after each step everything that
 * can be read. Confined to one thread.
 */
final class Twin<S extends JobStore & LedgerStore> {
    private static final int SEEN = 10; // jobs that are looked at one by one

    private final Runner.Venue<S> venue;
    private final Random random;
    private final MutableClock clock = new MutableClock();
    private final Steps steps = new Steps(clock);
    private final JobRules rules = new JobRules(World.POLICY);
    private final MemoryStore expected = new MemoryStore(rules, clock);
    private final Model model = new Model();
    private final List<JobId> jobs = new ArrayList<>();
    private S actual;
    private String last = "nothing yet";

    private Twin(Runner.Venue<S> venue, long seed) throws Exception {
        this.venue = venue;
        this.random = new Random(seed);
        actual = venue.open(rules, clock);
    }

    /** Does the commands, and compares after each. */
    static <S extends JobStore & LedgerStore> void run(List<Command> commands, Runner.Venue<S> venue, long seed)
            throws Exception {
        Twin<S> twin = new Twin<>(venue, seed);
        try {
            for (Command command : commands) {
                twin.step(command);
                if (!(command instanceof Command.Advance)) {
                    twin.compare();
                }
            }
            twin.audit();
        } finally {
            venue.close(twin.actual);
        }
    }

    private void step(Command command) throws Exception {
        last = command.line();
        if (command instanceof Command.Advance advance) {
            clock.advance(Duration.ofMillis(advance.millis()));
        } else if (command instanceof Command.Restart) {
            actual = venue.restart(actual, rules, clock);
        } else if (command instanceof Command.Race race) {
            burst(race.commands());
        } else {
            burst(List.of(command));
        }
    }

    /** Hands all in before it looks at an answer, so that they may share a batch. */
    private void burst(List<Command> commands) throws Exception {
        List<CompletionStage<?>> wanted = new ArrayList<>();
        List<CompletionStage<?>> given = new ArrayList<>();
        for (Command command : commands) {
            Wish wish = steps.wish(command, model);
            wanted.add(wish.to(expected));
            given.add(wish.to(actual));
            model.apply(wish, clock.millis(), null);
            if (command instanceof Command.Submit submit) {
                submit.jobs().forEach(plan -> jobs.add(World.job(plan.job())));
                StoredEvent event = new StoredEvent(
                        clock.instant(),
                        "asked",
                        Optional.of(World.USERS.get(submit.user())),
                        Optional.of(World.job(submit.jobs().get(0).job())),
                        "an \"event\"");
                expected.keep(List.of(event));
                given.add(actual.keep(List.of(event)));
                wanted.add(given.get(given.size() - 1));
            }
        }
        for (int i = 0; i < given.size(); i++) {
            assertThat(outcome(given.get(i))).as(last).isEqualTo(outcome(wanted.get(i)));
        }
    }

    private static Object outcome(CompletionStage<?> stage) throws Exception {
        try {
            Object value = stage.toCompletableFuture().get(60, SECONDS);
            if (value instanceof List<?> list && !list.isEmpty() && list.get(0) instanceof Claimed) {
                // in what order attempts are taken over is the store's choice
                return list.stream()
                        .map(Claimed.class::cast)
                        .sorted(Comparator.comparing(claimed -> claimed.job().seq()))
                        .toList();
            }
            return Optional.ofNullable(value);
        } catch (ExecutionException e) {
            return String.valueOf(e.getCause());
        }
    }

    private void compare() {
        for (JobId id : Set.copyOf(jobs.subList(Math.max(0, jobs.size() - SEEN), jobs.size()))) {
            HoldId hold = new HoldId(id.value());
            assertThat(actual.find(id)).as(last).isEqualTo(expected.find(id));
            assertThat(actual.hold(hold)).as(last).isEqualTo(expected.hold(hold));
        }
        World.USERS.forEach(this::compare);
        JobFilter filter = filter();
        Optional<Long> before =
                random.nextBoolean() ? Optional.empty() : Optional.of((long) random.nextInt(jobs.size() + 2));
        assertThat(actual.list(filter, before, 7)).as(last).isEqualTo(expected.list(filter, before, 7));
        assertThat(live(actual)).as(last).isEqualTo(live(expected));
        assertThat(actual.running()).as(last).containsExactlyInAnyOrderElementsOf(expected.running());
        assertThat(actual.slots()).as(last).isEqualTo(expected.slots());
        assertThat(actual.models()).as(last).isEqualTo(expected.models());
        assertThat(actual.queues()).as(last).isEqualTo(expected.queues());
        assertThat(StoredDeliveries.of(actual, Optional.empty(), 50))
                .as(last)
                .isEqualTo(StoredDeliveries.of(expected, Optional.empty(), 50));
        for (Delivery.State state : Delivery.State.values()) {
            assertThat(StoredDeliveries.of(actual, Optional.of(state), 5))
                    .as(last)
                    .isEqualTo(StoredDeliveries.of(expected, Optional.of(state), 5));
        }
        assertThat(actual.nextDelivery()).as(last).isEqualTo(expected.nextDelivery());
        // which of two that ended in the same millisecond comes first is the store's choice
        assertThat(actual.recentRuns(1000)).as(last).containsExactlyInAnyOrderElementsOf(expected.recentRuns(1000));
        Optional<UserId> first = Optional.of(new UserId("adam"));
        assertThat(actual.accounts(first, 2)).as(last).isEqualTo(expected.accounts(first, 2));
        assertThat(actual.events(Optional.empty(), 20)).as(last).isEqualTo(expected.events(Optional.empty(), 20));
        assertThat(actual.payments(PaymentFilter.ALL, Optional.empty(), 5))
                .as(last)
                .isEqualTo(expected.payments(PaymentFilter.ALL, Optional.empty(), 5));
        if (random.nextInt(10) == 0) {
            audit();
        }
    }

    private void compare(UserId user) {
        assertThat(actual.account(user)).as(last).isEqualTo(expected.account(user));
        assertThat(actual.grants(user)).as(last).isEqualTo(expected.grants(user));
        assertThat(actual.history(user, Optional.empty(), 5))
                .as(last)
                .isEqualTo(expected.history(user, Optional.empty(), 5));
        Optional<Long> next = expected.history(user, Optional.empty(), 5).next();
        if (next.isPresent()) {
            assertThat(actual.history(user, next, 3)).as(last).isEqualTo(expected.history(user, next, 3));
        }
        assertThat(actual.invoices(user, 5)).as(last).isEqualTo(expected.invoices(user, 5));
        assertThat(actual.events(Optional.of(user), 5)).as(last).isEqualTo(expected.events(Optional.of(user), 5));
    }

    private void audit() {
        assertThat(actual.audit().counts()).as(last).isEqualTo(expected.audit().counts());
        assertThat(actual.audit().findings())
                .as(last)
                .containsExactlyInAnyOrderElementsOf(expected.audit().findings());
        assertThat(actual.auditLedger()).as(last).isEqualTo(expected.auditLedger());
    }

    private static List<QueuedJob> live(JobStore store) {
        List<QueuedJob> live = new ArrayList<>();
        store.forEachLive(live::add);
        return live;
    }

    private JobFilter filter() {
        return switch (random.nextInt(8)) {
            case 0 -> JobFilter.of(user());
            case 1 -> JobFilter.ALL.with(Set.of(JobState.Kind.QUEUED, JobState.Kind.RUNNING));
            case 2 -> JobFilter.ALL.with(Set.of(JobState.Kind.FAILED, JobState.Kind.QUEUED));
            case 3 -> JobFilter.of(user()).with(new WorkflowName("w1"));
            case 4 ->
                new JobFilter(
                        Optional.empty(),
                        Set.of(),
                        Optional.empty(),
                        Optional.of(World.MODELS.get(0)),
                        Optional.empty(),
                        Optional.of("t'1\""),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty());
            case 5 ->
                new JobFilter(
                        Optional.empty(),
                        Set.of(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(MutableClock.START.plusSeconds(5)),
                        Optional.of(clock.instant().minusNanos(1)),
                        Optional.empty());
            case 6 ->
                (random.nextBoolean() ? JobFilter.of(user()) : JobFilter.ALL)
                        .without(Optional.of(
                                new ClearedJobs(clock.instant().minusSeconds(random.nextInt(60)), random.nextInt(20))));
            default -> JobFilter.ALL;
        };
    }

    private UserId user() {
        return World.USERS.get(random.nextInt(World.USERS.size()));
    }
}
