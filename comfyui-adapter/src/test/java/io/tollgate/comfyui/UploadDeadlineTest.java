package io.tollgate.comfyui;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.comfyui.sim.ComfySimulator;
import io.tollgate.comfyui.sim.FaultKind;
import io.tollgate.comfyui.sim.Route;
import io.tollgate.queue.backend.RecordingListener;
import io.tollgate.queue.backend.Submission;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.RunId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that takes an upload and never says another word. */
final class UploadDeadlineTest {
    private static final ComfySettings.Deadlines DEADLINES = new ComfySettings.Deadlines(
            Duration.ofSeconds(2),
            Duration.ofSeconds(3),
            Duration.ofSeconds(5),
            Duration.ofSeconds(10),
            Duration.ofMinutes(10),
            Duration.ofSeconds(5));

    @TempDir
    Path folder;

    @Test
    void submit_uploadThatIsNeverAnswered_triesAgainLongBeforeALargeOneHadTo() throws Exception {
        try (ComfySimulator simulator = ComfySimulator.builder().start();
                Bench bench = new Bench(folder)) {
            simulator.faults().delay(Duration.ofMinutes(10));
            simulator.faults().next(Route.UPLOAD, FaultKind.DELAY);
            ComfyBackend backend = bench.backend(Bench.settings(simulator.url()).withDeadlines(DEADLINES));
            RunId run = Bench.newRunId();

            Submission answer = Bench.await(backend.submit(
                    bench.loading(run, new AssetId(UUID.randomUUID()), new byte[] {1, 2, 3}), new RecordingListener()));

            assertThat(answer).isEqualTo(new Submission.Accepted(run));
        }
    }
}
