package io.tollgate.queue.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Finding;
import io.tollgate.credits.ledger.Hold;
import io.tollgate.credits.ledger.HoldId;
import io.tollgate.credits.ledger.Price;
import io.tollgate.credits.test.MutableClock;
import io.tollgate.queue.test.CountingIds;
import io.tollgate.queue.test.JobSpecs;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each test starts from sound rows, plants one corruption, and wants it found under the name of its rule. */
final class JobInvariantsTest {
    private static final Instant NOW = MutableClock.START;
    private static final UserId EVA = new UserId("eva");
    private static final BackendId GPU = new BackendId("gpu-1");

    private final CountingIds ids = new CountingIds();
    private final JobSpecs specs = new JobSpecs(ids, new MutableClock());
    private final List<QueuedJob> jobs = new ArrayList<>();
    private final List<Attempt> running = new ArrayList<>();
    private final List<Slot> slots = new ArrayList<>();
    private final List<ModelLimit> models = new ArrayList<>();
    private final List<QueueSwitch> queues = new ArrayList<>();
    private final List<UserLoad> loads = new ArrayList<>();
    private final List<Hold> holds = new ArrayList<>();
    private final Set<HoldId> late = new HashSet<>();

    private final QueuedJob waiting = add(Lane.REGULAR, new JobState.Queued(NOW, Optional.empty()));
    private final QueuedJob runs = add(Lane.RELAXED, new JobState.Running());
    private final QueuedJob done = add(Lane.REGULAR, new JobState.Succeeded(NOW, false));

    JobInvariantsTest() {
        running.add(attempt(runs, 0));
        slots.add(new Slot(GPU, 0, Optional.of(runs.id())));
        slots.add(new Slot(GPU, 1, Optional.empty()));
        models.add(new ModelLimit(JobSpecs.MODEL, OptionalInt.empty(), 1));
        queues.add(new QueueSwitch(JobSpecs.QUEUE, QueueSwitch.Mode.OPEN, 1));
        loads.add(new UserLoad(EVA, 2, 0, NOW));
    }

    private QueuedJob add(Lane lane, JobState state) {
        QueuedJob job = new QueuedJob(specs.of(EVA), jobs.size(), lane, false, jobs.size(), state, 1, 0, 0, 1);
        jobs.add(job);
        holds.add(hold(
                job.id(),
                switch (state.kind()) {
                    case QUEUED, RUNNING, CANCELING -> Hold.State.OPEN;
                    case SUCCEEDED -> Hold.State.CAPTURED;
                    case FAILED, CANCELED, EXPIRED -> Hold.State.RELEASED;
                }));
        return job;
    }

    private static Hold hold(JobId job, Hold.State state) {
        return new Hold(
                new HoldId(job.value()),
                EVA,
                Price.agreed(Amount.ZERO, Amount.ZERO),
                List.of(),
                state,
                Amount.ZERO,
                NOW,
                state == Hold.State.OPEN ? Optional.empty() : Optional.of(NOW));
    }

    private Attempt attempt(QueuedJob job, int slot) {
        return new Attempt(
                job.id(),
                1,
                new RunId(ids.next()),
                GPU,
                slot,
                Attempt.Phase.STARTED,
                new Lease(new NodeId("node-a"), 1, NOW.plus(Duration.ofMinutes(1))),
                NOW,
                Optional.of(NOW),
                Optional.empty(),
                Optional.empty());
    }

    @Test
    void check_soundRows_findsNothing() {
        assertThat(found()).isEmpty();
        assertThat(JobInvariants.check(jobs, running, slots, models, queues, loads, holds, late)
                        .counts())
                .containsEntry("jobs", 3L)
                .containsEntry("running", 1L)
                .containsEntry("slots", 2L);
    }

    @ParameterizedTest
    @EnumSource
    void check_aHoldInAnyState_mustFitItsJob(Hold.State state) {
        for (QueuedJob job : List.of(waiting, runs, done)) {
            Hold right = holds.get(jobs.indexOf(job));
            holds.set(jobs.indexOf(job), hold(job.id(), state));
            if (state == right.state()) {
                assertThat(found()).isEmpty();
            } else {
                assertFound("hold-settled-once", job.id());
            }
            holds.set(jobs.indexOf(job), right);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = JobState.Kind.class,
            names = {"FAILED", "CANCELED", "EXPIRED"})
    void check_aJobThatGotNothing_mustHaveItsCreditsBack(JobState.Kind kind) {
        JobState state = switch (kind) {
            case FAILED -> new JobState.Failed(NOW, new Failure(Failure.Kind.BACKEND, "broken"));
            case CANCELED -> new JobState.Canceled(NOW);
            default -> new JobState.Expired(NOW);
        };
        QueuedJob ended = add(Lane.REGULAR, state);
        assertThat(found()).isEmpty();

        holds.set(3, hold(ended.id(), Hold.State.CAPTURED));

        assertFound("hold-settled-once", ended.id());
    }

    @Test
    void check_aSuccessWithItsCreditsBack_mustBeInTheBooksAsLate() {
        holds.set(2, hold(done.id(), Hold.State.RELEASED));
        assertFound("hold-settled-once", done.id());

        late.add(new HoldId(done.id().value()));

        assertThat(found()).isEmpty();
    }

    @Test
    void check_aLateDeliveryOfWhatWasPaid_isFound() {
        late.add(new HoldId(done.id().value()));

        assertFound("hold-settled-once", done.id());
    }

    @Test
    void check_aLateDeliveryOfAJobThatDidNotSucceed_isFound() {
        QueuedJob failed = add(Lane.REGULAR, new JobState.Failed(NOW, new Failure(Failure.Kind.OPERATOR, "given up")));
        assertThat(found()).isEmpty();

        late.add(new HoldId(failed.id().value()));

        assertFound("late-has-success", failed.id());
    }

    @Test
    void check_anOpenHoldOfNoJob_isFound() {
        JobId nobodys = new JobId(ids.next());
        holds.add(hold(nobodys, Hold.State.OPEN));

        assertFound("hold-has-job", nobodys);
    }

    @Test
    void check_aJobWithoutAHold_isFound() {
        holds.remove(0);

        assertFound("job-has-hold", waiting.id());
    }

    @Test
    void check_aRunOfAJobThatDoesNotRun_isFound() {
        running.add(attempt(done, 1));

        assertThat(found()).contains("attempt-has-job " + done.id());
    }

    @Test
    void check_aRunOfNoJob_isFound() {
        jobs.remove(runs);
        holds.remove(1);

        assertThat(found()).contains("attempt-has-job " + runs.id());
    }

    @Test
    void check_aRunningJobWithoutARun_isFound() {
        running.clear();

        assertFound("job-has-attempt", runs.id());
    }

    @Test
    void check_twoRunsOfOneJob_areFound() {
        running.add(attempt(runs, 0));

        assertFound("attempt-once", runs.id());
    }

    @Test
    void check_aJobInTwoSlots_isFound() {
        slots.set(1, new Slot(GPU, 1, Optional.of(runs.id())));

        assertThat(found()).contains("slot-once " + runs.id());
    }

    @Test
    void check_aSlotOfAJobThatDoesNotRun_isFound() {
        slots.set(1, new Slot(GPU, 1, Optional.of(done.id())));

        assertThat(found())
                .singleElement()
                .asString()
                .startsWith("slot-has-run")
                .contains(done.id().toString());
    }

    @Test
    void check_aCollectingAttempt_takesNoSlotAndNoPlaceUnderTheLimits() {
        Attempt collects =
                running.get(0).inPhase(Attempt.Phase.COLLECTING, running.get(0).runId(), NOW);
        running.set(0, collects);
        assertThat(found())
                .anyMatch(rule -> rule.startsWith("slot-has-run"))
                .anyMatch(rule -> rule.startsWith("model-count"));

        slots.set(0, new Slot(GPU, 0, Optional.empty()));
        assertThat(found()).noneMatch(rule -> rule.startsWith("run-has-slot") || rule.startsWith("slot-has-run"));
    }

    @Test
    void check_aRunOutsideItsSlot_isFound() {
        slots.set(0, new Slot(GPU, 0, Optional.empty()));
        assertFound("run-has-slot", runs.id());

        slots.set(1, new Slot(GPU, 1, Optional.of(runs.id())));
        assertFound("run-has-slot", runs.id());

        slots.set(1, new Slot(new BackendId("gpu-2"), 0, Optional.of(runs.id())));
        assertFound("run-has-slot", runs.id());
    }

    @Test
    void check_aCountThatIsWrongOrMissing_isFound() {
        models.set(0, new ModelLimit(JobSpecs.MODEL, OptionalInt.empty(), 2));
        assertFound("model-count", JobSpecs.MODEL);
        models.clear();
        assertFound("model-count", JobSpecs.MODEL);
        models.add(new ModelLimit(JobSpecs.MODEL, OptionalInt.empty(), 1));

        queues.set(0, new QueueSwitch(JobSpecs.QUEUE, QueueSwitch.Mode.OPEN, 0));
        assertFound("relaxed-count", JobSpecs.QUEUE);
        queues.clear();
        assertFound("relaxed-count", JobSpecs.QUEUE);
        queues.add(new QueueSwitch(JobSpecs.QUEUE, QueueSwitch.Mode.OPEN, 1));

        loads.set(0, new UserLoad(EVA, 3, 0, NOW));
        assertFound("user-load", EVA);
        loads.set(0, new UserLoad(EVA, 2, 1, NOW));
        assertFound("user-relaxed", EVA);
        loads.clear();
        assertFound("user-load", EVA);
    }

    private void assertFound(String rule, Object subject) {
        assertThat(found()).containsExactly(rule + " " + subject);
    }

    private List<String> found() {
        return JobInvariants.check(jobs, running, slots, models, queues, loads, holds, late).findings().stream()
                .map((Finding finding) -> finding.rule() + " " + finding.subject())
                .toList();
    }
}
