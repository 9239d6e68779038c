package io.tollgate.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.GrantSource;
import io.tollgate.queue.backend.Capabilities;
import io.tollgate.queue.backend.GenerationBackend;
import io.tollgate.queue.backend.RunListener;
import io.tollgate.queue.backend.RunLookup;
import io.tollgate.queue.backend.RunOutcome;
import io.tollgate.queue.backend.RunRequest;
import io.tollgate.queue.backend.Submission;
import io.tollgate.queue.gate.JobRequest;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.JobPolicy;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.RetryPolicy;
import io.tollgate.queue.job.RunId;
import io.tollgate.queue.job.SubmissionLimits;
import io.tollgate.queue.test.House;
import io.tollgate.queue.test.JobSpecs;
import io.tollgate.queue.test.ScriptedBackend;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The house on its own threads: no wake-up is lost, whoever races. */
final class TollgateThreadsTest {
    private static final int SUBMITTERS = 4;
    private static final int JOBS_EACH = 100;

    /** Ends each run at once, on another thread. */
    private record Quick(ExecutorService threads, AtomicInteger running, AtomicInteger most)
            implements GenerationBackend {
        @Override
        public BackendId id() {
            return new BackendId("quick");
        }

        @Override
        public Capabilities capabilities() {
            return new Capabilities(JobSpecs.TYPE, Set.of(), Set.of());
        }

        @Override
        public int slots() {
            return 3;
        }

        @Override
        public CompletionStage<Duration> probe() {
            return CompletableFuture.completedFuture(Duration.ZERO);
        }

        @Override
        public CompletionStage<Submission> submit(RunRequest request, RunListener listener) {
            most.accumulateAndGet(running.incrementAndGet(), Math::max);
            threads.execute(() -> {
                listener.started();
                running.decrementAndGet();
                listener.ended(new RunOutcome.Succeeded(List.of(ScriptedBackend.file("a.png"))));
            });
            return CompletableFuture.completedFuture(new Submission.Accepted(request.runId()));
        }

        @Override
        public CompletionStage<RunLookup> find(RunId runId) {
            return CompletableFuture.completedFuture(RunLookup.NOT_KNOWN);
        }

        @Override
        public void attach(RunId runId, RunListener listener) {}

        @Override
        public CompletionStage<Void> cancel(RunId runId) {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void forget(RunId runId) {}

        @Override
        public void close() {}
    }

    @Test
    void manySubmitters_everyJobEndsAndTheBooksAreRight() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(SUBMITTERS + 2);
        Quick quick = new Quick(threads, new AtomicInteger(), new AtomicInteger());
        JobPolicy usual = JobPolicy.DEFAULT;
        JobPolicy policy = new JobPolicy(
                usual.credits(),
                new SubmissionLimits(10_000, 100_000, 100_000),
                usual.modelLimits(),
                usual.queueDefaults(),
                usual.orders(),
                usual.relaxedShare(),
                usual.lostAtMost());
        TollgateBuilder builder = Tollgate.builder()
                .policy(policy)
                .workflows(House.draw("draw", "model-a", 1, RetryPolicy.DEFAULT))
                .backend(quick);
        try (Tollgate tollgate = builder.build()) {
            tollgate.start();
            CyclicBarrier together = new CyclicBarrier(SUBMITTERS);
            List<Future<List<JobHandle>>> submitters = new ArrayList<>();
            for (int i = 0; i < SUBMITTERS; i++) {
                UserId user = new UserId("user-" + i);
                tollgate.credits()
                        .grant(
                                user,
                                GrantSource.BONUS,
                                "welcome " + user,
                                Amount.credits(10L * JOBS_EACH),
                                Optional.empty(),
                                "test",
                                "for a test")
                        .toCompletableFuture()
                        .get(30, TimeUnit.SECONDS);
                submitters.add(threads.submit(() -> {
                    together.await(30, TimeUnit.SECONDS);
                    List<JobHandle> handles = new ArrayList<>();
                    for (int j = 0; j < JOBS_EACH; j++) {
                        handles.add(tollgate.submit(JobRequest.of(user, "draw")));
                    }
                    return handles;
                }));
            }

            for (Future<List<JobHandle>> submitter : submitters) {
                for (JobHandle handle : submitter.get(60, TimeUnit.SECONDS)) {
                    JobRecord record = handle.result().get(60, TimeUnit.SECONDS);
                    assertThat(record.job().kind()).isEqualTo(JobState.Kind.SUCCEEDED);
                }
            }
            assertThat(quick.most().get()).isLessThanOrEqualTo(3);
            assertThat(tollgate.operations().audit().findings()).isEmpty();
            assertThat(tollgate.credits()
                            .balance(new UserId("user-0"))
                            .account()
                            .available())
                    .isEqualTo(Amount.ZERO);
        } finally {
            threads.shutdownNow();
        }
    }
}
