package io.tollgate.comfyui;

import io.tollgate.queue.backend.GenerationBackend;
import io.tollgate.queue.backend.RunRequest;
import io.tollgate.queue.job.RunId;
import java.net.URI;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * The contract, against a server that somebody runs: {@code -Dcomfyui.url=http://127.0.0.1:8188}. What needs a run that
 * lasts is skipped if the server lacks the node {@code SleepProgress}.
 */
@EnabledIfSystemProperty(named = "comfyui.url", matches = "https?://.+")
final class LiveComfyBackendTest extends ComfyContract {
    private boolean sleeps;

    @Override
    URI server() {
        return URI.create(System.getProperty("comfyui.url"));
    }

    @Override
    protected GenerationBackend newBackend() throws Exception {
        GenerationBackend backend = super.newBackend();
        Bench.await(backend.probe());
        sleeps = backend.capabilities().tags().contains("node:SleepProgress");
        return backend;
    }

    @Override
    protected RunRequest quick(RunId runId) {
        return sleeps ? super.quick(runId) : Bench.request(runId, Bench.plain(64));
    }

    @Override
    protected RunRequest slow(RunId runId) {
        Assumptions.assumeTrue(sleeps, "the server has no node SleepProgress");
        return super.slow(runId);
    }
}
