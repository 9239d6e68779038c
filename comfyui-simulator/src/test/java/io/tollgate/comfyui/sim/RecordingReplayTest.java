package io.tollgate.comfyui.sim;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
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

    /** Recorded one after the other on one server. */
    private static final String[] DAY = {
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
        "http-08-duplicate-ids"
    };

    /** What holds only results or takes long on purpose is a fact, tested in {@link FactsTest}. */
    private static final Map<String, String> FACTS = Map.of(
            "http-10-lost-response", "submit_answerLost_isRunAllTheSameButHalfABodyIsNot",
            "timing-01-summary", "history_afterTerminalFrame_mayMissButNotAfterExecutingNull",
            "timing-01-history-race", "history_afterTerminalFrame_mayMissButNotAfterExecutingNull",
            "timing-02-interrupt-at-once", "interrupt_atOnceAfterSubmit_bitesOrIsLostButNeverLeaks",
            "ws-12-odds", "socket_oddMessages_areSurvived",
            "ws-13-slow-consumer", "socket_clientThatDoesNotRead_blocksAllOthers");

    /**
     * All that knowingly differs, besides what {@link Likeness} and {@link Replay} say can't be the same: the order in
     * which several outputs run (Python's hashes of strings), and bytes and sizes of pictures.
     */
    private static final Map<String, Map<String, Replay.Correction>> CORRECTIONS = Map.of(
            "http-02-prompt-accepted",
                    Map.of(
                            "SaveImage + PreviewImage (type temp)",
                            new Replay.Correction(
                                    "the recorder changed the prompt after it had sent it, as the history shows",
                                    Map.of("11729768", "11729767"),
                                    Map.of())),
            "http-07-view",
                    Map.of(
                            "preview webp",
                            new Replay.Correction(
                                    "Java writes no WebP: a PNG comes, and says so",
                                    Map.of(),
                                    Map.of("content-type", "image/png"))));

    /** Several calls within one step of 50 ms: time is stretched, so that a busy machine is quick enough. */
    private static final Set<String> QUICK_HANDS = Set.of("http-05-jobs-cancel");

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

    /** Recordings of one server share what stands for its ids. */
    private static Stream<DynamicTest> alike(ComfySimulator simulator, String... names) {
        Map<String, String> ids = new HashMap<>();
        return Stream.of(names)
                .map(name -> DynamicTest.dynamicTest(name, () -> {
                    if (name.equals("http-06-upload")) { // whoever recorded it had cleaned up
                        Files.deleteIfExists(simulator.home().resolve("input/corrupt.png"));
                    }
                    simulator.timeScale(QUICK_HANDS.contains(name) ? 4 : TIME_SCALE);
                    Replay replay = new Replay(name, simulator, ids, CORRECTIONS.getOrDefault(name, Map.of()));
                    assertThat(replay.play()).isEmpty();
                }));
    }

    private static ComfySimulator advanced(String name, int numbersUsed, Map<String, Integer> counters)
            throws IOException, InterruptedException {
        ComfySimulator simulator = started(name, ComfyVersion.V0_27_0, counters);
        ObjectNode refused = Json.object();
        refused.putObject("prompt");
        for (int i = 0; i < numbersUsed; i++) {
            new TestHttp(simulator).post("/prompt", refused); // a refused prompt uses up a number, too
        }
        return simulator;
    }

    @TestFactory
    Stream<DynamicTest> freshServer_isAlike() throws IOException {
        return alike(started("fresh", ComfyVersion.V0_27_0, Map.of()), "http-01-idle");
    }

    @TestFactory
    Stream<DynamicTest> oneServersDay_isAlike() throws IOException {
        return alike(started("day", ComfyVersion.V0_27_0, Map.of()), DAY);
    }

    @TestFactory
    Stream<DynamicTest> laterServers_areAlike() throws IOException, InterruptedException {
        return Stream.of(
                        alike(advanced("crash", 1, Map.of("sleepy", 2)), "http-09-same-number-and-id"),
                        alike(advanced("partial", 742, Map.of()), "ws-11-partial-outputs"),
                        alike(advanced("restart", 0, Map.of("restart", 4)), "restart-01"))
                .flatMap(tests -> tests);
    }

    @TestFactory
    Stream<DynamicTest> oldServers_areAlike() throws IOException {
        return Stream.concat(
                alike(started("v0.3.44", ComfyVersion.V0_3_44, Map.of()), "compat-v0.3.44"),
                alike(started("v0.3.64", ComfyVersion.V0_3_64, Map.of()), "compat-v0.3.64"));
    }

    @Test
    void recordings_all_haveATest() throws IOException {
        Set<String> tested = new TreeSet<>(Set.of(
                "http-01-idle",
                "http-09-same-number-and-id",
                "ws-11-partial-outputs",
                "restart-01",
                "compat-v0.3.44",
                "compat-v0.3.64"));
        tested.addAll(List.of(DAY));
        for (Map.Entry<String, String> fact : FACTS.entrySet()) {
            assertThat(FactsTest.class.getDeclaredMethods())
                    .as("the test of " + fact.getKey())
                    .anyMatch(method ->
                            method.getName().equals(fact.getValue()) && method.isAnnotationPresent(Test.class));
            tested.add(fact.getKey());
        }

        Set<String> recorded = new TreeSet<>();
        try (Stream<Path> files = Files.list(Path.of("src/test/resources/recordings"))) {
            files.map(file -> file.getFileName().toString().replaceAll("\\.jsonl?$", ""))
                    .forEach(recorded::add);
        }

        assertThat(tested).isEqualTo(recorded);
    }
}
