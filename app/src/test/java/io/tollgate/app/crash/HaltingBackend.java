package io.tollgate.app.crash;

import io.tollgate.queue.backend.Capabilities;
import io.tollgate.queue.backend.GenerationBackend;
import io.tollgate.queue.backend.Produced;
import io.tollgate.queue.backend.RunListener;
import io.tollgate.queue.backend.RunLookup;
import io.tollgate.queue.backend.RunOutcome;
import io.tollgate.queue.backend.RunRequest;
import io.tollgate.queue.backend.Submission;
import io.tollgate.queue.event.Progress;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.RunId;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * A backend that passes a point before and after each call to it, each call of its listeners, and each output that is
 * collected: {@code backend.submit.before}, {@code listener.ended.after}, {@code backend.collect.before}.
 */
final class HaltingBackend implements GenerationBackend {
    private final GenerationBackend backend;
    private final Halts halts;

    HaltingBackend(GenerationBackend backend, Halts halts) {
        this.backend = backend;
        this.halts = halts;
    }

    @Override
    public BackendId id() {
        return backend.id();
    }

    @Override
    public Capabilities capabilities() {
        return backend.capabilities();
    }

    @Override
    public int slots() {
        return backend.slots();
    }

    @Override
    public CompletionStage<Duration> probe() {
        return halts.around("backend.probe", backend::probe);
    }

    @Override
    public CompletionStage<Submission> submit(RunRequest request, RunListener listener) {
        return halts.around("backend.submit", () -> backend.submit(request, halting(listener)));
    }

    @Override
    public CompletionStage<RunLookup> find(RunId run) {
        return halts.around("backend.find", () -> backend.find(run));
    }

    @Override
    public void attach(RunId run, RunListener listener) {
        halts.around("backend.attach", () -> backend.attach(run, halting(listener)));
    }

    @Override
    public CompletionStage<Void> cancel(RunId run) {
        return halts.around("backend.cancel", () -> backend.cancel(run));
    }

    @Override
    public void forget(RunId run) {
        halts.around("backend.forget", () -> backend.forget(run));
    }

    @Override
    public void close() {
        backend.close();
    }

    private RunListener halting(RunListener listener) {
        return new RunListener() {
            @Override
            public void started() {
                halts.around("listener.started", listener::started);
            }

            @Override
            public void progress(Progress progress) {
                listener.progress(progress);
            }

            @Override
            public void ended(RunOutcome outcome) {
                halts.around("listener.ended", () -> listener.ended(halting(outcome)));
            }
        };
    }

    private RunOutcome halting(RunOutcome outcome) {
        return outcome instanceof RunOutcome.Succeeded succeeded
                ? new RunOutcome.Succeeded(halting(succeeded.outputs()))
                : outcome;
    }

    private List<Produced> halting(List<Produced> outputs) {
        return outputs.stream()
                .map(output -> new Produced(output.name(), output.nodeId(), output.contentType(), () -> {
                    halts.pass("backend.collect.before");
                    InputStream bytes = output.content().open();
                    halts.pass("backend.collect.after");
                    return bytes;
                }))
                .toList();
    }
}
