package io.tollgate.bench;

import io.tollgate.queue.backend.Capabilities;
import io.tollgate.queue.backend.GenerationBackend;
import io.tollgate.queue.backend.Produced;
import io.tollgate.queue.backend.RunListener;
import io.tollgate.queue.backend.RunLookup;
import io.tollgate.queue.backend.RunOutcome;
import io.tollgate.queue.backend.RunRequest;
import io.tollgate.queue.backend.Submission;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.RunId;
import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongConsumer;

/** A backend whose runs have ended before it says that it took them: what is left is Tollgate's own time. */
final class InstantBackend implements GenerationBackend {
    static final BackendId ID = new BackendId("instant");

    private final int slots;
    private final LongConsumer started;

    /** @param started is told the number of each job that arrives */
    InstantBackend(int slots, LongConsumer started) {
        this.slots = slots;
        this.started = started;
    }

    @Override
    public BackendId id() {
        return ID;
    }

    @Override
    public Capabilities capabilities() {
        return new Capabilities(Noop.BACKEND_TYPE, Set.of(), Set.of());
    }

    @Override
    public int slots() {
        return slots;
    }

    @Override
    public CompletionStage<Duration> probe() {
        return CompletableFuture.completedStage(Duration.ZERO);
    }

    @Override
    public CompletionStage<Submission> submit(RunRequest request, RunListener listener) {
        long number = Noop.number(request.inputs());
        started.accept(number);
        listener.started();
        listener.ended(new RunOutcome.Succeeded(List.of(new Produced(
                "out.txt", Optional.empty(), "text/plain", () -> new ByteArrayInputStream(Noop.output(number))))));
        return CompletableFuture.completedStage(new Submission.Accepted(request.runId()));
    }

    @Override
    public CompletionStage<RunLookup> find(RunId runId) {
        return CompletableFuture.completedStage(RunLookup.NOT_KNOWN);
    }

    @Override
    public void attach(RunId runId, RunListener listener) {
        listener.ended(new RunOutcome.Lost());
    }

    @Override
    public CompletionStage<Void> cancel(RunId runId) {
        return CompletableFuture.completedStage(null);
    }

    @Override
    public void forget(RunId runId) {
        // nothing is kept
    }

    @Override
    public void close() {
        // nothing is held
    }
}
