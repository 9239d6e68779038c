package io.tollgate.comfyui.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Holds the simulator to the recordings of real servers. Those that were recorded one after the other on one server are
 * played one after the other on one simulator, so that numbers, file counters, cache and history must be exactly as
 * they were.
 */
final class RecordingReplayTest {

    /** Sleeping nodes sleep so much shorter. */
    private static final double TIME_SCALE = 0.4;

    @TempDir
    static Path home;

    private static final List<ComfySimulator> STARTED = new ArrayList<>();

    @AfterAll
    static void close() {
        STARTED.forEach(ComfySimulator::close);
    }

    private static ComfySimulator started(String name, ComfyVersion version, Map<String, Integer> counters)
            throws IOException {
        Path folder = home.resolve(name);
        Files.createDirectories(folder.resolve("output"));
        for (Map.Entry<String, Integer> counter : counters.entrySet()) {
            Files.createFile(folder.resolve("output")
                    .resolve(String.format("%s_%05d_.png", counter.getKey(), counter.getValue())));
        }
        ComfySimulator simulator = ComfySimulator.builder()
                .version(version)
                .home(folder)
                .timeScale(TIME_SCALE)
                .start();
        STARTED.add(simulator);
        return simulator;
    }

    private static DynamicTest alike(String name, ComfySimulator simulator, Map<Integer, String> known) {
        return DynamicTest.dynamicTest(
                name,
                () -> assertThat(new Replay(name, simulator, known).play()).isEmpty());
    }

    @TestFactory
    Stream<DynamicTest> freshServer_isAlike() throws IOException {
        ComfySimulator simulator = started("fresh", ComfyVersion.V0_27_0, Map.of());
        return Stream.of(alike("http-01-idle", simulator, Map.of()));
    }

    @TestFactory
    Stream<DynamicTest> oneServersDay_isAlike() throws IOException {
        ComfySimulator simulator = started("day", ComfyVersion.V0_27_0, Map.of());
        return Stream.of(
                        "ws-01-success",
                        "ws-02-cached-repeat",
                        "ws-03-progress-preview",
                        "ws-04-error",
                        "ws-05-interrupt",
                        "ws-06-interrupt-by-id",
                        "ws-07-interrupt-blind",
                        "http-02-prompt-accepted",
                        "http-03-prompt-refused",
                        "http-04-queue",
                        "http-05-jobs-cancel",
                        "ws-08-reconnect",
                        "ws-09-same-clientid-twice",
                        "ws-10-pending-deleted",
                        "http-06-upload",
                        "http-07-view",
                        "http-08-duplicate-ids")
                .map(name -> alike(name, simulator, Map.of()));
    }

    @TestFactory
    Stream<DynamicTest> oldServers_areAlike() throws IOException {
        return Stream.of(
                alike("compat-v0.3.44", started("v0.3.44", ComfyVersion.V0_3_44, Map.of()), Map.of()),
                alike("compat-v0.3.64", started("v0.3.64", ComfyVersion.V0_3_64, Map.of()), Map.of()));
    }
}
