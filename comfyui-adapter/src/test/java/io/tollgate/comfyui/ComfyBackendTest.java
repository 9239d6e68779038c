package io.tollgate.comfyui;

import static io.tollgate.comfyui.Bench.accepted;
import static io.tollgate.comfyui.Bench.await;
import static io.tollgate.comfyui.Bench.newRunId;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.comfyui.sim.Arrival;
import io.tollgate.comfyui.sim.ComfySimulator;
import io.tollgate.comfyui.sim.ComfyVersion;
import io.tollgate.comfyui.sim.Execution;
import io.tollgate.comfyui.sim.FaultKind;
import io.tollgate.comfyui.sim.Hold;
import io.tollgate.comfyui.sim.Route;
import io.tollgate.queue.backend.BackendUnreachableException;
import io.tollgate.queue.backend.Produced;
import io.tollgate.queue.backend.RecordingListener;
import io.tollgate.queue.backend.RunLookup;
import io.tollgate.queue.backend.RunOutcome;
import io.tollgate.queue.backend.RunRequest;
import io.tollgate.queue.backend.Submission;
import io.tollgate.queue.event.Preview;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.Failure;
import io.tollgate.queue.job.InputValue;
import io.tollgate.queue.job.RunId;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the contract doesn't say: lost answers, restarts, other people's prompts, old servers, broken ones. */
final class ComfyBackendTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    private Path folder;

    private Bench bench;

    @SuppressWarnings("NullAway.Init") // each test starts the release that it needs
    private ComfySimulator server;

    @BeforeEach
    void open() {
        bench = new Bench(folder.resolve("assets"));
    }

    @AfterEach
    void close() {
        bench.close();
        if (server != null) {
            server.close();
        }
    }

    static Stream<ComfyVersion> versions() {
        return Stream.of(ComfyVersion.V0_3_44, ComfyVersion.V0_3_64, ComfyVersion.V0_27_0);
    }

    private ComfyBackend newest() {
        return at(ComfyVersion.V0_27_0);
    }

    private ComfyBackend at(ComfyVersion version) {
        server = ComfySimulator.builder()
                .version(version)
                .home(folder.resolve("home"))
                .models(List.of("base.safetensors", "a&b|c%.safetensors"), List.of(), List.of())
                .start();
        return bench.backend(server.url());
    }

    private static List<Execution> of(ComfySimulator server, RunId run) {
        return server.executions().stream()
                .filter(one ->
                        one.extraData().path("tollgate").path("run").asText().equals(run.toString()))
                .toList();
    }

    private static Failure failure(RunOutcome outcome) {
        assertThat(outcome).isInstanceOf(RunOutcome.Failed.class);
        return ((RunOutcome.Failed) outcome).failure();
    }

    private static Failure rejected(Submission submission) {
        assertThat(submission).isInstanceOf(Submission.Rejected.class);
        return ((Submission.Rejected) submission).failure();
    }

    private static List<Produced> outputs(RunOutcome outcome) {
        assertThat(outcome).isInstanceOf(RunOutcome.Succeeded.class);
        return ((RunOutcome.Succeeded) outcome).outputs();
    }

    // ---- handing over

    @ParameterizedTest
    @MethodSource("versions")
    void submit_answerLost_isAcceptedAndRunsOnce(ComfyVersion version) throws Exception {
        ComfyBackend backend = at(version);
        server.faults().next(Route.SUBMIT, FaultKind.DROP_AFTER);
        RunRequest request = Bench.request(newRunId(), Bench.sleeping(0.3, 6));
        RecordingListener listener = new RecordingListener();

        accepted(backend, request, listener);

        assertThat(outputs(listener.awaitEnded())).hasSize(1);
        assertThat(of(server, request.runId())).hasSize(1);
    }

    @Test
    void submit_connectionBrokenBefore_isUnclearAndNotKnown() throws Exception {
        ComfyBackend backend = newest();
        server.faults().next(Route.SUBMIT, FaultKind.DROP_BEFORE);
        RunRequest request = Bench.request(newRunId(), Bench.plain(64));

        Submission submission = await(backend.submit(request, new RecordingListener()));

        assertThat(submission).isInstanceOf(Submission.Unclear.class);
        assertThat(await(backend.find(request.runId()))).isEqualTo(RunLookup.NOT_KNOWN);
        RecordingListener again = new RecordingListener();
        accepted(backend, request, again);
        assertThat(again.awaitEnded()).isInstanceOf(RunOutcome.Succeeded.class);
        assertThat(of(server, request.runId())).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(
            value = FaultKind.class,
            names = {"ERROR_500", "BUSY_503", "WRONG_JSON", "HALF_BODY"})
    void submit_answerThatSaysNothing_isAcceptedOrUnclearButNeverTwice(FaultKind fault) throws Exception {
        ComfyBackend backend = newest();
        server.faults().next(Route.SUBMIT, fault);
        RunRequest request = Bench.request(newRunId(), Bench.plain(64));

        Submission submission = await(backend.submit(request, new RecordingListener()));

        boolean arrived = fault == FaultKind.WRONG_JSON || fault == FaultKind.HALF_BODY;
        assertThat(submission).isInstanceOf(arrived ? Submission.Accepted.class : Submission.Unclear.class);
        RecordingListener again = new RecordingListener();
        accepted(backend, request, again);
        again.awaitEnded();
        assertThat(of(server, request.runId())).hasSize(1);
    }

    @Test
    void submit_toDeadServer_isUnreachable() throws Exception {
        ComfyBackend backend = newest();
        server.kill();

        Submission submission =
                await(backend.submit(Bench.request(newRunId(), Bench.plain(64)), new RecordingListener()));

        assertThat(submission).isInstanceOf(Submission.Unreachable.class);
    }

    @ParameterizedTest
    @MethodSource("versions")
    void submit_runOfAnotherProcess_isNotRunAgain(ComfyVersion version) throws Exception {
        ComfyBackend backend = at(version);
        RunRequest request = Bench.request(newRunId(), Bench.sleeping(0.5, 10));
        Bench.started(backend, request);
        ComfyBackend other = bench.backend(server.url());
        RecordingListener listener = new RecordingListener();

        accepted(other, request, listener);

        assertThat(outputs(listener.awaitEnded())).hasSize(1);
        accepted(bench.backend(server.url()), request, new RecordingListener());
        assertThat(of(server, request.runId())).hasSize(1);
    }

    @Test
    void submitNew_freshRun_isPostedWithoutLookingForIt() throws Exception {
        ComfyBackend backend = newest();
        RunRequest request = Bench.request(newRunId(), Bench.plain(64));
        RecordingListener listener = new RecordingListener();

        await(backend.submitNew(request, listener));

        assertThat(outputs(listener.awaitEnded())).hasSize(1);
        assertThat(server.arrivals())
                .filteredOn(call -> call.route() == Route.SUBMIT || call.route() == Route.JOBS)
                .extracting(Arrival::route)
                .containsExactly(Route.SUBMIT);
    }

    @Test
    void submit_graphThatOnlyPartlyRuns_isRejectedAndStopped() throws Exception {
        ComfyBackend backend = newest();
        RunRequest request = Bench.request(newRunId(), """
                {"1": {"class_type": "EmptyImage", "inputs": {"width": 64, "height": 64, "batch_size": 1, "color": 3}},
                 "2": {"class_type": "SleepProgress", "inputs": {"seconds": 60.0, "steps": 600, "seed": 1, "image": ["1", 0]}},
                 "3": {"class_type": "SaveImage", "inputs": {"images": ["2", 0], "filename_prefix": "a"}},
                 "4": {"class_type": "EmptyImage", "inputs": {"width": 0, "height": 64, "batch_size": 1, "color": 3}},
                 "5": {"class_type": "SaveImage", "inputs": {"images": ["4", 0], "filename_prefix": "b"}}}""");

        Submission submission = await(backend.submit(request, new RecordingListener()));

        assertThat(rejected(submission).kind()).isEqualTo(Failure.Kind.BAD_WORKFLOW);
        assertThat(rejected(submission).message())
                .contains("node 4 (EmptyImage)")
                .contains("width");
        bench.until("the server has nothing to do", server::isIdle);
    }

    @Test
    void submit_missingNode_isIncapableAndTheTagIsWithdrawn() throws Exception {
        server = ComfySimulator.builder().start();
        ComfyBackend backend =
                bench.backend(Bench.settings(server.url()).withTags(Set.of("node:NoSuchNode", "gpu:large")));
        await(backend.probe());

        Submission submission = await(backend.submit(Bench.request(newRunId(), """
                        {"1": {"class_type": "NoSuchNode", "inputs": {}},
                         "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "a"}}}"""), new RecordingListener()));

        assertThat(rejected(submission).kind()).isEqualTo(Failure.Kind.INCAPABLE);
        assertThat(backend.capabilities().tags())
                .contains("gpu:large", "node:KSampler")
                .doesNotContain("node:NoSuchNode");
    }

    @Test
    void submit_missingModel_isIncapable() throws Exception {
        ComfyBackend backend = newest();

        Submission submission = await(backend.submit(Bench.request(newRunId(), """
                        {"1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "gone.safetensors"}},
                         "2": {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64, "batch_size": 1}},
                         "3": {"class_type": "VAEDecode", "inputs": {"samples": ["2", 0], "vae": ["1", 2]}},
                         "4": {"class_type": "SaveImage", "inputs": {"images": ["3", 0], "filename_prefix": "a"}}}"""), new RecordingListener()));

        assertThat(rejected(submission).kind()).isEqualTo(Failure.Kind.INCAPABLE);
        assertThat(rejected(submission).message()).contains("gone.safetensors");
    }

    private static String decoding(String checkpoint) {
        return """
                {"1": {"class_type": "VAELoader", "inputs": {"vae_name": "%s"}},
                 "2": {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64, "batch_size": 1}},
                 "3": {"class_type": "VAEDecode", "inputs": {"samples": ["2", 0], "vae": ["1", 0]}},
                 "4": {"class_type": "SaveImage", "inputs": {"images": ["3", 0], "filename_prefix": "a"}}}""".formatted(checkpoint);
    }

    @Test
    void submit_modelUnderTheWrongInput_isABadGraphAndWithdrawsNothing() throws Exception {
        server = ComfySimulator.builder()
                .models(List.of("base.safetensors"), List.of(), List.of())
                .start();
        ComfyBackend backend = bench.backend(Bench.settings(server.url()).withTags(Set.of("model:special.pt")));
        await(backend.probe());

        Submission listed =
                await(backend.submit(Bench.request(newRunId(), decoding("base.safetensors")), new RecordingListener()));
        Submission unlisted =
                await(backend.submit(Bench.request(newRunId(), decoding("special.pt")), new RecordingListener()));

        assertThat(rejected(listed).kind()).isEqualTo(Failure.Kind.BAD_WORKFLOW);
        assertThat(rejected(unlisted).kind()).isEqualTo(Failure.Kind.INCAPABLE);
        assertThat(backend.capabilities().tags()).contains("model:base.safetensors", "model:special.pt");
    }

    @Test
    void submit_canceledWhileItsFileIsUploaded_isNotPosted() throws Exception {
        ComfyBackend backend = newest();
        CompletableFuture<Path> file = new CompletableFuture<>();
        CompletableFuture<Void> asked = new CompletableFuture<>();
        AssetId asset = new AssetId(UUID.randomUUID());
        RunRequest ready = bench.loading(newRunId(), asset, png());
        RunRequest request = Bench.request(ready.runId(), ready.recipe(), ready.inputs(), id -> {
            asked.complete(null);
            return file.join();
        });
        RecordingListener listener = new RecordingListener();
        CompletionStage<Submission> submission = backend.submit(request, listener);
        await(asked);

        assertThat(await(backend.find(request.runId()))).isEqualTo(RunLookup.KNOWN); // though it still uploads
        CompletionStage<Void> canceled = backend.cancel(request.runId());
        file.complete(ready.files().open(asset));

        await(canceled);
        assertThat(await(submission)).isInstanceOf(Submission.Accepted.class);
        assertThat(listener.awaitEnded()).isInstanceOf(RunOutcome.Canceled.class);
        assertThat(of(server, request.runId())).isEmpty();
    }

    @Test
    void submit_recipeThatMakesNoSense_isRejectedWithoutAskingTheServer() throws Exception {
        ComfyBackend backend = newest();
        server.kill();

        Submission submission = await(
                backend.submit(Bench.request(newRunId(), "{\"nodes\": [], \"links\": []}"), new RecordingListener()));

        assertThat(rejected(submission).kind()).isEqualTo(Failure.Kind.BAD_WORKFLOW);
    }

    // ---- how runs end

    @Test
    void run_outOfMemory_saysSo() throws Exception {
        ComfyBackend backend = newest();
        server.faults().next(Route.NODE, FaultKind.NODE_OOM);
        RecordingListener listener = new RecordingListener();

        accepted(backend, Bench.request(newRunId(), Bench.plain(64)), listener);

        assertThat(failure(listener.awaitEnded()).kind()).isEqualTo(Failure.Kind.OUT_OF_MEMORY);
    }

    @ParameterizedTest
    @MethodSource("versions")
    void run_nodeFails_isNamedAndKeepsWhatWasMadeBefore(ComfyVersion version) throws Exception {
        ComfyBackend backend = at(version);
        String secret = "a castle in the evening sun";
        Map<String, String> recipe = Map.of("graph", """
                {"1": {"class_type": "EmptyImage", "inputs": {"width": 64, "height": 64, "batch_size": 2, "color": 9}},
                 "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "part"}},
                 "3": {"class_type": "SleepBlind", "inputs": {"seconds": 0.1, "seed": 5, "image": ["1", 0]}},
                 "4": {"class_type": "Raise", "inputs": {"message": "x", "kind": "ValueError", "image": ["3", 0]}},
                 "5": {"class_type": "SaveImage", "inputs": {"images": ["4", 0], "filename_prefix": "never"}}}""", "inputs.prompt", "/4/inputs/message");
        RecordingListener listener = new RecordingListener();

        accepted(
                backend,
                Bench.request(newRunId(), recipe, Map.of("prompt", new InputValue.Text(secret)), id -> folder),
                listener);

        RunOutcome outcome = listener.awaitEnded();
        assertThat(failure(outcome).kind()).isEqualTo(Failure.Kind.BACKEND);
        assertThat(failure(outcome).message()).contains("node 4 (Raise)").doesNotContain(secret);
        assertThat(((RunOutcome.Failed) outcome).outputs()).hasSize(2);
    }

    @Test
    void run_corruptPicture_isBadInputAndTellsNoPath() throws Exception {
        ComfyBackend backend = newest();
        RecordingListener listener = new RecordingListener();

        accepted(backend, bench.loading(newRunId(), new AssetId(UUID.randomUUID()), new byte[] {1, 2, 3}), listener);

        assertThat(failure(listener.awaitEnded()).kind()).isEqualTo(Failure.Kind.BAD_INPUT);
        assertThat(failure(listener.awaitEnded()).message())
                .contains("LoadImage")
                .doesNotContain("/");
    }

    @Test
    void run_stoppedBySomebodyElse_failed() throws Exception {
        ComfyBackend backend = newest();
        RunRequest request = Bench.request(newRunId(), Bench.sleeping(60, 600));
        RecordingListener listener = Bench.started(backend, request);

        HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(server.url().resolve("/interrupt"))
                                .POST(HttpRequest.BodyPublishers.ofString(
                                        "{\"prompt_id\": \"" + request.runId() + "\"}"))
                                .build(),
                        HttpResponse.BodyHandlers.discarding());

        assertThat(failure(listener.awaitEnded()))
                .isEqualTo(new Failure(Failure.Kind.BACKEND, "stopped at its server"));
    }

    @ParameterizedTest
    @MethodSource("versions")
    void restart_withRunsWaitingAndRunning_losesThem(ComfyVersion version) throws Exception {
        ComfyBackend backend = at(version);
        RecordingListener running = Bench.started(backend, Bench.request(newRunId(), Bench.sleeping(60, 600)));
        RecordingListener waiting = new RecordingListener();
        RunRequest second = Bench.request(newRunId(), Bench.sleeping(60, 600));
        accepted(backend, second, waiting);

        server.restart();

        assertThat(running.awaitEnded()).isInstanceOf(RunOutcome.Lost.class);
        assertThat(waiting.awaitEnded()).isInstanceOf(RunOutcome.Lost.class);
        assertThat(await(backend.find(second.runId()))).isEqualTo(RunLookup.NOT_KNOWN);
        accepted(backend, Bench.request(second.runId(), Bench.plain(64)), new RecordingListener());
    }

    @ParameterizedTest
    @MethodSource("versions")
    void attach_afterOurOwnRestart_hearsItToTheEnd(ComfyVersion version) throws Exception {
        ComfyBackend backend = at(version);
        RunId run = newRunId();
        RunRequest request;
        try (Hold hold = server.hold("SleepProgress")) {
            request = Bench.request(run, Map.of("graph", """
                            {"1": {"class_type": "EmptyImage",
                                   "inputs": {"width": 64, "height": 64, "batch_size": 1, "color": 4}},
                             "2": {"class_type": "SleepProgress",
                                   "inputs": {"seconds": 0.5, "steps": 10, "seed": 77, "image": ["1", 0]}},
                             "3": {"class_type": "SaveImage", "inputs": {"images": ["2", 0], "filename_prefix": "b"}},
                             "4": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "c"}}}""", "outputs", "3"), Map.of(), id -> folder);
            Bench.started(backend, request);
            hold.awaitReached(1, PATIENCE);
            backend.close();
        }
        ComfyBackend next = bench.backend(server.url());
        RecordingListener listener = new RecordingListener();

        next.attach(run, listener);

        List<Produced> outputs = outputs(listener.awaitEnded());
        assertThat(outputs).hasSize(1);
        assertThat(outputs.get(0).nodeId()).contains("3");
        assertThat(of(server, run)).hasSize(1);
    }

    // ---- stopping, taking back, other people

    @ParameterizedTest
    @MethodSource("versions")
    void cancel_besideOtherPeople_touchesNothingOfTheirs(ComfyVersion version) throws Exception {
        ComfyBackend backend = at(version);
        server.foreign(1, 1.0);
        bench.until("theirs runs", () -> server.running() == 1);
        RecordingListener ours = new RecordingListener();
        RunId run = accepted(backend, Bench.request(newRunId(), Bench.sleeping(60, 600)), ours);
        server.foreign(2, 0.1);

        await(backend.cancel(run));

        assertThat(ours.awaitEnded()).isInstanceOf(RunOutcome.Canceled.class);
        assertThat(ours.calls()).containsExactly("ended");
        bench.until("theirs are over", server::isIdle);
        assertThat(server.touches()).isEmpty();
        assertThat(server.executions())
                .hasSize(3)
                .allSatisfy(one -> assertThat(one.ending()).isEqualTo(Execution.Ending.SUCCEEDED));
    }

    @Test
    void cancel_runningOnOldServer_endsCanceledWithoutAnInterrupt() throws Exception {
        ComfyBackend backend = at(ComfyVersion.V0_3_44);
        RunRequest request = Bench.request(newRunId(), Bench.sleeping(1, 10));
        RecordingListener listener = Bench.started(backend, request);

        await(backend.cancel(request.runId()));

        assertThat(listener.awaitEnded()).isInstanceOf(RunOutcome.Canceled.class);
        assertThat(server.touches()).isEmpty();
        assertThat(of(server, request.runId()))
                .singleElement()
                .satisfies(one -> assertThat(one.ending()).isEqualTo(Execution.Ending.SUCCEEDED));
    }

    @Test
    void cancel_tooLate_mayStillSucceed() throws Exception {
        ComfyBackend backend = newest();
        RunRequest request = Bench.request(newRunId(), Bench.plain(64));
        RecordingListener listener = new RecordingListener();
        accepted(backend, request, listener);
        listener.awaitEnded();

        await(backend.cancel(request.runId()));

        RecordingListener late = new RecordingListener();
        backend.attach(request.runId(), late);
        assertThat(late.awaitEnded()).isInstanceOf(RunOutcome.Succeeded.class);
    }

    @ParameterizedTest
    @MethodSource("versions")
    void recall_waitingRun_neverRuns(ComfyVersion version) throws Exception {
        ComfyBackend backend = at(version);
        RunRequest first = Bench.request(newRunId(), Bench.sleeping(1, 10));
        RecordingListener running = Bench.started(backend, first);
        RunRequest second = Bench.request(newRunId(), Bench.sleeping(0.1, 2));
        RecordingListener waiting = new RecordingListener();
        RunId known = accepted(backend, second, waiting);

        assertThat(await(backend.recall(known))).isTrue();
        assertThat(await(backend.recall(first.runId()))).isFalse();

        assertThat(running.awaitEnded()).isInstanceOf(RunOutcome.Succeeded.class);
        assertThat(of(server, second.runId())).isEmpty();
        assertThat(waiting.calls()).isEmpty();
        assertThat(await(backend.find(second.runId()))).isEqualTo(RunLookup.NOT_KNOWN);
    }

    @Test
    void recall_unknownRun_isNotCertain() throws Exception {
        ComfyBackend backend = newest();

        assertThat(await(backend.recall(newRunId()))).isFalse();
    }

    @ParameterizedTest
    @MethodSource("versions")
    void others_whileTheyWork_areCounted(ComfyVersion version) throws Exception {
        ComfyBackend backend = at(version);
        await(backend.probe());
        bench.until("connected", () -> server.sockets() == 1);
        try (Hold hold = server.hold("SleepProgress")) {
            server.foreign(3, 0.05);
            hold.awaitReached(1, PATIENCE);
            accepted(backend, Bench.request(newRunId(), Bench.sleeping(0.05, 2)), new RecordingListener());

            bench.until("three others", () -> backend.others() == 3);
        }

        bench.until("no others", () -> backend.others() == 0);
    }

    // ---- the websocket

    @Test
    void socket_cutWhileRunning_losesNothing() throws Exception {
        ComfyBackend backend = newest();
        RecordingListener listener;
        try (Hold hold = server.hold("SleepProgress")) {
            listener = Bench.started(backend, Bench.request(newRunId(), Bench.sleeping(0.2, 4)));
            hold.awaitReached(1, PATIENCE);
            server.faults().next(Route.FRAME, FaultKind.WS_CLOSE);
        }

        assertThat(outputs(listener.awaitEnded())).hasSize(1);
        bench.until("connected again", () -> server.sockets() == 1);
        RecordingListener next = new RecordingListener();
        accepted(backend, Bench.request(newRunId(), Bench.sleeping(0.2, 4)), next);
        next.awaitEnded();
        assertThat(next.progress()).isNotEmpty();
    }

    @Test
    void socket_silentThoughOpen_isNoticedByLooking() throws Exception {
        ComfyBackend backend = newest();
        await(backend.probe());
        bench.until("connected", () -> server.sockets() == 1);
        server.faults().next(Route.FRAME, FaultKind.WS_SILENT);
        RecordingListener listener = new RecordingListener();

        accepted(backend, Bench.request(newRunId(), Bench.sleeping(0.2, 4)), listener);

        assertThat(outputs(listener.awaitEnded())).hasSize(1);
    }

    @ParameterizedTest
    @MethodSource("versions")
    void preview_ofRunningNode_isPassedOn(ComfyVersion version) throws Exception {
        ComfyBackend backend = at(version);
        await(backend.probe());
        bench.until("connected", () -> server.sockets() == 1);
        List<Preview> seen = Collections.synchronizedList(new ArrayList<>());
        RecordingListener listener = new RecordingListener() {
            @Override
            public void preview(Preview preview) {
                seen.add(preview);
            }
        };

        accepted(backend, Bench.request(newRunId(), Bench.sleeping(0.5, 5)), listener);
        listener.awaitEnded();

        assertThat(seen).isNotEmpty().allSatisfy(preview -> {
            assertThat(preview.contentType()).startsWith("image/");
            assertThat(ImageIO.read(new java.io.ByteArrayInputStream(preview.bytes())))
                    .isNotNull();
        });
        if (version.equals(ComfyVersion.V0_27_0)) {
            assertThat(seen).allSatisfy(preview -> assertThat(preview.nodeId()).contains("2"));
        }
    }

    // ---- files

    private static byte[] png() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB), "png", bytes);
        return bytes.toByteArray();
    }

    @Test
    void upload_ofAnAssetThatIsThere_isNotRepeated() throws Exception {
        ComfyBackend backend = newest();
        AssetId asset = new AssetId(UUID.randomUUID());
        await(backend.probe());
        bench.until("connected", () -> server.sockets() == 1);
        RecordingListener first = new RecordingListener();
        accepted(backend, bench.loading(newRunId(), asset, png()), first);
        first.awaitEnded();
        server.faults().next(Route.UPLOAD, FaultKind.ERROR_500);
        RecordingListener second = new RecordingListener();

        accepted(backend, bench.loading(newRunId(), asset, png()), second);

        assertThat(second.awaitEnded()).isInstanceOf(RunOutcome.Succeeded.class);
        assertThat(server.faults().happened()).isEmpty();
    }

    @Test
    void upload_ofAnAssetThatWasDeletedThere_isRepeated() throws Exception {
        ComfyBackend backend = newest();
        AssetId asset = new AssetId(UUID.randomUUID());
        RecordingListener first = new RecordingListener();
        accepted(backend, bench.loading(newRunId(), asset, png()), first);
        first.awaitEnded();
        try (Stream<Path> inputs = Files.list(server.home().resolve("input"))) {
            for (Path input : inputs.filter(Files::isRegularFile).toList()) {
                Files.delete(input);
            }
        }
        RecordingListener second = new RecordingListener();

        accepted(backend, bench.loading(newRunId(), asset, png()), second);

        assertThat(second.awaitEnded()).isInstanceOf(RunOutcome.Succeeded.class);
    }

    @Test
    void upload_cutOff_isTriedAgain() throws Exception {
        ComfyBackend backend = newest();
        server.faults().next(Route.UPLOAD, FaultKind.DROP_BEFORE);
        RecordingListener listener = new RecordingListener();

        accepted(backend, bench.loading(newRunId(), new AssetId(UUID.randomUUID()), png()), listener);

        assertThat(listener.awaitEnded()).isInstanceOf(RunOutcome.Succeeded.class);
    }

    /** A graph whose node 1 makes what counts. */
    private RunRequest withOutput(String graph) {
        return Bench.request(newRunId(), Map.of("graph", graph, "outputs", "1"), Map.of(), id -> folder);
    }

    @Test
    void output_ofManyMegabytes_isStreamed() throws Exception {
        ComfyBackend backend = newest();
        long size = 150L << 20;
        RecordingListener listener = new RecordingListener();
        accepted(backend, withOutput("""
                        {"1": {"class_type": "SimFile",
                               "inputs": {"bytes": %d, "extension": "mp4", "media": "video", "filename_prefix": "film", "seed": 1}}}""".formatted(size)), listener);

        Produced film = outputs(listener.awaitEnded()).get(0);

        assertThat(film.contentType()).isEqualTo("video/mp4");
        long read = 0;
        byte[] buffer = new byte[1 << 16];
        try (InputStream in = film.content().open()) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                read += count;
            }
        }
        assertThat(read).isEqualTo(size);
    }

    @Test
    void output_textsAndFiles_areBothThere() throws Exception {
        ComfyBackend backend = newest();
        RecordingListener listener = new RecordingListener();
        accepted(backend, withOutput("""
                        {"1": {"class_type": "PreviewAny", "inputs": {"source": "forty-two"}}}"""), listener);

        Produced text = outputs(listener.awaitEnded()).get(0);

        assertThat(text.contentType()).isEqualTo("text/plain");
        try (InputStream in = text.content().open()) {
            assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("forty-two");
        }
    }

    // ---- health

    @Test
    void probe_ofServer_learnsItsNodesAndModels() throws Exception {
        ComfyBackend backend = newest();
        assertThat(backend.capabilities().tags()).isEmpty();

        assertThat(await(backend.probe())).isGreaterThanOrEqualTo(Duration.ZERO);

        assertThat(backend.capabilities().type()).isEqualTo("comfyui");
        assertThat(backend.capabilities().tags())
                .contains("node:KSampler", "model:base.safetensors", "model:a%26b%7Cc%25.safetensors");
    }

    @Test
    void probe_ofDeadServer_failsUntilItLivesAgain() throws Exception {
        ComfyBackend backend = newest();
        await(backend.probe());
        server.kill();

        for (int i = 0; i < 8; i++) {
            assertThatThrownBy(() -> await(backend.probe())).hasCauseInstanceOf(BackendUnreachableException.class);
        }
        server.start();

        assertThat(await(backend.probe())).isGreaterThanOrEqualTo(Duration.ZERO);
        assertThat(await(backend.find(newRunId()))).isEqualTo(RunLookup.NOT_KNOWN);
    }

    @Test
    void find_onDeadServer_isUnreachable() throws Exception {
        ComfyBackend backend = newest();
        server.kill();

        assertThat(await(backend.find(newRunId()))).isEqualTo(RunLookup.UNREACHABLE);
    }

    @Test
    void nonsense_whereTheQueueShouldBe_losesNoRun() throws Exception {
        ComfyBackend backend = newest();
        RecordingListener listener = Bench.started(backend, Bench.request(newRunId(), Bench.sleeping(1, 20)));
        server.faults().next(Route.QUEUE, FaultKind.WRONG_JSON, 4);
        server.faults().next(Route.HISTORY, FaultKind.WRONG_JSON, 2);

        assertThat(outputs(listener.awaitEnded())).hasSize(1);
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    void faults_ofAllKinds_runNothingTwice(long seed) throws Exception {
        ComfyBackend backend = newest();
        server.faults()
                .random(
                        0.08,
                        seed,
                        FaultKind.DROP_BEFORE,
                        FaultKind.DROP_AFTER,
                        FaultKind.HALF_BODY,
                        FaultKind.ERROR_500,
                        FaultKind.BUSY_503,
                        FaultKind.WRONG_JSON,
                        FaultKind.WS_CLOSE);
        List<RunRequest> requests = new ArrayList<>();
        for (int i = 0; i < 25; i++) {
            requests.add(Bench.request(newRunId(), Bench.sleeping(0.02, 2)));
        }

        for (RunRequest request : requests) {
            RecordingListener listener = new RecordingListener();
            Submission answer = await(backend.submit(request, listener));
            if (answer instanceof Submission.Accepted) {
                assertThat(listener.awaitEnded()).isNotInstanceOf(RunOutcome.Canceled.class);
            }
        }

        server.faults().calm();
        for (RunRequest request : requests) {
            assertThat(of(server, request.runId()))
                    .as(request.runId().toString())
                    .hasSizeLessThanOrEqualTo(1);
        }
        bench.until(
                "it is well again",
                () -> backend.probe()
                        .toCompletableFuture()
                        .handle((took, e) -> e == null)
                        .join());
        RecordingListener last = new RecordingListener();
        accepted(backend, Bench.request(newRunId(), Bench.plain(64)), last);
        assertThat(last.awaitEnded()).isInstanceOf(RunOutcome.Succeeded.class);
    }

    @Test
    void headers_forAProxy_goWithEveryRequestAndAreNotShown() {
        ComfySettings settings = Bench.settings(URI.create("http://localhost:1/comfy"))
                .withHeaders(Map.of("Authorization", "Bearer s3cret"));

        assertThat(settings.toString()).contains("Authorization").doesNotContain("s3cret");
        assertThatThrownBy(() -> settings.withHeaders(Map.of("X-Key", "s3cret\n")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("s3cret");
    }
}
