package io.tollgate.comfyui;

import io.tollgate.queue.backend.GenerationBackend;
import io.tollgate.queue.backend.GenerationBackendContract;
import io.tollgate.queue.backend.RunRequest;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.RunId;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The contract, against any ComfyUI server. */
abstract class ComfyContract extends GenerationBackendContract {
    @TempDir
    private Path folder;

    private Bench bench;

    /** The server of this test. */
    abstract URI server();

    /** How long a slow run lasts that can't be stopped. */
    double slowSeconds() {
        return 600;
    }

    /** Before the contract makes its backend. */
    final Bench bench() {
        if (bench == null) {
            bench = new Bench(folder);
        }
        return bench;
    }

    @BeforeEach
    void prepare() {
        bench();
    }

    @AfterEach
    void stopThreads() {
        bench().close();
    }

    @Override
    protected GenerationBackend newBackend() throws Exception {
        return bench().backend(server());
    }

    @Override
    protected RunRequest quick(RunId runId) {
        return Bench.request(runId, Bench.sleeping(0.05, 3));
    }

    @Override
    protected RunRequest slow(RunId runId) {
        return Bench.request(runId, Bench.sleeping(slowSeconds(), (int) (slowSeconds() * 10)));
    }

    @Override
    protected RunRequest failing(RunId runId) throws IOException {
        return bench().loading(runId, new AssetId(UUID.randomUUID()), new byte[] {1, 2, 3});
    }

    @Override
    protected RunRequest refused(RunId runId) {
        return Bench.request(runId, Bench.plain(0));
    }

    /** On a simulator of a release. */
    abstract static class Simulated extends ComfyContract {
        private final io.tollgate.comfyui.sim.ComfySimulator simulator;

        Simulated(io.tollgate.comfyui.sim.ComfyVersion version) {
            simulator = io.tollgate.comfyui.sim.ComfySimulator.builder()
                    .version(version)
                    .start();
        }

        @Override
        final URI server() {
            return simulator.url();
        }

        @AfterEach
        final void stopServer() {
            simulator.close();
        }
    }
}
