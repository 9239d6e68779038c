package io.tollgate.bench.simulation;

import io.tollgate.queue.backend.Capabilities;
import io.tollgate.queue.backend.GenerationBackend;
import io.tollgate.queue.backend.RunListener;
import io.tollgate.queue.backend.RunLookup;
import io.tollgate.queue.backend.RunRequest;
import io.tollgate.queue.backend.Submission;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.RunId;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A backend of one slot that is always well. What runs on it is the simulation's to know. */
record SimulatedBackend(BackendId id, Capabilities capabilities) implements GenerationBackend {
    static SimulatedBackend of(int number, Set<String> tags) {
        return new SimulatedBackend(new BackendId("gpu-" + number), new Capabilities(World.TYPE, Set.of(), tags));
    }

    @Override
    public int slots() {
        return 1;
    }

    @Override
    public CompletionStage<Duration> probe() {
        return CompletableFuture.completedFuture(Duration.ZERO);
    }

    @Override
    public CompletionStage<Submission> submit(RunRequest request, RunListener listener) {
        throw new UnsupportedOperationException("nothing runs in a simulation");
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
