package io.tollgate.app.container;

import io.tollgate.queue.backend.Capabilities;
import io.tollgate.queue.backend.GenerationBackend;
import io.tollgate.queue.backend.RunListener;
import io.tollgate.queue.backend.RunLookup;
import io.tollgate.queue.backend.RunRequest;
import io.tollgate.queue.backend.Submission;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.RunId;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A backend as the configuration has it, for those who only look: another process may be using the real one. */
final class ListedBackend implements GenerationBackend {
    private static final String READER = "this process only reads and runs nothing";

    private final BackendId id;
    private final Capabilities capabilities;
    private final int slots;

    ListedBackend(BackendId id, Capabilities capabilities, int slots) {
        this.id = id;
        this.capabilities = capabilities;
        this.slots = slots;
    }

    @Override
    public BackendId id() {
        return id;
    }

    @Override
    public Capabilities capabilities() {
        return capabilities;
    }

    @Override
    public int slots() {
        return slots;
    }

    @Override
    public CompletionStage<Duration> probe() {
        return CompletableFuture.completedFuture(Duration.ZERO);
    }

    @Override
    public CompletionStage<Submission> submit(RunRequest request, RunListener listener) {
        return CompletableFuture.failedFuture(new IllegalStateException(READER));
    }

    @Override
    public CompletionStage<RunLookup> find(RunId runId) {
        return CompletableFuture.failedFuture(new IllegalStateException(READER));
    }

    @Override
    public void attach(RunId runId, RunListener listener) {
        throw new IllegalStateException(READER);
    }

    @Override
    public CompletionStage<Void> cancel(RunId runId) {
        return CompletableFuture.failedFuture(new IllegalStateException(READER));
    }

    @Override
    public void forget(RunId runId) {
        throw new IllegalStateException(READER);
    }

    @Override
    public void close() {
        // nothing is held
    }
}
