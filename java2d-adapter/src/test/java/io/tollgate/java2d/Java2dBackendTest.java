package io.tollgate.java2d;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.queue.backend.GenerationBackend;
import io.tollgate.queue.backend.GenerationBackendContract;
import io.tollgate.queue.backend.Produced;
import io.tollgate.queue.backend.RecordingListener;
import io.tollgate.queue.backend.RunLookup;
import io.tollgate.queue.backend.RunOutcome;
import io.tollgate.queue.backend.RunRequest;
import io.tollgate.queue.backend.Submission;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.Failure;
import io.tollgate.queue.job.InputValue;
import io.tollgate.queue.job.RunId;
import io.tollgate.queue.job.WorkflowName;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class Java2dBackendTest extends GenerationBackendContract {
    private static final AssetId PHOTO = new AssetId(new UUID(0, 1));

    @TempDir
    private Path folder;

    private final ExecutorService threads = Executors.newFixedThreadPool(2, task -> {
        Thread thread = new Thread(task, "render");
        thread.setUncaughtExceptionHandler((where, e) -> {}); // listeners that throw on purpose
        return thread;
    });

    @AfterEach
    void stopThreads() {
        threads.shutdownNow();
    }

    private Java2dBackend renderer(Java2dLimits limits) {
        return new Java2dBackend(new BackendId("embedded"), Set.of(), 2, folder.resolve("scratch"), threads, limits);
    }

    @Override
    protected GenerationBackend newBackend() {
        return renderer(Java2dLimits.DEFAULT);
    }

    @Override
    protected RunRequest quick(RunId runId) throws IOException {
        return request(runId, Map.of("recipe", "image-enhance"), Map.of(), Photos.jpeg(160, 120));
    }

    @Override
    protected RunRequest slow(RunId runId) throws IOException {
        return request(
                runId,
                Map.of("recipe", "video-orbit", "seconds", "6", "fps", "30", "size", "1920"),
                Map.of(),
                Photos.jpeg(160, 120));
    }

    @Override
    protected RunRequest failing(RunId runId) throws IOException {
        return request(runId, Map.of("recipe", "image-enhance"), Map.of(), new byte[] {1, 2, 3});
    }

    @Override
    protected RunRequest refused(RunId runId) throws IOException {
        return request(runId, Map.of("recipe", "image-melt"), Map.of(), new byte[] {1});
    }

    private RunRequest request(RunId runId, Map<String, String> recipe, Map<String, InputValue> inputs, byte[] file)
            throws IOException {
        Path path = folder.resolve("photo-" + runId);
        Files.write(path, file);
        Map<String, InputValue> all = new HashMap<>(inputs);
        all.putIfAbsent("image", new InputValue.Asset(PHOTO));
        return new RunRequest(runId, new WorkflowName("test"), recipe, all, id -> path);
    }

    private RunOutcome run(GenerationBackend backend, RunRequest request) throws Exception {
        RecordingListener listener = new RecordingListener();
        assertThat(await(backend.submit(request, listener))).isInstanceOf(Submission.Accepted.class);
        return listener.awaitEnded();
    }

    private Picture only(RunOutcome outcome) throws Exception {
        return PictureReader.read(onlyBytes(outcome), Java2dLimits.DEFAULT, new StopSign());
    }

    private static byte[] onlyBytes(RunOutcome outcome) throws Exception {
        assertThat(outcome).isInstanceOf(RunOutcome.Succeeded.class);
        Produced output = ((RunOutcome.Succeeded) outcome).outputs().get(0);
        try (InputStream in = output.content().open()) {
            return in.readAllBytes();
        }
    }

    @Test
    void enhance_scaledByThree_isThreeTimesAsLarge() throws Exception {
        RunOutcome outcome = run(
                backend(),
                request(
                        newRunId(),
                        Map.of("recipe", "image-enhance", "format", "png"),
                        Map.of("scale", new InputValue.Whole(3)),
                        Photos.jpeg(101, 67)));

        Picture result = only(outcome);
        assertThat(result.width()).isEqualTo(303);
        assertThat(result.height()).isEqualTo(201);
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "polaroid", "film", "gallery"})
    void frame_ofAnyStyle_isLargerThanThePhoto(String style) throws Exception {
        RunOutcome outcome = run(
                backend(),
                request(
                        newRunId(),
                        Map.of("recipe", "image-frame"),
                        Map.of("style", new InputValue.Text(style), "caption", new InputValue.Text("Lake, 1998")),
                        Photos.jpeg(640, 480)));

        Picture result = only(outcome);
        assertThat(result.width()).isGreaterThan(640);
        assertThat(result.height()).isGreaterThan(480);
    }

    @ParameterizedTest
    @CsvSource({"video-pan,mp4", "video-zoom,mp4", "video-orbit,mp4", "video-pan,gif"})
    void video_ofAnyMove_isMade(String recipe, String format) throws Exception {
        RunOutcome outcome = run(
                backend(),
                request(
                        newRunId(),
                        Map.of("recipe", recipe, "format", format, "size", "160", "fps", "8"),
                        Map.of("seconds", new InputValue.Decimal(new BigDecimal("2.5"))),
                        Photos.jpeg(300, 203)));

        byte[] file = onlyBytes(outcome);
        assertThat(((RunOutcome.Succeeded) outcome).outputs().get(0).name()).isEqualTo(recipe + "." + format);
        if (format.equals("mp4")) {
            assertThat(new String(file, 4, 4, java.nio.charset.StandardCharsets.US_ASCII))
                    .isEqualTo("ftyp");
        } else {
            assertThat(PictureHeader.parse(file).format()).isEqualTo(PictureFormat.GIF);
        }
    }

    @Test
    void video_ofPureNoise_isMadeToo() throws Exception {
        RunOutcome outcome = run(
                backend(),
                request(
                        newRunId(),
                        Map.of("recipe", "video-pan", "format", "mp4", "size", "640", "fps", "8"),
                        Map.of("seconds", new InputValue.Decimal(new BigDecimal("2"))),
                        noise(640, 480)));

        assertThat(onlyBytes(outcome)).hasSizeGreaterThan(100_000);
    }

    /** What compresses worst: every pixel of a color of its own. */
    private static byte[] noise(int width, int height) throws IOException {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Random random = new Random(7);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                image.setRGB(x, y, random.nextInt(1 << 24));
            }
        }
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(image, "png", png);
        return png.toByteArray();
    }

    @ParameterizedTest
    @CsvSource({
        "image-enhance, scale, 5, BAD_INPUT",
        "image-enhance, scale, 1.5, BAD_INPUT",
        "image-enhance, denoise, -0.1, BAD_INPUT",
        "image-enhance, denoise, much, BAD_WORKFLOW",
        "image-enhance, denoize, 0.5, BAD_WORKFLOW",
        "image-frame, style, baroque, BAD_INPUT",
        "image-frame, color, mauvish, BAD_INPUT",
        "video-pan, seconds, 7, BAD_INPUT",
        "video-zoom, direction, left, BAD_INPUT",
        "video-orbit, fps, 60, BAD_INPUT",
    })
    void submit_settingOutOfRange_isRejectedAndNamed(String recipe, String key, String value, Failure.Kind kind)
            throws Exception {
        Submission submission = await(backend()
                .submit(
                        request(newRunId(), Map.of("recipe", recipe, key, value), Map.of(), new byte[0]),
                        new RecordingListener()));

        assertThat(submission).isInstanceOf(Submission.Rejected.class);
        Failure failure = ((Submission.Rejected) submission).failure();
        assertThat(failure.kind()).isEqualTo(kind);
        assertThat(failure.message()).contains(key);
    }

    @Test
    void submit_inputOfAnotherType_isRejected() throws Exception {
        Submission submission = await(backend()
                .submit(
                        request(
                                newRunId(),
                                Map.of("recipe", "image-enhance"),
                                Map.of("image", new InputValue.Text("photo.jpg")),
                                new byte[0]),
                        new RecordingListener()));

        assertThat(submission).isInstanceOf(Submission.Rejected.class);
        assertThat(((Submission.Rejected) submission).failure().kind()).isEqualTo(Failure.Kind.BAD_INPUT);
    }

    @Test
    void enhance_resultTooLarge_failsAndNamesTheLimit() throws Exception {
        try (Java2dBackend small = renderer(new Java2dLimits(1_000_000, 2_000_000, 1_000_000))) {
            RunOutcome outcome = run(
                    small,
                    request(
                            newRunId(),
                            Map.of("recipe", "image-enhance", "scale", "4"),
                            Map.of(),
                            Photos.jpeg(800, 600)));

            assertThat(outcome).isInstanceOf(RunOutcome.Failed.class);
            Failure failure = ((RunOutcome.Failed) outcome).failure();
            assertThat(failure.kind()).isEqualTo(Failure.Kind.BAD_INPUT);
            assertThat(failure.message()).contains("2 megapixels");
        }
    }

    @Test
    void forget_endedRun_deletesItsOutputs() throws Exception {
        RunRequest request = quick(newRunId());
        run(backend(), request);
        Path outputs = folder.resolve("scratch").resolve(request.runId().toString());
        assertThat(outputs).isNotEmptyDirectory();

        backend().forget(request.runId());

        assertThat(outputs).doesNotExist();
        assertThat(await(backend().find(request.runId()))).isEqualTo(RunLookup.NOT_KNOWN);
    }

    @Test
    void close_withOutputs_deletesThem() throws Exception {
        RunRequest request = quick(newRunId());
        run(backend(), request);

        backend().close();

        assertThat(folder.resolve("scratch")).isEmptyDirectory();
    }

    @Test
    void cancel_runningRun_leavesNoFile() throws Exception {
        RunRequest request = slow(newRunId());
        RecordingListener listener = new RecordingListener();
        await(backend().submit(request, listener));
        listener.awaitStarted();

        await(backend().cancel(request.runId()));
        listener.awaitEnded();

        assertThat(folder.resolve("scratch").resolve(request.runId().toString()))
                .doesNotExist();
    }

    @Test
    void start_withLeftovers_deletesRunsAndNothingElse() throws Exception {
        Path scratch = folder.resolve("other");
        Path left = Files.createDirectories(scratch.resolve(newRunId().toString()));
        Files.writeString(left.resolve("image-enhance.png"), "x");
        Path foreign = Files.createDirectories(scratch.resolve("holiday"));

        new Java2dBackend(new BackendId("other"), Set.of(), 1, scratch, threads, Java2dLimits.DEFAULT).close();

        assertThat(left).doesNotExist();
        assertThat(foreign).isDirectory();
    }
}
