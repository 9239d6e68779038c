package io.tollgate.queue.dispatch;

import static io.tollgate.queue.test.House.ANN;
import static io.tollgate.queue.test.House.IMAGE;
import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Hold;
import io.tollgate.credits.pricing.Tariff;
import io.tollgate.queue.JobHandle;
import io.tollgate.queue.Tollgate;
import io.tollgate.queue.backend.BackendStatus;
import io.tollgate.queue.backend.Capabilities;
import io.tollgate.queue.backend.RunOutcome;
import io.tollgate.queue.backend.Submission;
import io.tollgate.queue.event.JobEvent;
import io.tollgate.queue.gate.JobRequest;
import io.tollgate.queue.job.Attempt;
import io.tollgate.queue.job.Failure;
import io.tollgate.queue.job.JobCommand;
import io.tollgate.queue.job.JobPolicy;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.NodeId;
import io.tollgate.queue.job.QueueSwitch;
import io.tollgate.queue.job.RetryPolicy;
import io.tollgate.queue.job.RunId;
import io.tollgate.queue.job.SubmissionLimits;
import io.tollgate.queue.test.House;
import io.tollgate.queue.test.JobSpecs;
import io.tollgate.queue.test.ScriptedBackend;
import io.tollgate.queue.test.ScriptedBackend.Answer;
import io.tollgate.queue.workflow.Workflow;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DispatchTest {
    private House house = new House();

    @AfterEach
    void close() {
        house.shaky.down = false;
        assertThat(house.memory.audit().findings()).isEmpty();
        house.close();
    }

    private Tollgate open() {
        Tollgate node = house.open();
        house.credit(ANN, 1000);
        return node;
    }

    private Attempt attempt(JobHandle handle) {
        List<Attempt> attempts = house.record(handle.id()).attempts();
        return attempts.get(attempts.size() - 1);
    }

    @Test
    void failure_worthAnotherTry_waitsItsBackoffAndRunsAgain() {
        Tollgate node = open();
        JobHandle handle = house.submit(node);
        RunId first = house.gpu.only();

        house.gpu.fail(first, Failure.Kind.BACKEND);
        house.settle();
        assertThat(house.kind(handle)).isEqualTo(JobState.Kind.QUEUED);
        assertThat(node.job(handle.id()).orElseThrow().waitReason()).contains(WaitReason.RETRY_BACKOFF);
        assertThat(house.available(ANN)).isEqualTo(Amount.credits(990)); // the hold stays
        house.advance(Duration.ofSeconds(2));
        RunId second = house.gpu.only();
        house.gpu.fail(second, Failure.Kind.OUT_OF_MEMORY);
        house.advance(Duration.ofSeconds(4));
        house.gpu.fail(house.gpu.only(), Failure.Kind.BACKEND);
        house.settle();

        assertThat(second).isNotEqualTo(first);
        assertThat(house.record(handle.id()).attempts()).hasSize(3);
        assertThat(house.kind(handle)).isEqualTo(JobState.Kind.FAILED);
        assertThat(house.available(ANN)).isEqualTo(Amount.credits(1000));
    }

    @Test
    void unreachableBackend_opensTheCircuit_costsNoAttempt_andFlowsAgain() {
        Tollgate node = open();
        house.gpu.reachable(false);

        JobHandle handle = house.submit(node);
        assertThat(node.operations().backends().get(0).state()).isEqualTo(BackendStatus.State.UNREACHABLE);
        JobHandle second = house.submit(node);
        house.advance(Duration.ofMinutes(5));
        assertThat(house.record(handle.id()).job().attempts()).isEqualTo(1);
        assertThat(house.record(second.id()).attempts()).isEmpty();
        assertThat(node.job(handle.id()).orElseThrow().waitReason()).contains(WaitReason.NO_BACKEND_AVAILABLE);
        int probes = house.gpu.probes();
        assertThat(probes).isBetween(8, 20); // at growing distances, not every second
        house.gpu.reachable(true);
        house.advance(Duration.ofSeconds(30));

        assertThat(node.operations().backends().get(0).state()).isEqualTo(BackendStatus.State.READY);
        house.gpu.succeed(house.gpu.only(), "a.png");
        house.settle();
        house.gpu.succeed(house.gpu.only(), "b.png");
        house.settle();
        assertThat(handle.result()).isCompleted();
        assertThat(second.result()).isCompleted();
        assertThat(house.record(handle.id()).job().counted()).isZero();
    }

    @Test
    void unclearSubmission_thatArrived_isFoundAndNeverRunTwice() {
        Tollgate node = open();
        house.gpu.answer(Answer.UNCLEAR_ARRIVED);

        JobHandle handle = house.submit(node);
        house.advance(Duration.ofMinutes(1));
        assertThat(attempt(handle).phase()).isEqualTo(Attempt.Phase.SUBMITTED);
        house.gpu.succeed(house.gpu.only(), "a.png");
        house.settle();

        assertThat(house.kind(handle)).isEqualTo(JobState.Kind.SUCCEEDED);
        assertThat(house.gpu.submitted()).hasSize(1);
    }

    @Test
    void unclearSubmission_thatIsLost_isLookedForTwiceWithAGraceThenRunAgain() {
        Tollgate node = open();
        house.gpu.answer(Answer.UNCLEAR_LOST);

        JobHandle handle = house.submit(node);
        assertThat(house.gpu.lookups()).isEqualTo(1);
        assertThat(attempt(handle).phase()).isEqualTo(Attempt.Phase.UNKNOWN);
        house.advance(House.settings().lookGrace().minusMillis(1));
        assertThat(house.gpu.lookups()).isEqualTo(1);
        assertThat(house.kind(handle)).isEqualTo(JobState.Kind.RUNNING);
        house.gpu.answer(Answer.ACCEPT);
        house.advance(Duration.ofMillis(1));
        assertThat(house.gpu.lookups()).isEqualTo(2);
        house.advance(Duration.ofSeconds(2));

        house.gpu.succeed(house.gpu.only(), "a.png");
        house.settle();
        JobRecord record = house.record(handle.id());
        assertThat(record.job().kind()).isEqualTo(JobState.Kind.SUCCEEDED);
        assertThat(record.job().lost()).isEqualTo(1);
        assertThat(record.job().counted()).isZero();
    }

    @Test
    void silentSubmission_isLookedForAfterItsTime() {
        Tollgate node = open();
        house.gpu.answer(Answer.SILENT);

        JobHandle handle = house.submit(node);
        house.advance(House.settings().submitTimeout());
        house.gpu.succeed(house.gpu.only(), "a.png");
        house.settle();

        assertThat(house.kind(handle)).isEqualTo(JobState.Kind.SUCCEEDED);
        assertThat(house.gpu.submitted()).hasSize(1);
    }

    @Test
    void submission_acceptedAfterItWasGivenUp_isStopped() {
        Tollgate node = open();
        house.gpu.answer(Answer.SILENT);
        JobHandle handle = house.submit(node);
        RunId late = house.gpu.only();
        house.gpu.restart(); // it has not arrived yet
        house.gpu.answer(Answer.ACCEPT);
        house.advance(House.settings().submitTimeout().plus(Duration.ofSeconds(10)));
        assertThat(house.gpu.submitted()).hasSize(2);

        house.gpu.unanswered().get(0).complete(new Submission.Accepted(late));
        house.settle();

        assertThat(house.gpu.canceled()).containsExactly(late);
        house.gpu.succeed(house.gpu.only(), "a.png");
        house.settle();
        assertThat(house.kind(handle)).isEqualTo(JobState.Kind.SUCCEEDED);
    }

    @Test
    void backendThrows_theJobStillComesToAnEnd() {
        Tollgate node = open();
        house.gpu.answer(Answer.THROW);

        JobHandle handle = house.submit(node);
        house.advance(Duration.ofMinutes(10));

        assertThat(house.kind(handle)).isEqualTo(JobState.Kind.FAILED);
        assertThat(house.heard(JobEvent.Fault.class)).isNotEmpty();
        assertThat(house.memory.slots()).allMatch(slot -> slot.isFree());
    }

    @Test
    void defectInTheStore_theAttemptIsGivenUpAndItsRunStopped() {
        Tollgate node = open();
        house.shaky.broken = JobCommand.Mark.class;

        JobHandle handle = house.submit(node);
        RunId run = house.gpu.only();
        house.advance(Duration.ofMinutes(5));

        assertThat(house.gpu.canceled()).contains(run);
        assertThat(house.record(handle.id())
                        .attempts()
                        .get(0)
                        .failure()
                        .orElseThrow()
                        .kind())
                .isEqualTo(Failure.Kind.INTERNAL);
        house.shaky.broken = null;
    }

    @Test
    void run_beyondItsTimeLimit_isStoppedAndFailsAsTimeout() {
        Tollgate node = open();
        JobHandle handle = house.submit(node);
        RunId run = house.gpu.only();
        house.gpu.start(run);

        house.advance(Duration.ofMinutes(10).minusSeconds(1));
        assertThat(house.gpu.canceled()).isEmpty();
        house.advance(Duration.ofSeconds(1));

        assertThat(house.gpu.canceled()).containsExactly(run);
        assertThat(house.record(handle.id())
                        .attempts()
                        .get(0)
                        .failure()
                        .orElseThrow()
                        .kind())
                .isEqualTo(Failure.Kind.TIMEOUT);
        assertThat(house.record(handle.id()).job().counted()).isEqualTo(1);
    }

    @Test
    void run_beyondItsTimeLimit_thatSucceedsLate_counts() {
        Tollgate node = open();
        house.gpu.ignoreCancels(true);
        JobHandle handle = house.submit(node);
        RunId run = house.gpu.only();
        house.gpu.start(house.gpu.only());
        house.advance(Duration.ofMinutes(11));
        assertThat(house.kind(handle)).isEqualTo(JobState.Kind.RUNNING);
        assertThat(house.gpu.canceled().size()).isGreaterThan(1); // asked again, not once

        house.gpu.succeed(run, "late.png");
        house.settle();

        assertThat(house.kind(handle)).isEqualTo(JobState.Kind.SUCCEEDED);
        assertThat(house.gpu.submitted()).hasSize(1);
    }

    @Test
    void stop_midRun_thenRestart_resumesByRunId() {
        Tollgate node = open();
        JobHandle handle = house.submit(node);
        RunId run = house.gpu.only();

        house.stop(node);
        assertThat(house.kind(handle)).isEqualTo(JobState.Kind.RUNNING);
        assertThat(house.heard(JobEvent.Left.class)).hasSize(1);
        Tollgate next = house.open();
        JobHandle again = next.handle(ANN, handle.id()).orElseThrow();
        house.gpu.succeed(run, "a.png");
        house.settle();

        assertThat(again.result()).isCompleted();
        assertThat(house.record(handle.id()).attempts()).hasSize(1);
        assertThat(house.gpu.submitted()).containsExactly(run);
        assertThat(house.available(ANN)).isEqualTo(Amount.credits(990));
    }

    @Test
    void stop_runEndsWhileNobodyLooks_isTakenUpAfterTheRestart() {
        Tollgate node = open();
        JobHandle handle = house.submit(node);
        RunId run = house.gpu.only();
        house.stop(node);
        house.gpu.succeed(run, "a.png");

        house.open();
        house.settle();

        assertThat(house.kind(handle)).isEqualTo(JobState.Kind.SUCCEEDED);
        assertThat(house.gpu.submitted()).hasSize(1);
    }

    @Test
    void stop_withinTheGrace_waitsForTheRun() {
        Tollgate node = open();
        JobHandle handle = house.submit(node);
        RunId run = house.gpu.only();
        var unused = house.executor.schedule(() -> house.gpu.succeed(run, "a.png"), 5, TimeUnit.SECONDS);

        house.stop(node);

        assertThat(house.kind(handle)).isEqualTo(JobState.Kind.SUCCEEDED);
    }

    @Test
    void stop_slotThatGetsFreeInTheGrace_isNotClaimed() {
        Tollgate node = open();
        JobHandle first = house.submit(node);
        JobHandle second = house.submit(node);
        RunId run = house.gpu.only();
        var unused = house.executor.schedule(() -> house.gpu.succeed(run, "a.png"), 5, TimeUnit.SECONDS);

        house.stop(node);
        house.advance(Duration.ofMinutes(5));

        assertThat(house.kind(first)).isEqualTo(JobState.Kind.SUCCEEDED);
        assertThat(house.kind(second)).isEqualTo(JobState.Kind.QUEUED);
        assertThat(house.gpu.submitted()).containsExactly(run);
        house.open();
        house.gpu.succeed(house.gpu.only(), "b.png");
        house.settle();
        assertThat(house.record(second.id()).attempts()).hasSize(1);
        assertThat(house.kind(second)).isEqualTo(JobState.Kind.SUCCEEDED);
    }

    @Test
    void restart_whileTheBackendDoesNotAnswer_looksUntilItDoesAndRunsNothingAgain() {
        Tollgate node = open();
        JobHandle handle = house.submit(node);
        RunId run = house.gpu.only();
        house.stop(node);
        house.gpu.reachable(false);

        house.open();
        house.advance(Duration.ofMinutes(5));

        assertThat(house.gpu.lookups()).isGreaterThan(3);
        assertThat(attempt(handle).phase()).isEqualTo(Attempt.Phase.UNKNOWN);
        assertThat(house.kind(handle)).isEqualTo(JobState.Kind.RUNNING);
        assertThat(house.available(ANN)).isEqualTo(Amount.credits(990)); // the hold stays
        house.gpu.reachable(true);
        house.advance(Duration.ofMinutes(1));
        house.gpu.succeed(run, "a.png");
        house.settle();
        assertThat(house.kind(handle)).isEqualTo(JobState.Kind.SUCCEEDED);
        assertThat(house.gpu.submitted()).containsExactly(run);
    }

    @Test
    void restart_whileLooksFailByADefect_takesNoRunForLost() {
        Tollgate node = open();
        JobHandle handle = house.submit(node);
        RunId run = house.gpu.only();
        house.stop(node);
        house.gpu.failLooks(true);

        house.open();
        house.advance(Duration.ofMinutes(5));
        house.gpu.failLooks(false);
        house.advance(Duration.ofMinutes(1));
        house.gpu.succeed(run, "a.png");
        house.settle();

        assertThat(house.kind(handle)).isEqualTo(JobState.Kind.SUCCEEDED);
        assertThat(house.gpu.submitted()).containsExactly(run);
    }

    @Test
    void restart_firstMissAfterTimesWithoutAnswer_isLookedForOnceMore() {
        Tollgate node = open();
        JobHandle handle = house.submit(node);
        RunId run = house.gpu.only();
        house.stop(node);
        house.gpu.reachable(false);
        house.open();
        house.advance(Duration.ofMinutes(2));

        house.gpu.missNext(1);
        house.gpu.reachable(true);
        house.advance(Duration.ofMinutes(1));

        assertThat(house.record(handle.id()).attempts()).hasSize(1);
        house.gpu.succeed(run, "a.png");
        house.settle();
        assertThat(house.kind(handle)).isEqualTo(JobState.Kind.SUCCEEDED);
        assertThat(house.gpu.submitted()).containsExactly(run);
    }

    @Test
    void stop_claimThatIsAnsweredAfterIt_isLeftToTheNextStart() {
        Tollgate node = open();
        house.shaky.late = JobCommand.Claim.class;
        JobHandle handle = house.submit(node);
        assertThat(house.kind(handle)).isEqualTo(JobState.Kind.RUNNING);

        house.stop(node);
        house.shaky.late = null;
        house.shaky.answerLate();
        house.settle();

        assertThat(house.gpu.submitted()).isEmpty();
        assertThat(house.kind(handle)).isEqualTo(JobState.Kind.RUNNING);
        house.open();
        house.advance(Duration.ofMinutes(1));
        house.gpu.succeed(house.gpu.only(), "a.png");
        house.settle();
        assertThat(house.kind(handle)).isEqualTo(JobState.Kind.SUCCEEDED);
        assertThat(house.gpu.submitted()).hasSize(1);
    }

    @Test
    void lease_runOut_isTakenOverByAnotherNodeWithoutRunningAgain() {
        Tollgate first = open();
        JobHandle handle = house.submit(first);
        RunId run = house.gpu.only();
        house.stop(first); // as good as dead: it says no word and keeps its lease

        Tollgate second = house.open(
                builder -> builder.workflows(House.draw()).backend(house.gpu).node(new NodeId("node-2")));
        assertThat(second.driving()).isZero();
        house.advance(House.settings().leaseTtl().plus(House.settings().sweep()));
        assertThat(second.driving()).isEqualTo(1);
        house.gpu.succeed(run, "a.png");
        house.settle();

        assertThat(house.kind(handle)).isEqualTo(JobState.Kind.SUCCEEDED);
        assertThat(house.gpu.submitted()).containsExactly(run);
    }

    @Test
    void lease_lost_theDriverLetsGoAndLeavesTheRunAlone() {
        Tollgate first = open();
        JobHandle handle = house.submit(first);
        RunId run = house.gpu.only();
        var taken = house.join(
                house.memory.execute(new JobCommand.TakeOver(new NodeId("node-1"), true, Duration.ofHours(1))));
        assertThat(taken).hasSize(1);

        house.advance(House.settings().leaseTtl());

        assertThat(first.driving()).isZero();
        assertThat(house.gpu.canceled()).isEmpty();
        assertThat(house.gpu.forgotten()).isEmpty();
        assertThat(house.kind(handle)).isEqualTo(JobState.Kind.RUNNING);
        assertThat(house.gpu.alive()).containsExactly(run);
        finish(taken.get(0).attempt());
    }

    private void finish(Attempt attempt) {
        house.join(house.memory.execute(new JobCommand.Fail(
                attempt.ref(),
                new Failure(Failure.Kind.BAD_WORKFLOW, "over"),
                List.of(),
                1,
                RetryPolicy.DEFAULT,
                0.5,
                List.of())));
    }

    @Test
    void outcome_reportedWithAStaleLease_isNotForgottenAtTheBackend() {
        Tollgate first = open();
        JobHandle handle = house.submit(first);
        RunId run = house.gpu.only();
        var taken = house.join(
                house.memory.execute(new JobCommand.TakeOver(new NodeId("node-1"), true, Duration.ofHours(1))));

        house.gpu.succeed(run, "a.png"); // heard by the old driver, whose word no longer counts
        house.settle();

        assertThat(house.kind(handle)).isEqualTo(JobState.Kind.RUNNING);
        assertThat(house.gpu.forgotten()).isEmpty(); // who took over needs it
        finish(taken.get(0).attempt());
    }

    @Test
    void leases_areRenewedWhileARunLasts() {
        Tollgate node = open();
        JobHandle handle = house.submit(node);

        house.advance(Duration.ofMinutes(9));

        assertThat(attempt(handle).lease().until()).isAfter(house.clock.instant());
        assertThat(attempt(handle).lease().token()).isEqualTo(1);
        assertThat(house.heard(JobEvent.PhaseChanged.class)).hasSize(1); // a renewal is no news
    }

    @Test
    void storeOutage_theOutcomeIsNotLostAndDispatchResumes() {
        Tollgate node = open();
        JobHandle running = house.submit(node);
        JobHandle waiting = house.submit(node);
        RunId run = house.gpu.only();

        house.shaky.down = true;
        house.gpu.succeed(run, "a.png");
        house.advance(Duration.ofMinutes(10));
        assertThat(house.kind(running)).isEqualTo(JobState.Kind.RUNNING);
        assertThat(house.shaky.failures()).isBetween(10, 5_000); // it waits, it does not spin
        house.shaky.down = false;
        house.advance(Duration.ofSeconds(30));

        assertThat(house.kind(running)).isEqualTo(JobState.Kind.SUCCEEDED);
        assertThat(house.gpu.submitted()).hasSize(2);
        house.gpu.succeed(house.gpu.only(), "b.png");
        house.settle();
        assertThat(house.kind(waiting)).isEqualTo(JobState.Kind.SUCCEEDED);
        assertThat(running.result()).isCompleted();
    }

    @Test
    void store_thatCanNotSayWhatItStored_isToldAgainUntilItCan() {
        Tollgate node = open();
        JobHandle handle = house.submit(node);

        house.shaky.inDoubt = true;
        house.shaky.down = true;
        house.gpu.succeed(house.gpu.only(), "a.png");
        house.advance(Duration.ofSeconds(65)); // long enough to look for the run again and again, within the lease
        house.shaky.down = false;
        house.advance(Duration.ofMinutes(2));

        assertThat(house.kind(handle)).isEqualTo(JobState.Kind.SUCCEEDED);
        assertThat(house.gpu.submitted()).hasSize(1);
    }

    @Test
    void claim_whoseAnswerIsLost_isDrivenLongBeforeItsLeaseEnds() {
        Tollgate node = open();
        house.shaky.mute = JobCommand.Claim.class;
        JobHandle handle = house.submit(node);
        assertThat(house.kind(handle)).isEqualTo(JobState.Kind.RUNNING);
        assertThat(house.gpu.submitted()).isEmpty();
        house.shaky.mute = null;

        house.advance(Duration.ofSeconds(20)); // it is looked for twice before it is known not to run

        house.advance(Duration.ofSeconds(20));
        house.gpu.succeed(house.gpu.only(), "a.png");
        house.settle();
        assertThat(house.kind(handle)).isEqualTo(JobState.Kind.SUCCEEDED);
        assertThat(house.gpu.submitted()).hasSize(1);
    }

    @Test
    void outputs_thatCanNotBeFetchedOnce_areFetchedAgainInsteadOfRunAgain() {
        Tollgate node = open();
        JobHandle handle = house.submit(node);
        List<Integer> opened = new ArrayList<>();
        var flaky = new io.tollgate.queue.backend.Produced("a.png", Optional.empty(), "image/png", () -> {
            opened.add(1);
            if (opened.size() == 1) {
                throw new IOException("connection reset");
            }
            return new java.io.ByteArrayInputStream(new byte[] {1});
        });

        house.gpu.end(house.gpu.only(), new RunOutcome.Succeeded(List.of(flaky)));
        house.advance(Duration.ofSeconds(5));

        assertThat(house.kind(handle)).isEqualTo(JobState.Kind.SUCCEEDED);
        assertThat(house.gpu.submitted()).hasSize(1);
    }

    @Test
    void queue_pausedThenResumed_holdsAndStartsItsJobs() {
        Tollgate node = open();
        house.join(node.operations().switchQueue(IMAGE, QueueSwitch.Mode.PAUSED, "eva"));

        JobHandle handle = house.submit(node);
        house.advance(Duration.ofMinutes(5));
        assertThat(house.gpu.submitted()).isEmpty();
        assertThat(node.job(handle.id()).orElseThrow().waitReason()).contains(WaitReason.QUEUE_PAUSED);
        house.join(node.operations().switchQueue(IMAGE, QueueSwitch.Mode.OPEN, "eva"));

        assertThat(house.gpu.alive()).hasSize(1);
    }

    @Test
    void queue_draining_takesNothingInAndRunsWhatItHas() {
        Tollgate node = open();
        JobHandle running = house.submit(node);
        JobHandle waiting = house.submit(node);
        house.join(node.operations().switchQueue(IMAGE, QueueSwitch.Mode.DRAINING, "eva"));

        assertThat(house.join(node.submitAsync(JobRequest.of(ANN, "draw"))))
                .isInstanceOf(JobCommand.SubmitResult.Refused.class);
        house.gpu.succeed(house.gpu.only(), "a.png");
        house.settle();
        house.gpu.succeed(house.gpu.only(), "b.png");
        house.settle();

        assertThat(running.result()).isCompleted();
        assertThat(waiting.result()).isCompleted();
    }

    @Test
    void job_thatWaitedTooLong_expiresAtItsTimeAndIsReleased() {
        Tollgate node = house.open(
                builder -> builder.workflows(House.draw()).backend(house.gpu).waitingAtMost(Duration.ofMinutes(30)));
        house.credit(ANN, 1000);
        house.gpu.reachable(false);
        JobHandle handle = house.submit(node);

        house.advance(Duration.ofMinutes(30).minusSeconds(1));
        assertThat(house.kind(handle)).isEqualTo(JobState.Kind.QUEUED);
        house.advance(Duration.ofSeconds(1));

        assertThat(house.kind(handle)).isEqualTo(JobState.Kind.EXPIRED);
        assertThat(house.available(ANN)).isEqualTo(Amount.credits(1000));
        assertThat(handle.result()).isCompleted();
    }

    @Test
    void jobs_thatExpireTogether_areEachExpiredOnce() {
        house = new House(limits(1000), 1);
        Tollgate node = house.open(
                builder -> builder.workflows(House.draw()).backend(house.gpu).waitingAtMost(Duration.ofMinutes(30)));
        house.credit(ANN, 10_000);
        house.gpu.reachable(false);
        for (int i = 0; i < 600; i++) { // more than one sweep takes
            node.submit(JobRequest.of(ANN, "draw"));
        }
        house.settle();

        house.advance(Duration.ofMinutes(30));

        assertThat(house.heard(JobEvent.Ended.class)).hasSize(600);
        assertThat(house.available(ANN)).isEqualTo(Amount.credits(10_000));
    }

    private static JobPolicy limits(int jobs) {
        JobPolicy policy = JobPolicy.DEFAULT;
        return new JobPolicy(
                policy.credits(),
                new SubmissionLimits(jobs, 100_000, 100_000),
                policy.modelLimits(),
                policy.queueDefaults(),
                policy.orders(),
                policy.relaxedShare(),
                policy.lostAtMost());
    }

    @Test
    void job_thatWaitedAnHour_isPromotedOverHigherPriorities() {
        Tollgate node = house.open(builder -> builder.workflows(new io.tollgate.queue.workflow.Workflow(
                        House.draw().name(),
                        "Draw",
                        "",
                        IMAGE,
                        House.draw().model(),
                        Tariff.of(Amount.credits(1)),
                        List.of(),
                        House.draw().recipes(),
                        java.util.Set.of(),
                        Map.of(),
                        1,
                        Duration.ofHours(5),
                        RetryPolicy.DEFAULT))
                .backend(house.gpu));
        house.credit(ANN, 1000);
        house.submit(node);
        JobHandle old = house.submit(node, JobRequest.of(ANN, "draw").withPriority(-5));
        house.advance(Duration.ofMinutes(59));
        JobHandle young = house.submit(node, JobRequest.of(ANN, "draw").withPriority(5));
        assertThat(node.job(old.id()).orElseThrow().position()).contains(2);

        house.advance(Duration.ofMinutes(1));

        assertThat(node.job(old.id()).orElseThrow().position()).contains(1);
        assertThat(node.job(young.id()).orElseThrow().position()).contains(2);
        assertThat(house.heard(JobEvent.Promoted.class)).hasSize(1);
    }

    @Test
    void modelLimit_holdsUnderLoadAndOtherModelsPass() {
        house = new House(limits(1000), 10);
        Tollgate node = house.open(builder -> builder.workflows(
                        House.draw("draw", "scarce", 1, RetryPolicy.DEFAULT),
                        House.draw("sketch", "plenty", 1, RetryPolicy.DEFAULT))
                .backend(house.gpu));
        house.credit(ANN, 10_000);
        house.join(node.operations().setLimit(new ModelName("scarce"), OptionalInt.of(2), "eva"));
        List<JobHandle> handles = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            handles.add(node.submit(JobRequest.of(ANN, i < 20 ? "draw" : "sketch")));
        }
        house.settle();
        int peak = 0;
        boolean bothRan = false;
        for (int i = 0; i < 40 && !house.gpu.alive().isEmpty(); i++) {
            long scarce = running("draw");
            peak = Math.max(peak, (int) scarce);
            bothRan |= scarce > 0 && running("sketch") > 0;
            house.gpu.succeed(house.gpu.alive().get(0), "a.png");
            house.settle();
        }

        assertThat(peak).isEqualTo(2);
        assertThat(bothRan).isTrue();
        assertThat(handles).allSatisfy(handle -> assertThat(handle.result()).isCompleted());
        assertThat(house.gpu.mostAtOnce()).isLessThanOrEqualTo(10);
    }

    private long running(String workflow) {
        return house.gpu.alive().stream()
                .filter(run -> house.gpu.workflow(run).value().equals(workflow))
                .count();
    }

    @Test
    void waitReasonsAndEta_sayWhatIsTheMatter() {
        Tollgate node = open();
        house.submit(node);
        JobHandle next = house.submit(node);
        JobHandle last = house.submit(node);
        house.join(node.operations().setLimit(new ModelName("model-a"), OptionalInt.of(1), "eva"));

        JobView view = node.job(last.id()).orElseThrow();

        assertThat(view.position()).contains(2);
        assertThat(view.waitReason()).contains(WaitReason.AHEAD_IN_QUEUE);
        assertThat(view.eta()).isPresent();
        assertThat(node.job(next.id()).orElseThrow().waitReason()).contains(WaitReason.MODEL_AT_LIMIT);
    }

    @Test
    void eta_othersWaitForAnotherBackend_isAsIfTheyWereNotThere() {
        ScriptedBackend other = new ScriptedBackend("gpu-2", 1);
        house.gpu.capabilities(new Capabilities(JobSpecs.TYPE, Set.of(), Set.of("left")));
        other.capabilities(new Capabilities(JobSpecs.TYPE, Set.of(), Set.of("right")));
        Tollgate node = house.open(builder -> builder.workflows(tagged("draw", "left"), tagged("paint", "right"))
                .backend(house.gpu)
                .backend(other));
        house.credit(ANN, 1000);
        house.submit(node, JobRequest.of(ANN, "draw"));
        for (int i = 0; i < 6; i++) {
            house.submit(node, JobRequest.of(ANN, "paint"));
        }

        JobHandle next = house.submit(node, JobRequest.of(ANN, "draw"));

        JobView view = node.job(next.id()).orElseThrow();
        assertThat(view.position()).contains(6);
        Duration wait =
                Duration.between(house.clock.instant(), view.eta().orElseThrow().start());
        Duration run = Duration.between(
                view.eta().orElseThrow().start(), view.eta().orElseThrow().end());
        assertThat(wait).isPositive().isLessThanOrEqualTo(run.multipliedBy(3).dividedBy(2));
    }

    private static Workflow tagged(String name, String tag) {
        Workflow draw = House.draw(name, "model-" + name, 1, RetryPolicy.DEFAULT);
        return new Workflow(
                draw.name(),
                draw.title(),
                draw.description(),
                draw.queue(),
                draw.model(),
                draw.tariff(),
                draw.inputs(),
                draw.recipes(),
                Set.of(tag),
                Map.of(),
                draw.outputs(),
                draw.timeout(),
                draw.retry());
    }

    @Test
    void resolve_byHand_stopsTheDriverEitherWay() {
        Tollgate node = open();
        house.gpu.answer(Answer.UNCLEAR_ARRIVED);
        for (boolean succeeded : new boolean[] {true, false}) {
            JobHandle handle = submitUnknown(node);
            RunId run = attempt(handle).runId();

            house.join(node.operations().resolve(handle.id(), succeeded, "eva", "looked at the disk"));
            house.settle();

            assertThat(node.driving()).isZero();
            assertThat(house.gpu.canceled()).contains(run);
            assertThat(house.kind(handle)).isEqualTo(succeeded ? JobState.Kind.SUCCEEDED : JobState.Kind.FAILED);
            house.gpu.reachable(true);
            house.advance(Duration.ofMinutes(2));
        }
    }

    @Test
    void resolve_asFailed_deliversWhatTheRunMadeAllTheSame() {
        Tollgate node = open();
        house.gpu.answer(Answer.UNCLEAR_ARRIVED);
        JobHandle handle = submitUnknown(node);
        RunId run = attempt(handle).runId();
        house.join(node.operations().resolve(handle.id(), false, "eva", "the server burnt"));
        house.settle();
        assertThat(house.join(handle.result()).job().kind()).isEqualTo(JobState.Kind.FAILED);
        house.gpu.ignoreCancels(true);

        house.gpu.reachable(true);
        house.advance(Duration.ofMinutes(1)); // it is found, and goes on
        assertThat(house.kind(handle)).isEqualTo(JobState.Kind.FAILED);
        house.gpu.succeed(run, "out.png");
        house.settle();

        JobRecord record = house.record(handle.id());
        assertThat(record.job().kind()).isEqualTo(JobState.Kind.SUCCEEDED);
        assertThat(record.outputs()).hasSize(1);
        assertThat(record.hold().state()).isEqualTo(Hold.State.RELEASED);
        assertThat(house.memory.audit().findings()).isEmpty();
        assertThat(house.heard(JobEvent.Ended.class).stream()
                        .map(ended -> ended.job().kind()))
                .containsExactly(JobState.Kind.FAILED, JobState.Kind.SUCCEEDED);
        assertThat(house.gpu.forgotten()).contains(run);
        assertThat(house.join(node.handle(ANN, handle.id()).orElseThrow().result())
                        .job())
                .isEqualTo(record.job());
        assertThat(house.join(handle.result()).job().kind()).isEqualTo(JobState.Kind.FAILED);
        assertNobodyLooks();
    }

    @Test
    void resolve_asFailed_whileTheOutcomeIsUnheard_findsIt() {
        Tollgate node = open();
        house.gpu.answer(Answer.UNCLEAR_ARRIVED);
        JobHandle handle = submitUnknown(node);
        RunId run = attempt(handle).runId();
        house.join(node.operations().resolve(handle.id(), false, "eva", "the server burnt"));

        house.gpu.succeedUnheard(run, "out.png");
        house.gpu.reachable(true);
        house.advance(Duration.ofMinutes(2));

        assertThat(house.kind(handle)).isEqualTo(JobState.Kind.SUCCEEDED);
        assertThat(house.gpu.timesRun(run)).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"stopped", "failed", "forgotten", "empty", "still away"})
    void resolve_asFailed_ofARunThatComesToNothing_isLeftAtThat(String what) {
        Tollgate node = open();
        house.gpu.answer(Answer.UNCLEAR_ARRIVED);
        JobHandle handle = submitUnknown(node);
        RunId run = attempt(handle).runId();
        house.join(node.operations().resolve(handle.id(), false, "eva", "the server burnt"));
        JobRecord resolved = house.record(handle.id());

        house.gpu.ignoreCancels(!what.equals("stopped"));
        switch (what) {
            case "failed" -> house.gpu.fail(run, Failure.Kind.BACKEND, "half.png");
            case "forgotten" -> house.gpu.restart();
            case "empty" -> house.gpu.end(run, new RunOutcome.Succeeded(List.of()));
            default -> {}
        }
        house.gpu.reachable(!what.equals("still away"));
        house.advance(Duration.ofMinutes(2));

        if (what.equals("still away")) {
            int looks = house.gpu.lookups();
            house.advance(AttemptDriver.LATE_AT_MOST);
            assertThat(house.gpu.lookups()).isGreaterThan(looks);
        }
        assertNobodyLooks();
        assertThat(house.record(handle.id())).isEqualTo(resolved);
        assertThat(house.heard(JobEvent.Fault.class)).isEmpty();
    }

    @Test
    void stop_whileAGivenUpRunIsLookedFor_looksNoMore() {
        Tollgate node = open();
        house.gpu.answer(Answer.UNCLEAR_ARRIVED);
        JobHandle handle = submitUnknown(node);
        house.join(node.operations().resolve(handle.id(), false, "eva", "the server burnt"));

        house.stop(node);

        assertNobodyLooks();
        assertThat(house.heard(JobEvent.Left.class)).isEmpty();
    }

    private void assertNobodyLooks() {
        int looks = house.gpu.lookups();
        house.advance(Duration.ofMinutes(10));
        assertThat(house.gpu.lookups()).isEqualTo(looks);
    }

    private JobHandle submitUnknown(Tollgate node) {
        house.executor.execute(() -> house.gpu.reachable(true));
        JobHandle handle = node.submit(JobRequest.of(ANN, "draw"));
        house.events.clear();
        Runnable stop = node.listen(event -> {
            if (event instanceof JobEvent.Claimed) {
                house.executor.execute(() -> house.gpu.reachable(false));
            }
        });
        house.settle();
        stop.run();
        if (attempt(handle).phase() != Attempt.Phase.UNKNOWN) { // it was found before the backend went away
            house.join(house.memory.execute(
                    new JobCommand.Mark(attempt(handle).ref(), Attempt.Phase.UNKNOWN, Optional.empty())));
        }
        return handle;
    }

    @Test
    void alarm_thatRingsALittleEarly_isSetAgain() {
        Tollgate node = open();
        JobHandle handle = house.submit(node);
        house.gpu.fail(house.gpu.only(), Failure.Kind.BACKEND);
        house.settle();

        house.executor.ringEarly(); // as real timers do, which know no milliseconds of the wall clock
        assertThat(house.kind(handle)).isEqualTo(JobState.Kind.QUEUED);
        house.advance(Duration.ofSeconds(3));

        assertThat(house.record(handle.id()).attempts()).hasSize(2);
    }

    @Test
    void submit_atAnOddMicrosecond_startsAtOnce() {
        Tollgate node = open();
        house.clock.advance(Duration.ofNanos(1_500_000 / 2)); // 0.75 ms: the store keeps milliseconds

        house.submit(node);

        assertThat(house.gpu.alive()).hasSize(1);
    }

    @Test
    void start_withJobsWhoseWorkflowIsGone_endsThemAndReleases() {
        Tollgate node = open();
        house.join(node.operations().switchQueue(IMAGE, QueueSwitch.Mode.PAUSED, "eva"));
        JobHandle handle = house.submit(node);
        house.join(node.operations().switchQueue(IMAGE, QueueSwitch.Mode.OPEN, "eva"));
        house.stop(node);
        ScriptedBackend busy = house.gpu;
        busy.restart();

        house.open(builder -> builder.backend(busy));
        house.advance(Duration.ofMinutes(2));

        assertThat(house.kind(handle).isTerminal()).isTrue();
        assertThat(house.available(ANN)).isEqualTo(Amount.credits(1000));
    }
}
