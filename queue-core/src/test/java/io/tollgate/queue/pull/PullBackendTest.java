package io.tollgate.queue.pull;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.credits.test.MutableClock;
import io.tollgate.queue.backend.BackendUnreachableException;
import io.tollgate.queue.backend.BackendWatcher;
import io.tollgate.queue.backend.RecordingListener;
import io.tollgate.queue.backend.RunListener;
import io.tollgate.queue.backend.RunLookup;
import io.tollgate.queue.backend.RunOutcome;
import io.tollgate.queue.backend.RunRequest;
import io.tollgate.queue.event.Progress;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.Failure;
import io.tollgate.queue.job.JobCommand.Wanted;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.RunId;
import io.tollgate.queue.job.WorkflowName;
import io.tollgate.queue.test.ManualScheduler;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class PullBackendTest {
    private static final Duration LEASE = Duration.ofSeconds(60);
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final ModelName FLUX = new ModelName("flux");
    private static final ModelName WAN = new ModelName("wan");
    private static final String BOX = "box-1";

    private final MutableClock clock = new MutableClock();
    private final ManualScheduler timers = new ManualScheduler(clock);
    private final List<String> told = new ArrayList<>();
    private final List<PullWatcher.Loss> losses = new ArrayList<>();
    private int runs;

    /** A desk that is older than a lease. */
    private PullBackend desk(int slots) {
        PullBackend desk = newborn(slots);
        timers.advance(LEASE);
        return desk;
    }

    private PullBackend newborn(int slots) {
        PullBackend desk = new PullBackend(
                new BackendId("desk"),
                Set.of(),
                Set.of(),
                new PullSettings(slots, LEASE),
                new PullBackend.Tools(new RunTokens(new byte[32]), GraphSource.NONE, timers, clock, new PullWatcher() {
                    @Override
                    public void answered(BackendId backend, int runs) {}

                    @Override
                    public void lost(BackendId backend, Loss loss) {
                        losses.add(loss);
                    }
                }));
        desk.watch(new BackendWatcher() {
            @Override
            public void changed() {}

            @Override
            public void reachable() {
                told.add("reachable");
            }

            @Override
            public void unreachable(String reason) {
                told.add(reason);
            }
        });
        return desk;
    }

    private RunRequest run(ModelName model) {
        RunId run = new RunId(new UUID(0x0197_0000_0000_7000L, 0x8000_0000_0000_0000L | ++runs));
        JobId job = new JobId(new UUID(0x0198_0000_0000_7000L, 0x8000_0000_0000_0000L | runs));
        return new RunRequest(
                run,
                new WorkflowName("draw"),
                Map.of(),
                Map.of(),
                id -> Path.of("none"),
                Optional.of(new RunRequest.About(job, 1, model)));
    }

    private static Claim claim(int most, ModelName... models) {
        return new Claim("key", BOX, Set.of(models), most, Duration.ofSeconds(30), () -> true);
    }

    private static List<Assignment> now(CompletionStage<List<Assignment>> answer) {
        return answer.toCompletableFuture().getNow(List.of());
    }

    private static boolean isOpen(CompletionStage<List<Assignment>> answer) {
        return !answer.toCompletableFuture().isDone();
    }

    /** A run that a worker has. */
    private RunId claimed(PullBackend desk, RecordingListener listener) {
        CompletionStage<List<Assignment>> answer = desk.claim(claim(1));
        desk.submit(run(FLUX), listener);
        return now(answer).get(0).request().runId();
    }

    @Test
    void claim_beforeThereIsWork_isAnsweredAsSoonAsThereIs() {
        PullBackend desk = desk(1);
        RecordingListener listener = new RecordingListener();
        CompletionStage<List<Assignment>> answer = desk.claim(claim(1));
        RunRequest run = run(FLUX);

        desk.submit(run, listener);

        assertThat(now(answer)).singleElement().satisfies(assigned -> {
            assertThat(assigned.request()).isEqualTo(run);
            assertThat(assigned.leaseExpiresAt()).isEqualTo(clock.instant().plus(LEASE));
        });
        assertThat(listener.calls()).containsExactly("started");
    }

    @Test
    void claim_withoutWork_isAnsweredWithNothingWhenItsTimeIsOver() {
        PullBackend desk = desk(1);
        CompletionStage<List<Assignment>> answer = desk.claim(claim(1));

        timers.advance(Duration.ofSeconds(29));
        assertThat(isOpen(answer)).isTrue();
        timers.advance(SECOND);

        assertThat(answer.toCompletableFuture()).isCompletedWithValue(List.of());
        assertThat(desk.waiting()).isZero();
    }

    @Test
    void claim_ofSeveral_gathersWhatComesInAMoment() {
        PullBackend desk = desk(4);
        CompletionStage<List<Assignment>> answer = desk.claim(claim(3));

        desk.submit(run(FLUX), new RecordingListener());
        desk.submit(run(WAN), new RecordingListener());
        assertThat(isOpen(answer)).isTrue();
        timers.advance(PullBackend.GATHERING);

        assertThat(now(answer)).hasSize(2);
    }

    @Test
    void claim_pastTheSlots_waitsUntilOneIsFree() {
        PullBackend desk = desk(1);
        RunId first = claimed(desk, new RecordingListener());
        CompletionStage<List<Assignment>> second = desk.claim(claim(1));
        desk.submit(run(FLUX), new RecordingListener());
        assertThat(isOpen(second)).isTrue();

        desk.fail(first, new Failure(Failure.Kind.BACKEND, "no"));

        assertThat(now(second)).hasSize(1);
    }

    @Test
    void claim_ofWorkersThatRace_givesEachRunToOne() throws Exception {
        int each = 20;
        int racers = 8;
        PullBackend desk = desk(racers * each);
        CyclicBarrier together = new CyclicBarrier(racers + 1);
        List<Future<List<Assignment>>> taken = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(racers + 1);
        List<RunRequest> all = new ArrayList<>();
        for (int i = 0; i < racers * each; i++) {
            all.add(run(FLUX));
        }
        try {
            for (int i = 0; i < racers; i++) {
                Claim claim = new Claim("key-" + i, "box-" + i, Set.of(), 1, Duration.ofSeconds(30), () -> true);
                taken.add(threads.submit(() -> {
                    List<CompletableFuture<List<Assignment>>> answers = new ArrayList<>();
                    together.await(30, TimeUnit.SECONDS);
                    for (int n = 0; n < each; n++) {
                        answers.add(desk.claim(claim).toCompletableFuture());
                    }
                    List<Assignment> got = new ArrayList<>();
                    for (CompletableFuture<List<Assignment>> answer : answers) {
                        got.addAll(answer.get(30, TimeUnit.SECONDS));
                    }
                    return got;
                }));
            }
            Future<?> submitting = threads.submit(() -> {
                together.await(30, TimeUnit.SECONDS);
                all.forEach(run -> desk.submit(run, new RecordingListener()));
                return null;
            });
            submitting.get(30, TimeUnit.SECONDS);

            List<RunId> got = new ArrayList<>();
            for (Future<List<Assignment>> one : taken) {
                one.get(30, TimeUnit.SECONDS)
                        .forEach(assigned -> got.add(assigned.request().runId()));
            }
            assertThat(got)
                    .doesNotHaveDuplicates()
                    .containsExactlyInAnyOrderElementsOf(
                            all.stream().map(RunRequest::runId).toList());
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void claim_ofOneWhoIsGone_leavesTheRunToAnother() {
        PullBackend desk = desk(1);
        CompletionStage<List<Assignment>> gone =
                desk.claim(new Claim("key", "gone", Set.of(), 1, Duration.ofSeconds(30), () -> false));
        CompletionStage<List<Assignment>> there = desk.claim(claim(1));

        desk.submit(run(FLUX), new RecordingListener());

        assertThat(gone.toCompletableFuture()).isCompletedWithValue(List.of());
        assertThat(now(there)).hasSize(1);
    }

    @Test
    void claim_ofOneWhoIsGone_isForgottenSoon() {
        PullBackend desk = desk(1);
        desk.claim(new Claim("key", "gone", Set.of(), 1, Duration.ofSeconds(30), () -> false));

        timers.advance(PullBackend.LOOK_EVERY);

        assertThat(desk.waiting()).isZero();
    }

    @Test
    void claim_ofOneKeyTooOften_isRefused() {
        PullBackend desk = desk(1);
        for (int i = 0; i < PullBackend.MAX_ASKS_PER_KEY; i++) {
            desk.claim(claim(1));
        }

        CompletionStage<List<Assignment>> more = desk.claim(claim(1));
        CompletionStage<List<Assignment>> other =
                desk.claim(new Claim("other", BOX, Set.of(), 1, Duration.ofSeconds(30), () -> true));

        assertThat(more.toCompletableFuture()).isCompletedExceptionally();
        assertThat(isOpen(other)).isTrue();
    }

    @Test
    void claim_ofCertainModels_isGivenNoOthers() {
        PullBackend desk = desk(4);
        CompletionStage<List<Assignment>> any = desk.claim(claim(1));
        CompletionStage<List<Assignment>> flux = desk.claim(claim(1, FLUX));
        RunRequest first = run(FLUX);
        RunRequest second = run(WAN);

        desk.submit(first, new RecordingListener());
        desk.submit(second, new RecordingListener());

        assertThat(now(flux)).extracting(Assignment::request).containsExactly(first);
        assertThat(now(any)).extracting(Assignment::request).containsExactly(second);
    }

    @Test
    void wanted_isWhatIsAskedForAndWhatIsThere() {
        PullBackend desk = desk(8);
        assertThat(desk.wanted().runs()).isZero();
        claimed(desk, new RecordingListener());

        assertThat(desk.wanted()).isEqualTo(new Wanted(1, Optional.empty()));
        desk.claim(claim(3, FLUX));
        assertThat(desk.wanted()).isEqualTo(new Wanted(4, Optional.of(Set.of(FLUX))));
        desk.claim(claim(1, WAN));
        assertThat(desk.wanted()).isEqualTo(new Wanted(2, Optional.of(Set.of(FLUX, WAN))));
        desk.claim(claim(1));
        assertThat(desk.wanted()).isEqualTo(new Wanted(2, Optional.empty()));
    }

    @Test
    void wanted_whileRunsAreBeingStored_countsTheirSlotsToo() {
        PullBackend desk = desk(8);
        RunId first = claimed(desk, new RecordingListener());
        RunId second = claimed(desk, new RecordingListener());
        desk.complete(first, List.of(), () -> {});
        desk.complete(second, List.of(), () -> {});

        desk.claim(claim(1));
        assertThat(desk.wanted().runs()).as("two that still have their slots").isEqualTo(3);
        desk.forget(first);
        assertThat(desk.wanted().runs()).isEqualTo(2);
        desk.forget(second);
        assertThat(desk.wanted().runs()).isEqualTo(1);
    }

    @Test
    void ended_whoseDriverIsGone_isLetGoAfterAWhile() {
        PullBackend desk = desk(1);
        RunId run = claimed(desk, new RecordingListener());
        AtomicInteger released = new AtomicInteger();
        Heard.Noted noted = (Heard.Noted) desk.complete(run, List.of(), released::incrementAndGet);

        timers.advance(PullBackend.UNSTORED_AT_MOST.minus(SECOND));
        assertThat(released).hasValue(0);
        assertThat(noted.settled().toCompletableFuture()).isNotDone();
        timers.advance(SECOND);

        assertThat(released).hasValue(1);
        assertThat(noted.settled().toCompletableFuture()).isCompletedWithValue(false);
        assertThat(desk.wanted().runs()).isZero();
        assertThat(desk.heartbeat(run, Optional.empty())).isEqualTo(new Heard.Over(Heard.End.COMPLETED));
        desk.forget(run);
        assertThat(released).as("once").hasValue(1);
    }

    @Test
    void ended_thatIsStoredInTime_leavesNoTimerBehind() {
        PullBackend desk = desk(1);
        RunId run = claimed(desk, new RecordingListener());
        desk.complete(run, List.of(), () -> {});
        int before = timers.pending();

        desk.forget(run);

        assertThat(timers.pending()).isEqualTo(before - 1);
    }

    @Test
    void ended_tooManyForTheDesk_keepTheirOwnEnds() {
        PullBackend desk = desk(1);
        RunId oldest = claimed(desk, new RecordingListener());
        desk.complete(oldest, List.of(), () -> {});

        for (int i = 0; i < PullBackend.MAX_ENDED; i++) {
            desk.fail(claimed(desk, new RecordingListener()), new Failure(Failure.Kind.BACKEND, "no"));
        }

        assertThat(desk.heartbeat(oldest, Optional.empty())).isEqualTo(new Heard.Over(Heard.End.COMPLETED));
    }

    @Test
    void heartbeat_withAMessageAlone_isToldWithTheProgressToldLast() {
        PullBackend desk = desk(1);
        List<Progress> heard = new ArrayList<>();
        RunListener listener = new RunListener() {
            @Override
            public void started() {}

            @Override
            public void progress(Progress progress) {
                heard.add(progress);
            }

            @Override
            public void ended(RunOutcome outcome) {}
        };
        CompletionStage<List<Assignment>> answer = desk.claim(claim(1));
        desk.submit(run(FLUX), listener);
        RunId run = now(answer).get(0).request().runId();

        desk.heartbeat(run, "loading");
        desk.heartbeat(run, Optional.of(Progress.of(1, 4, "sampling")));
        desk.heartbeat(run, "saving");

        assertThat(heard)
                .containsExactly(
                        new Progress(0, -1, -1, Optional.of("loading"), Optional.empty()),
                        Progress.of(1, 4, "sampling"),
                        Progress.of(1, 4, "saving"));
    }

    @Test
    void run_thatNobodyComesFor_goesBackWithoutBlame() throws Exception {
        PullBackend desk = desk(1);
        RecordingListener listener = new RecordingListener();
        desk.submit(run(FLUX), listener);

        timers.advance(PullBackend.UNCLAIMED_AT_MOST);

        assertThat(listener.awaitEnded())
                .isInstanceOfSatisfying(
                        RunOutcome.Failed.class,
                        failed -> assertThat(failed.failure().kind()).isEqualTo(Failure.Kind.RECALLED));
        assertThat(losses).containsExactly(PullWatcher.Loss.UNCLAIMED);
        assertThat(now(desk.claim(claim(1)))).isEmpty();
    }

    @Test
    void lease_withHeartbeats_lasts() {
        PullBackend desk = desk(1);
        RecordingListener listener = new RecordingListener();
        RunId run = claimed(desk, listener);

        for (int i = 0; i < 10; i++) {
            timers.advance(Duration.ofSeconds(59));
            assertThat(desk.heartbeat(run, Optional.of(Progress.of(i, 10, "on it"))))
                    .isEqualTo(new Heard.Going(clock.instant().plus(LEASE), false));
        }

        assertThat(listener.calls()).doesNotContain("ended").contains("progress");
    }

    @Test
    void lease_thatRanOut_losesTheRunAndWhatComesLateChangesNothing() throws Exception {
        PullBackend desk = desk(1);
        RecordingListener listener = new RecordingListener();
        RunId run = claimed(desk, listener);
        AtomicInteger released = new AtomicInteger();

        timers.advance(LEASE);

        assertThat(listener.awaitEnded()).isInstanceOf(RunOutcome.Lost.class);
        assertThat(losses).containsExactly(PullWatcher.Loss.LEASE_RAN_OUT);
        Heard.Over lost = new Heard.Over(Heard.End.LOST);
        assertThat(desk.complete(run, List.of(), released::incrementAndGet)).isEqualTo(lost);
        desk.forget(run);
        assertThat(desk.complete(run, List.of(), released::incrementAndGet)).isEqualTo(lost);
        assertThat(desk.fail(run, new Failure(Failure.Kind.BACKEND, "no"))).isEqualTo(lost);
        assertThat(desk.heartbeat(run, Optional.empty())).isEqualTo(lost);
        assertThat(released).hasValue(2);
    }

    @Test
    void complete_twice_isNotedOnceAndSaysTheSame() throws Exception {
        PullBackend desk = desk(1);
        RecordingListener listener = new RecordingListener();
        RunId run = claimed(desk, listener);
        AtomicInteger first = new AtomicInteger();
        AtomicInteger second = new AtomicInteger();

        Heard.Noted noted = (Heard.Noted) desk.complete(run, List.of(), first::incrementAndGet);
        Heard.Noted again = (Heard.Noted) desk.complete(run, List.of(), second::incrementAndGet);

        assertThat(listener.awaitEnded()).isInstanceOf(RunOutcome.Succeeded.class);
        assertThat(noted.settled().toCompletableFuture()).isNotDone();
        assertThat(first).as("is needed until all is stored").hasValue(0);
        assertThat(second).hasValue(1);
        desk.forget(run);
        assertThat(noted.settled().toCompletableFuture()).isCompletedWithValue(true);
        assertThat(again.settled().toCompletableFuture()).isCompletedWithValue(true);
        assertThat(first).hasValue(1);
        assertThat(desk.complete(run, List.of(), () -> {})).isInstanceOf(Heard.Noted.class);
        assertThat(desk.fail(run, new Failure(Failure.Kind.BACKEND, "no")))
                .isEqualTo(new Heard.Over(Heard.End.COMPLETED));
        assertThat(listener.calls()).containsOnlyOnce("ended");
    }

    @Test
    void cancel_ofClaimedRun_isToldAndTheLeaseLengthenedNoMore() throws Exception {
        PullBackend desk = desk(1);
        RecordingListener listener = new RecordingListener();
        RunId run = claimed(desk, listener);
        desk.cancel(run);
        timers.advance(Duration.ofSeconds(30));
        Instant until = clock.instant().plus(LEASE);

        assertThat(desk.heartbeat(run, Optional.empty())).isEqualTo(new Heard.Going(until, true));
        timers.advance(Duration.ofSeconds(30));
        assertThat(desk.heartbeat(run, Optional.empty())).isEqualTo(new Heard.Going(until, true));
        assertThat(listener.calls()).doesNotContain("ended");
        timers.advance(Duration.ofSeconds(30));

        assertThat(listener.awaitEnded()).isInstanceOf(RunOutcome.Canceled.class);
    }

    @Test
    void takeBack_ofWhatWasNeverHeardOf_endsItWithoutBlame() throws Exception {
        PullBackend desk = desk(2);
        CompletionStage<List<Assignment>> answer = desk.claim(claim(2));
        RecordingListener silent = new RecordingListener();
        RecordingListener heard = new RecordingListener();
        desk.submit(run(FLUX), silent);
        desk.submit(run(FLUX), heard);
        List<Assignment> assigned = now(answer);
        desk.heartbeat(assigned.get(1).request().runId(), Optional.empty());

        desk.takeBack(assigned);

        assertThat(silent.awaitEnded())
                .isInstanceOfSatisfying(
                        RunOutcome.Failed.class,
                        failed -> assertThat(failed.failure().kind()).isEqualTo(Failure.Kind.RECALLED));
        assertThat(heard.calls()).doesNotContain("ended");
    }

    @Test
    void dismiss_whileAServerStops_losesNoRunWhoseWorkerCantBeHeard() {
        PullBackend desk = desk(2);
        RecordingListener listener = new RecordingListener();
        claimed(desk, listener);
        CompletionStage<List<Assignment>> waiting = desk.claim(claim(1));

        desk.dismiss();
        timers.advance(LEASE.multipliedBy(2));

        assertThat(waiting.toCompletableFuture()).isCompletedWithValue(List.of());
        assertThat(listener.calls()).containsExactly("started");
    }

    @Test
    void restart_givesAWorkerOneLeaseToBeHeardOf() throws Exception {
        RunId run = claimed(desk(1), new RecordingListener());
        PullBackend next = newborn(1);
        RecordingListener listener = new RecordingListener();

        assertThat(next.find(run).toCompletableFuture()).isCompletedWithValue(RunLookup.KNOWN);
        next.attach(run, listener);
        timers.advance(Duration.ofSeconds(59));
        assertThat(next.heartbeat(run, Optional.empty())).isInstanceOf(Heard.Going.class);
        timers.advance(Duration.ofSeconds(59));
        assertThat(listener.calls()).containsExactly("started");
        next.complete(run, List.of(), () -> {});

        assertThat(listener.awaitEnded()).isInstanceOf(RunOutcome.Succeeded.class);
    }

    @Test
    void restart_whenTheWorkerIsFasterThanTheServer_losesNothing() throws Exception {
        RunId run = claimed(desk(1), new RecordingListener());
        PullBackend next = newborn(1);
        RecordingListener listener = new RecordingListener();

        next.complete(run, List.of(), () -> {});
        next.attach(run, listener);

        assertThat(listener.awaitEnded()).isInstanceOf(RunOutcome.Succeeded.class);
    }

    @Test
    void restart_withoutAWordFromTheWorker_losesTheRunAfterALease() throws Exception {
        RunId run = claimed(desk(1), new RecordingListener());
        PullBackend next = newborn(1);
        RecordingListener listener = new RecordingListener();
        next.attach(run, listener);

        timers.advance(LEASE);

        assertThat(listener.awaitEnded()).isInstanceOf(RunOutcome.Lost.class);
        assertThat(next.find(run(FLUX).runId()).toCompletableFuture()).isCompletedWithValue(RunLookup.NOT_KNOWN);
    }

    @Test
    void probe_isGoodWhileAWorkerIsThere() {
        PullBackend desk = desk(1);
        assertThat(desk.probe()
                        .toCompletableFuture()
                        .handle((took, problem) -> problem)
                        .join())
                .isInstanceOf(BackendUnreachableException.class)
                .hasMessageContaining("no worker has asked for work yet");

        desk.claim(claim(1));

        assertThat(told).containsExactly("reachable");
        assertThat(desk.probe().toCompletableFuture()).isCompleted();
        timers.advance(Duration.ofSeconds(30)); // the claim ends here
        timers.advance(Duration.ofSeconds(59));
        assertThat(told).containsExactly("reachable");
        timers.advance(Duration.ofSeconds(61));
        assertThat(told).containsExactly("reachable", "no worker has asked for work for 60 s");
        assertThat(desk.probe().toCompletableFuture()).isCompletedExceptionally();
        assertThat(desk.workers()).isZero();
    }
}
