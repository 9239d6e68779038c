package io.tollgate.queue.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.LedgerCommand;
import io.tollgate.queue.JobHandle;
import io.tollgate.queue.Tollgate;
import io.tollgate.queue.backend.BackendStatus;
import io.tollgate.queue.backend.Backends;
import io.tollgate.queue.backend.Capabilities;
import io.tollgate.queue.event.JobEvent;
import io.tollgate.queue.event.Preview;
import io.tollgate.queue.event.Progress;
import io.tollgate.queue.gate.JobRequest;
import io.tollgate.queue.job.Attempt;
import io.tollgate.queue.job.Failure;
import io.tollgate.queue.job.JobPolicy;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.RetryPolicy;
import io.tollgate.queue.job.RunId;
import io.tollgate.queue.job.Slot;
import io.tollgate.queue.test.House;
import io.tollgate.queue.test.ScriptedBackend;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How attempts are driven on backends that are elsewhere: slots let go early, runs called back, frames coalesced. */
class RemoteDispatchTest {
    private static final UserId VIP = new UserId("vera");

    private final House house = new House(JobPolicy.DEFAULT, 1);

    @AfterEach
    void close() {
        house.close();
    }

    private Tollgate open(ScriptedBackend... more) {
        Tollgate node = house.open(builder -> {
            builder.workflows(House.draw(), House.draw("paint", "model-b", 1, RetryPolicy.DEFAULT))
                    .backend(house.gpu);
            List.of(more).forEach(builder::backend);
        });
        house.credit(House.ANN, 1000);
        house.credit(VIP, 1000);
        house.join(house.memory.execute(
                new LedgerCommand.AssignTier(VIP, "black_gold", Optional.empty(), "test", "for a test")));
        return node;
    }

    private Attempt attempt(JobHandle handle) {
        List<Attempt> attempts = house.record(handle.id()).attempts();
        return attempts.get(attempts.size() - 1);
    }

    private JobHandle vip(Tollgate node) {
        return house.submit(node, JobRequest.of(VIP, "draw"));
    }

    @Test
    void success_ofARemoteRun_startsTheNextBeforeItsOutputsAreFetched() {
        house.gpu.remote();
        Tollgate node = open();
        JobHandle first = house.submit(node);
        JobHandle second = house.submit(node);
        RunId run = house.gpu.only();
        house.gpu.start(run);

        house.gpu.succeed(run, "a.png");
        house.settle();

        assertThat(attempt(first).phase()).isEqualTo(Attempt.Phase.COLLECTING);
        assertThat(house.kind(first)).isEqualTo(JobState.Kind.RUNNING);
        assertThat(house.kind(second)).isEqualTo(JobState.Kind.RUNNING);
        assertThat(house.gpu.submitted()).hasSize(2);
        house.advance(Duration.ofMillis(10));
        assertThat(house.kind(first)).isEqualTo(JobState.Kind.SUCCEEDED);
        assertThat(house.gpu.forgotten()).contains(run);
        house.gpu.succeed(house.gpu.only(), "b.png");
        house.advance(Duration.ofMillis(10));
        assertThat(house.kind(second)).isEqualTo(JobState.Kind.SUCCEEDED);
        assertThat(house.memory.slots()).allMatch(Slot::isFree);
        assertThat(node.operations().backends().get(0).taken()).isZero();
        assertThat(node.operations().registry().freeSlots(House.IMAGE)).isEqualTo(1);
    }

    @Test
    void failure_ofARemoteRunWithOutputs_isCollectedToo() {
        house.gpu.remote();
        Tollgate node = open();
        JobHandle first = house.submit(node);

        house.gpu.fail(house.gpu.only(), Failure.Kind.BAD_INPUT, "half.png");
        house.settle();

        assertThat(attempt(first).phase()).isEqualTo(Attempt.Phase.COLLECTING);
        house.advance(Duration.ofMillis(10));
        assertThat(house.kind(first)).isEqualTo(JobState.Kind.SUCCEEDED);
    }

    @Test
    void restart_whileOutputsAreFetched_collectsThemWithoutASlot() {
        house.gpu.remote();
        Tollgate node = open();
        JobHandle first = house.submit(node);
        RunId run = house.gpu.only();
        house.gpu.start(run);
        house.gpu.succeed(run, "a.png");
        house.settle();
        assertThat(attempt(first).phase()).isEqualTo(Attempt.Phase.COLLECTING);
        house.stop(node); // waits for it
        assertThat(house.kind(first)).isEqualTo(JobState.Kind.SUCCEEDED);
    }

    @Test
    void cancel_whileOutputsAreFetched_comesTooLate() {
        house.gpu.remote();
        Tollgate node = open();
        JobHandle first = house.submit(node);
        house.gpu.succeed(house.gpu.only(), "a.png");
        house.settle();

        node.cancel(House.ANN, first.id());
        house.advance(Duration.ofSeconds(1));

        assertThat(house.kind(first)).isEqualTo(JobState.Kind.SUCCEEDED);
    }

    @Test
    void prefetch_ofOne_givesABackendOneMoreThanItWorksOn() {
        house.gpu.prefetching(1);
        Tollgate node = open();

        house.submit(node);
        house.submit(node);
        JobHandle third = house.submit(node);

        assertThat(house.gpu.alive()).hasSize(2);
        assertThat(house.kind(third)).isEqualTo(JobState.Kind.QUEUED);
    }

    @Test
    void vip_withoutASlot_hasTheWaitingRunCalledBack() {
        house.gpu.prefetching(1);
        Tollgate node = open();
        JobHandle running = house.submit(node);
        house.gpu.start(house.gpu.only());
        JobHandle waiting = house.submit(node);

        JobHandle vip = vip(node);

        assertThat(house.kind(vip)).isEqualTo(JobState.Kind.RUNNING);
        assertThat(house.kind(waiting)).isEqualTo(JobState.Kind.QUEUED);
        assertThat(house.kind(running)).isEqualTo(JobState.Kind.RUNNING);
        assertThat(house.record(waiting.id()).job().counted()).isZero();
        assertThat(attempt(waiting).failure().map(Failure::kind)).contains(Failure.Kind.RECALLED);
        house.gpu.alive().forEach(run -> house.gpu.succeed(run, "a.png"));
        house.settle();
        assertThat(house.kind(waiting)).isEqualTo(JobState.Kind.RUNNING);
        assertThat(house.gpu.timesRun(attempt(waiting).runId())).isEqualTo(1);
    }

    @Test
    void vip_whoseRunCantBeCalledBack_hasTheNextOneCalledBack() {
        house.gpu.prefetching(2);
        Tollgate node = open();
        house.submit(node);
        house.gpu.start(house.gpu.only());
        JobHandle older = house.submit(node);
        JobHandle younger = house.submit(node);
        RunId last = attempt(younger).runId();
        house.gpu.start(last); // and nobody has heard of it yet, as far as the next lines are concerned

        JobHandle vip = vip(node);

        assertThat(house.kind(vip)).isEqualTo(JobState.Kind.RUNNING);
        assertThat(house.kind(older)).isEqualTo(JobState.Kind.QUEUED);
        assertThat(house.kind(younger)).isEqualTo(JobState.Kind.RUNNING);
    }

    @Test
    void vip_whoseRunsAreKept_asksForEachOnceAndWaits() {
        house.gpu.prefetching(2);
        Tollgate node = open();
        house.submit(node);
        house.gpu.start(house.gpu.only());
        house.submit(node);
        house.submit(node);
        house.gpu.keepRuns(true);

        JobHandle vip = vip(node);
        house.advance(Duration.ofMinutes(5));

        assertThat(house.kind(vip)).isEqualTo(JobState.Kind.QUEUED);
        assertThat(house.gpu.submitted()).hasSize(3);
    }

    @Test
    void vip_withRoomOnlyWhereItCantRun_hasARunCalledBackWhereItCan() {
        house.gpu.prefetching(1);
        ScriptedBackend other = new ScriptedBackend("gpu-2", 1);
        other.capabilities(new Capabilities("another", Set.of(), Set.of()));
        Tollgate node = open(other);
        house.submit(node);
        house.gpu.start(house.gpu.only());
        JobHandle waiting = house.submit(node);

        JobHandle vip = vip(node);
        house.advance(Duration.ofSeconds(5));

        assertThat(house.kind(vip)).isEqualTo(JobState.Kind.RUNNING);
        assertThat(house.kind(waiting)).isEqualTo(JobState.Kind.QUEUED);
    }

    @Test
    void timeLimit_ofARunThatWaitsAtItsBackend_countsFromItsBeginning() {
        Tollgate node = open();
        JobHandle handle = house.submit(node);
        house.advance(Duration.ofHours(2)); // behind somebody else's
        assertThat(house.kind(handle)).isEqualTo(JobState.Kind.RUNNING);
        assertThat(house.gpu.canceled()).isEmpty();

        house.gpu.start(house.gpu.only());
        house.advance(Duration.ofMinutes(10).minusMillis(1));
        assertThat(house.gpu.canceled()).isEmpty();
        house.advance(Duration.ofMillis(1));

        assertThat(house.gpu.canceled()).hasSize(1);
        assertThat(attempt(handle).failure().map(Failure::kind)).contains(Failure.Kind.TIMEOUT);
    }

    @Test
    void run_thatNeverBegins_isStoppedInTheEnd() {
        Tollgate node = open();
        JobHandle handle = house.submit(node);

        house.advance(AttemptDriver.WAITS_AT_MOST);

        assertThat(house.gpu.canceled()).hasSize(1);
        assertThat(house.record(handle.id())
                        .attempts()
                        .get(0)
                        .failure()
                        .orElseThrow()
                        .message())
                .contains("did not begin");
    }

    @Test
    void slots_ofABackendWhoseOutputsAreSlow_areKeptBeyondAFew() throws Exception {
        house.gpu.remote();
        Tollgate node = open();
        int more = Backends.COLLECTING_AT_MOST + 2;
        for (int i = 0; i < more; i++) {
            house.submit(node);
        }
        for (int i = 0; i < more - 1; i++) {
            house.gpu.succeed(house.gpu.only(), "a.png");
            house.settle(); // and no time passes, so that nothing is fetched yet
        }

        long collecting = house.memory.running().stream()
                .filter(attempt -> attempt.phase() == Attempt.Phase.COLLECTING)
                .count();
        assertThat(collecting).isEqualTo(Backends.COLLECTING_AT_MOST);
        house.advance(Duration.ofMillis(20));
        assertThat(house.memory.running()).hasSize(1);
        assertThat(house.memory.slots()).filteredOn(slot -> !slot.isFree()).hasSize(1);
    }

    @Test
    void vip_whenAllRunsHaveBegun_waits() {
        house.gpu.prefetching(1);
        Tollgate node = open();
        house.submit(node);
        house.submit(node);
        house.gpu.alive().forEach(house.gpu::start);

        JobHandle vip = vip(node);
        house.advance(Duration.ofMinutes(1));

        assertThat(house.kind(vip)).isEqualTo(JobState.Kind.QUEUED);
        assertThat(house.gpu.submitted()).hasSize(2);
    }

    @Test
    void vip_whoseModelIsAtItsLimit_callsBackOnlyOnce() {
        house.gpu.prefetching(1);
        Tollgate node = open();
        house.join(node.operations().setLimit(House.draw().model(), OptionalInt.of(1), "test"));
        house.submit(node);
        house.gpu.start(house.gpu.only());
        JobHandle paint = house.submit(node, JobRequest.of(House.ANN, "paint"));

        JobHandle vip = vip(node);
        house.advance(Duration.ofMinutes(5));

        assertThat(house.kind(vip)).isEqualTo(JobState.Kind.QUEUED);
        assertThat(house.kind(paint)).isEqualTo(JobState.Kind.RUNNING);
        assertThat(house.record(paint.id()).job().attempts()).isLessThanOrEqualTo(2);
    }

    @Test
    void progress_thatComesInFloods_isToldTwiceASecondAndTheLatest() {
        Tollgate node = open();
        house.submit(node);
        RunId run = house.gpu.only();
        house.gpu.start(run);

        for (int frame = 0; frame < 3000; frame++) {
            house.gpu.progress(run, Progress.of(frame, 3000, "sampling"));
            house.gpu.preview(run, new Preview("image/jpeg", new byte[] {(byte) frame}, Optional.empty()));
            house.advance(Duration.ofMillis(1));
        }
        house.advance(Duration.ofSeconds(1));

        List<JobEvent.Progressed> told = house.heard(JobEvent.Progressed.class);
        assertThat(told).hasSizeBetween(6, 7);
        assertThat(told.get(0).progress().step()).isZero();
        assertThat(told.get(told.size() - 1).progress().step()).isEqualTo(2999);
        assertThat(house.heard(JobEvent.Previewed.class)).hasSameSizeAs(told);
    }

    @Test
    void progress_heldBackWhenTheRunEnds_isNotToldAfterwards() {
        Tollgate node = open();
        house.submit(node);
        RunId run = house.gpu.only();
        house.gpu.progress(run, Progress.of(1, 3, "sampling"));
        house.gpu.progress(run, Progress.of(2, 3, "sampling"));

        house.gpu.succeed(run, "a.png");
        house.advance(Duration.ofSeconds(2));

        assertThat(house.heard(JobEvent.Progressed.class)).hasSize(1);
    }

    @Test
    void job_amongBackends_goesWhereOthersHaveLessToDo() {
        ScriptedBackend second = new ScriptedBackend("gpu-2", 1);
        Tollgate node = open(second);
        house.gpu.others(3);
        house.settle();

        house.submit(node);

        assertThat(second.alive()).hasSize(1);
        assertThat(node.operations().backends().get(0).others()).isEqualTo(3);
    }

    @Test
    void job_amongIdleBackends_goesWhereItsModelIsLoaded() {
        ScriptedBackend second = new ScriptedBackend("gpu-2", 1);
        Tollgate node = open(second);
        JobHandle draw = house.submit(node);
        JobHandle paint = house.submit(node, JobRequest.of(House.ANN, "paint"));
        house.gpu.succeed(house.gpu.only(), "a.png");
        second.succeed(second.only(), "b.png");
        house.settle();

        JobHandle again = house.submit(node, JobRequest.of(House.ANN, "paint"));

        assertThat(attempt(again).backend())
                .isEqualTo(attempt(paint).backend())
                .isNotEqualTo(attempt(draw).backend());
        assertThat(node.operations().backends())
                .extracting(BackendStatus::warm)
                .containsExactly(Optional.of(House.draw().model()), Optional.of(new ModelName("model-b")));
    }

    @Test
    void backend_thatSaysItIsGone_getsNothingUntilItAnswers() {
        Tollgate node = open();
        house.gpu.goAway("socket closed");
        house.settle();

        JobHandle handle = house.submit(node);
        house.advance(Duration.ofSeconds(3));
        assertThat(house.kind(handle)).isEqualTo(JobState.Kind.QUEUED);
        assertThat(node.operations().backends().get(0).reason()).isNotBlank();
        house.gpu.reachable(true);
        house.advance(Duration.ofSeconds(30));

        assertThat(house.kind(handle)).isEqualTo(JobState.Kind.RUNNING);
    }
}
