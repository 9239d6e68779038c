package io.tollgate.queue.delivery;

import static io.tollgate.queue.test.House.ANN;
import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.queue.JobHandle;
import io.tollgate.queue.Tollgate;
import io.tollgate.queue.backend.Produced;
import io.tollgate.queue.backend.RunOutcome;
import io.tollgate.queue.event.JobEvent;
import io.tollgate.queue.job.Failure;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.Output;
import io.tollgate.queue.media.MediaStore;
import io.tollgate.queue.test.House;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class FinishingShelfTest {
    private final House house = new House();

    @AfterEach
    void close() {
        house.close();
    }

    /** Writes a word before what it reads, or fails. */
    private record Stamp(Kind kind, String word, boolean broken) implements MediaProcessor {
        @Override
        public boolean accepts(String contentType) {
            return contentType.equals("image/png");
        }

        @Override
        public String process(InputStream in, String contentType, OutputStream out) throws IOException {
            if (broken) {
                throw new IOException("not a picture");
            }
            out.write((word + " ").getBytes(StandardCharsets.UTF_8));
            in.transferTo(out);
            return contentType;
        }
    }

    private Output output(MediaProcessor... processors) {
        Tollgate node = open(processors);
        JobHandle handle = run(node);
        return house.record(handle.id()).outputs().get(0);
    }

    private JobHandle run(Tollgate node) {
        JobHandle handle = house.submit(node);
        house.gpu.succeed(house.gpu.only(), "boat.png");
        house.advance(Duration.ofSeconds(10));
        return handle;
    }

    private Tollgate open(MediaProcessor... processors) {
        Tollgate node = house.open(builder -> {
            builder.workflows(House.draw()).backend(house.gpu);
            for (MediaProcessor processor : processors) {
                builder.processor(processor);
            }
        });
        house.credit(ANN, 100);
        return node;
    }

    private String content(io.tollgate.queue.job.AssetId id) throws IOException {
        return Files.readString(house.media.open(id));
    }

    @Test
    void standardUser_getsAWatermarkAndAThumbnailOfIt() throws IOException {
        Output output = output(
                new Stamp(MediaProcessor.Kind.WATERMARK, "marked", false),
                new Stamp(MediaProcessor.Kind.THUMBNAIL, "small", false));

        assertThat(content(output.id())).isEqualTo("marked boat.png");
        assertThat(content(output.thumbnail().orElseThrow())).isEqualTo("small marked boat.png");
    }

    @Test
    void pictureUnderAnotherName_isMarkedAllTheSame() {
        Tollgate node = open(new Stamp(MediaProcessor.Kind.WATERMARK, "marked", false));
        JobHandle handle = house.submit(node);
        byte[] png = "\u0089PNG\r\n\u001A\n and so on".getBytes(StandardCharsets.ISO_8859_1);
        house.gpu.end(
                house.gpu.only(),
                new RunOutcome.Succeeded(List.of(new Produced(
                        "photo.apng", Optional.empty(), "image/apng", () -> new ByteArrayInputStream(png)))));
        house.settle();

        Output output = house.record(handle.id()).outputs().get(0);

        assertThat(output.contentType()).isEqualTo("image/png");
        assertThat(output.sizeBytes()).isEqualTo("marked ".length() + png.length);
    }

    @Test
    void goldUser_getsNoWatermark() throws IOException {
        Tollgate node = open(new Stamp(MediaProcessor.Kind.WATERMARK, "marked", false));
        house.join(node.credits().assignTier(ANN, "gold", Optional.empty(), "eva", "a good customer"));

        Output output = house.record(run(node).id()).outputs().get(0);

        assertThat(content(output.id())).isEqualTo("boat.png");
    }

    @Test
    void brokenThumbnail_isReportedAndTheOutputDelivered() throws IOException {
        Output output = output(new Stamp(MediaProcessor.Kind.THUMBNAIL, "small", true));

        assertThat(content(output.id())).isEqualTo("boat.png");
        assertThat(output.thumbnail()).isEmpty();
        assertThat(house.heard(JobEvent.Fault.class)).isNotEmpty();
    }

    @Test
    void brokenWatermark_deliversNothingUnmarked() {
        Tollgate node = open(new Stamp(MediaProcessor.Kind.WATERMARK, "marked", true));
        JobHandle handle = run(node);

        assertThat(house.kind(handle)).isNotEqualTo(JobState.Kind.SUCCEEDED);
        assertThat(house.record(handle.id())
                        .attempts()
                        .get(0)
                        .failure()
                        .orElseThrow()
                        .kind())
                .isEqualTo(Failure.Kind.STORAGE);
    }

    @Test
    void fullMediaStore_isWaitedForInsteadOfRunningAgain() {
        AtomicBoolean full = new AtomicBoolean(true);
        MediaStore media = (MediaStore) Proxy.newProxyInstance(
                MediaStore.class.getClassLoader(), new Class<?>[] {MediaStore.class}, (proxy, method, arguments) -> {
                    if (full.get() && method.getName().equals("put")) {
                        throw new IOException("no space left on device");
                    }
                    return method.invoke(house.media, arguments);
                });
        Tollgate node = house.open(
                builder -> builder.workflows(House.draw()).backend(house.gpu).media(media));
        house.credit(ANN, 100);

        JobHandle handle = run(node);
        house.advance(Duration.ofMinutes(1));
        assertThat(house.kind(handle)).isEqualTo(JobState.Kind.RUNNING);
        full.set(false);
        house.advance(Duration.ofSeconds(10));

        assertThat(house.kind(handle)).isEqualTo(JobState.Kind.SUCCEEDED);
        assertThat(house.gpu.submitted()).hasSize(1);
    }
}
