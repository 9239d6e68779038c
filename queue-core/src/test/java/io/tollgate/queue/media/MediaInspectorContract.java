package io.tollgate.queue.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every {@link MediaInspector} must do. Extend it and give it an inspector and files by media type. */
public abstract class MediaInspectorContract {
    private static final long SEED = 7;
    private static final Duration SOON = Duration.ofSeconds(30);

    @TempDir
    private Path dir;

    /** The inspector under test. */
    protected abstract MediaInspector inspector();

    /** Sound files by media type, at least one. */
    protected abstract Map<String, byte[]> sound() throws IOException;

    /** How large the sound files are that it can measure, by media type. */
    protected abstract Map<String, PixelSize> sizes();

    /** Files that it refuses, by media type; none if it never does. */
    protected abstract Map<String, byte[]> unfit() throws IOException;

    private Optional<String> problem(byte[] bytes, String type) throws IOException {
        Path file = Files.write(dir.resolve("file"), bytes);
        Optional<String> problem = inspector().problem(file, type);
        assertThat(file).as("it is not the inspector's to change").hasBinaryContent(bytes);
        return problem;
    }

    @Test
    void problem_soundFiles_isNone() throws IOException {
        for (Map.Entry<String, byte[]> file : sound().entrySet()) {
            assertThat(problem(file.getValue(), file.getKey()))
                    .as(file.getKey())
                    .isEmpty();
        }
    }

    @Test
    void problem_unfitFiles_isOneLine() throws IOException {
        for (Map.Entry<String, byte[]> file : unfit().entrySet()) {
            assertThat(problem(file.getValue(), file.getKey()))
                    .as(file.getKey())
                    .hasValueSatisfying(problem -> {
                        assertThat(problem).isNotBlank();
                        assertThat(problem.lines()).hasSize(1);
                    });
        }
    }

    @Test
    void problem_kindThatNobodyKnows_isNone() throws IOException {
        assertThat(problem(new byte[] {1, 2, 3}, "video/x-nobody-knows")).isEmpty();
    }

    @Test
    void pixels_soundFiles_areTheirSizes() throws IOException {
        for (Map.Entry<String, byte[]> file : sound().entrySet()) {
            assertThat(pixels(file.getValue(), file.getKey()))
                    .as(file.getKey())
                    .isEqualTo(Optional.ofNullable(sizes().get(file.getKey())));
        }
        assertThat(pixels(new byte[] {1, 2, 3}, "video/x-nobody-knows")).isEmpty();
    }

    private Optional<PixelSize> pixels(byte[] bytes, String type) throws IOException {
        return inspector().pixels(Files.write(dir.resolve("file"), bytes), type);
    }

    @Test
    void problem_cutAndDamagedFiles_isAnsweredAndNotThrown() throws IOException {
        Random random = new Random(SEED);
        for (Map.Entry<String, byte[]> file : sound().entrySet()) {
            for (int round = 0; round < 100; round++) {
                byte[] bytes = Arrays.copyOf(file.getValue(), random.nextInt(file.getValue().length));
                for (int i = 0; i < bytes.length && i < 3; i++) {
                    bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
                }
                assertTimeoutPreemptively(SOON, () -> {
                    assertThat(problem(bytes, file.getKey())).isNotNull();
                    assertThat(pixels(bytes, file.getKey())).isNotNull();
                });
            }
        }
    }
}
