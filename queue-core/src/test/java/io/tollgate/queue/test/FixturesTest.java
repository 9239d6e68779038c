package io.tollgate.queue.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.credits.test.MutableClock;
import io.tollgate.queue.backend.Produced;
import io.tollgate.queue.backend.RunListener;
import io.tollgate.queue.backend.RunLookup;
import io.tollgate.queue.backend.RunOutcome;
import io.tollgate.queue.backend.RunRequest;
import io.tollgate.queue.backend.Submission;
import io.tollgate.queue.event.Progress;
import io.tollgate.queue.job.RunId;
import io.tollgate.queue.test.ScriptedBackend.Answer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** That the fixtures do what they say, since much hangs on them. */
final class FixturesTest {
    private final MutableClock clock = new MutableClock();
    private final ManualScheduler scheduler = new ManualScheduler(clock);
    private final CountingIds ids = new CountingIds();
    private final ScriptedBackend backend = new ScriptedBackend("gpu-1", 2);
    private final List<String> heard = new ArrayList<>();
    private final List<ScheduledFuture<?>> scheduled = new ArrayList<>();

    private final RunListener listener = new RunListener() {
        @Override
        public void started() {
            heard.add("started");
        }

        @Override
        public void progress(Progress progress) {
            heard.add("progress " + progress.fraction());
        }

        @Override
        public void ended(RunOutcome outcome) {
            heard.add(outcome.getClass().getSimpleName());
        }
    };

    @Test
    void advance_tasksOfManyTimes_runAtTheirTimesInOrder() {
        String start = clock.instant().toString();
        later(2000, () -> heard.add("2s " + millis(start)));
        later(1000, () -> {
            heard.add("1s " + millis(start));
            later(500, () -> heard.add("1s+500ms " + millis(start)));
        });
        later(4000, () -> heard.add("later"));
        scheduler.execute(() -> heard.add("now " + millis(start)));
        assertThat(heard).isEmpty();

        int ran = scheduler.advance(Duration.ofSeconds(3));

        assertThat(heard).containsExactly("now 0", "1s 1000", "1s+500ms 1500", "2s 2000");
        assertThat(ran).isEqualTo(4);
        assertThat(millis(start)).isEqualTo(3000);
        assertThat(scheduler.pending()).isEqualTo(1);
        assertThat(scheduled).extracting(ScheduledFuture::isDone).containsExactly(true, true, false, true);
    }

    private void later(long millis, Runnable body) {
        scheduled.add(scheduler.schedule(body, millis, TimeUnit.MILLISECONDS));
    }

    private long millis(String start) {
        return Duration.between(java.time.Instant.parse(start), clock.instant()).toMillis();
    }

    @Test
    void advance_repeatedTasks_runUntilTheyAreCanceled() {
        ScheduledFuture<?> repeated =
                scheduler.scheduleWithFixedDelay(() -> heard.add("beat"), 10, 10, TimeUnit.SECONDS);

        scheduler.advance(Duration.ofSeconds(35));
        repeated.cancel(false);
        scheduler.advance(Duration.ofMinutes(5));

        assertThat(heard).hasSize(3);
        assertThat(scheduler.pending()).isZero();
    }

    @Test
    void runReady_aLoopThatNeverEnds_isToldApart() {
        scheduler.execute(new Runnable() {
            @Override
            public void run() {
                scheduler.execute(this);
            }
        });

        assertThatThrownBy(scheduler::runReady).isInstanceOf(AssertionError.class);
    }

    @Test
    void shutdown_whatWaits_neverRuns() {
        later(1000, () -> heard.add("later"));

        scheduler.shutdown();
        scheduler.advance(Duration.ofSeconds(5));

        assertThat(heard).isEmpty();
        assertThatThrownBy(() -> scheduler.execute(() -> {})).isInstanceOf(RejectedExecutionException.class);
    }

    @Test
    void ringEarly_timersThatAreSet_ringOnceWithoutTimePassing() {
        String start = clock.instant().toString();
        later(1000, () -> later(2000, () -> heard.add("after " + millis(start))));
        later(3000, () -> heard.add("early " + millis(start)));
        later(500, () -> scheduler.execute(() -> heard.add("at once " + millis(start))));

        scheduler.ringEarly();
        assertThat(heard).containsExactly("early 0", "at once 0");
        scheduler.advance(Duration.ofSeconds(10));

        assertThat(heard).containsExactly("early 0", "at once 0", "after 2000");
    }

    @Test
    void submit_byHand_goesAsTold() throws IOException {
        RunRequest request = request();
        RunId run = request.runId();

        assertThat(submit(request)).isEqualTo(new Submission.Accepted(run));
        assertThat(submit(request)).isEqualTo(new Submission.Accepted(run));
        assertThat(backend.only()).isEqualTo(run);
        backend.start(run);
        backend.start(run);
        backend.progress(run, Progress.of(1, 2, "half"));
        backend.end(run, new RunOutcome.Canceled());

        assertThat(heard).containsExactly("started", "progress 0.5", "Canceled");
        assertThat(backend.timesRun(run)).isEqualTo(1);
        assertThat(backend.workflow(run)).isEqualTo(JobSpecs.WORKFLOW);
        assertThatThrownBy(() -> backend.succeed(run)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void succeed_itsOutputs_areThereUntilItIsForgotten() throws IOException {
        RunId run = submitted();
        List<Produced> produced = new ArrayList<>();
        backend.attach(run, new RunListener() {
            @Override
            public void started() {}

            @Override
            public void progress(Progress progress) {}

            @Override
            public void ended(RunOutcome outcome) {
                produced.addAll(((RunOutcome.Succeeded) outcome).outputs());
            }
        });
        backend.succeed(run, "boat.png");

        assertThat(heard).isEmpty(); // another listens
        try (InputStream bytes = produced.get(0).content().open()) {
            assertThat(bytes).hasContent("boat.png");
        }
        backend.forget(run);
        assertThatThrownBy(() -> produced.get(0).content().open()).isInstanceOf(IOException.class);
        assertThat(backend.forgotten()).containsExactly(run);
        assertThat(find(run)).isEqualTo(RunLookup.NOT_KNOWN);
        assertThat(backend.lookups()).isEqualTo(1);
    }

    @Test
    void submit_scriptedAnswers_comeInTheirOrder() {
        RunRequest lost = request();
        RunRequest arrived = request();
        backend.answer(Answer.REJECT);
        backend.answerNext(
                Answer.UNREACHABLE, Answer.UNCLEAR_LOST, Answer.UNCLEAR_ARRIVED, Answer.SILENT, Answer.THROW);

        assertThat(submit(request())).isInstanceOf(Submission.Unreachable.class);
        assertThat(submit(lost)).isInstanceOf(Submission.Unclear.class);
        assertThat(submit(arrived)).isInstanceOf(Submission.Unclear.class);
        RunRequest silent = request();
        CompletableFuture<Submission> late = backend.submit(silent, listener).toCompletableFuture();
        assertThat(late).isNotDone();
        backend.unanswered().get(0).complete(new Submission.Accepted(silent.runId()));
        assertThatThrownBy(() -> submit(request())).isInstanceOf(IllegalStateException.class);
        assertThat(submit(request())).isInstanceOf(Submission.Rejected.class);
        assertThat(submit(request())).isInstanceOf(Submission.Rejected.class);

        assertThat(late).isCompletedWithValue(new Submission.Accepted(silent.runId()));
        assertThat(backend.unanswered()).isEmpty();
        assertThat(find(lost.runId())).isEqualTo(RunLookup.NOT_KNOWN);
        assertThat(find(arrived.runId())).isEqualTo(RunLookup.KNOWN);
        assertThat(backend.alive()).containsExactly(arrived.runId(), silent.runId());
        assertThat(backend.submitted()).hasSize(7);
        assertThat(backend.mostAtOnce()).isEqualTo(2);
    }

    @Test
    void restart_whatRan_isForgottenAndSilent() {
        RunRequest request = request();
        submit(request);

        backend.restart();

        assertThatThrownBy(() -> backend.succeed(request.runId())).isInstanceOf(IllegalStateException.class);
        assertThat(heard).isEmpty();
        assertThat(find(request.runId())).isEqualTo(RunLookup.NOT_KNOWN);
        backend.attach(request.runId(), listener);
        assertThat(heard).containsExactly("Lost");
        submit(request);
        assertThat(backend.timesRun(request.runId())).isEqualTo(2);
    }

    @Test
    void close_whatRuns_goesOnUnheardUntilSomebodyAttaches() {
        RunId run = submitted();

        backend.close();
        backend.start(run);
        backend.succeed(run, "boat.png");
        assertThat(heard).isEmpty();
        backend.attach(run, listener);

        assertThat(heard).containsExactly("Succeeded");
        assertThat(submit(request())).isInstanceOf(Submission.Accepted.class);
    }

    @Test
    void reachable_notAnyMore_answersNothing() {
        RunId run = submitted();
        backend.reachable(false);

        assertThat(submit(request())).isInstanceOf(Submission.Unreachable.class);
        assertThat(find(run)).isEqualTo(RunLookup.UNREACHABLE);
        assertThat(backend.probe().toCompletableFuture()).isCompletedExceptionally();
        backend.cancel(run);
        assertThat(backend.alive()).containsExactly(run);
        assertThat(backend.probes()).isEqualTo(1);
        assertThat(backend.submitted()).containsExactly(run);
    }

    @Test
    void cancel_oneRun_stopsItUnlessToldNotTo() {
        RunId first = submitted();
        RunId second = submitted();

        backend.cancel(first);
        backend.ignoreCancels(true);
        backend.cancel(second);

        assertThat(heard).containsExactly("Canceled");
        assertThat(backend.alive()).containsExactly(second);
        assertThat(backend.canceled()).containsExactly(first, second);
    }

    private RunId submitted() {
        RunRequest request = request();
        submit(request);
        return request.runId();
    }

    private Submission submit(RunRequest request) {
        return backend.submit(request, listener).toCompletableFuture().join();
    }

    private RunLookup find(RunId run) {
        return backend.find(run).toCompletableFuture().join();
    }

    private RunRequest request() {
        return new RunRequest(new RunId(ids.next()), JobSpecs.WORKFLOW, Map.of(), Map.of(), id -> Path.of("none"));
    }
}
