package io.tollgate.java2d;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.queue.backend.RunRequest;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.InputValue;
import io.tollgate.queue.job.RunId;
import io.tollgate.queue.job.WorkflowName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/*
 * A cancel is to be heeded within 200 ms. Times are not for unit tests; what makes them short is: a stopped render looks at
 * its sign once more or never, tells of no progress and writes at most what its buffers hold; and the looks lie at most a
 * row of a picture, or of a film's blocks, apart, so that their number grows with the pixels. Run {@link #main} with a
 * folder for the times of large renders.
 */
/** What is still done between a cancel and the end of a render, for each of them. */
final class CancelTest {
    private static final AssetId PHOTO = new AssetId(new UUID(0, 1));
    private static final int PLACES = 24;
    private static final int MOST_LOOKS = 2;
    private static final int BUFFERS = 1 << 17;

    @TempDir
    private Path folder;

    /**
     * A render of a picture, large or small.
     *
     * @param looksForRow how many looks a row of the input must bring at least: one for reading it, unless it is a
     *     JPEG, which is read and written a row of blocks at a time, one for each row of the result and of each frame
     *     of a film
     */
    private record Case(String name, String format, Map<String, String> settings, int looksForRow) {
        static Case of(String format, int looksForRow, String... settings) {
            Map<String, String> map = new TreeMap<>();
            for (int i = 1; i < settings.length; i += 2) {
                map.put(settings[i], settings[i + 1]);
            }
            String name = settings[0] + " of " + format + " " + map;
            map.put(Parameters.RECIPE, settings[0]);
            return new Case(name, format, map, looksForRow);
        }

        byte[] input(int width, int height) {
            return Photos.encoded(Photos.rgb(Photos.photo(width, height)), format);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> pictures() {
        return Stream.of(
                Case.of("png", 2, "image-enhance", "format", "png"),
                Case.of("jpeg", 1, "image-enhance", "format", "jpeg"),
                Case.of("gif", 2, "image-enhance", "format", "png"),
                Case.of("png", 5, "image-enhance", "scale", "4", "format", "png"),
                Case.of("jpeg", 5, "image-enhance", "scale", "4", "format", "jpeg"),
                Case.of("jpeg", 2, "image-frame", "style", "classic", "format", "png"),
                Case.of("jpeg", 2, "image-frame", "style", "polaroid", "format", "jpeg"),
                Case.of("jpeg", 2, "image-frame", "style", "film", "format", "jpeg"),
                Case.of("jpeg", 2, "image-frame", "style", "gallery", "format", "png"));
    }

    private static final int FRAMES = 16;

    static Stream<Case> films() {
        List<Case> cases = new ArrayList<>();
        for (String move : List.of("video-pan", "video-zoom", "video-orbit")) {
            for (String format : List.of("mp4", "gif")) {
                cases.add(Case.of("jpeg", 1, move, "format", format, "seconds", "2", "fps", "8"));
            }
        }
        return cases.stream();
    }

    static Stream<Case> all() {
        return Stream.concat(pictures(), films());
    }

    /** What a render did. */
    private static final class Render {
        private final CountedSign sign;
        private final Path outputs;
        private final Workbench bench;
        private int steps;
        private int stepsAtRaise;
        private long bytesAtRaise;

        Render(long raiseAt, Path folder, Path photo) throws IOException {
            sign = CountedSign.raisedAt(raiseAt, this::raised);
            outputs = Files.createTempDirectory(folder, "outputs");
            bench = new Workbench(id -> photo, outputs, Java2dLimits.DEFAULT, sign, progress -> steps++);
        }

        private void raised() {
            stepsAtRaise = steps;
            bytesAtRaise = bytes();
        }

        long bytes() {
            try (Stream<Path> files = Files.list(outputs)) {
                long sum = 0;
                for (Path file : files.toList()) {
                    sum += Files.size(file);
                }
                return sum;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static Recipe.Render plan(Case asked, String size) throws Refusal {
        Map<String, String> settings = new TreeMap<>(asked.settings);
        String recipe = String.valueOf(settings.get(Parameters.RECIPE));
        if (recipe.startsWith("video-")) {
            settings.put("size", size);
        }
        RunRequest request = new RunRequest(
                RunId.parse("00000000-0000-7000-8000-000000000001"),
                new WorkflowName("test"),
                settings,
                Map.of("image", new InputValue.Asset(PHOTO)),
                id -> Path.of("unused"));
        return Stream.of(
                        new EnhanceRecipe(),
                        new FrameRecipe(),
                        new MotionRecipe(MotionRecipe.Move.PAN),
                        new MotionRecipe(MotionRecipe.Move.ZOOM),
                        new MotionRecipe(MotionRecipe.Move.ORBIT))
                .filter(any -> any.name().equals(recipe))
                .findFirst()
                .orElseThrow()
                .plan(new Parameters(request));
    }

    private Path photo(Case asked, int width, int height) throws IOException {
        return Files.write(folder.resolve("photo"), asked.input(width, height));
    }

    private long looks(Case asked, int width, int height) throws Exception {
        Render render = new Render(Long.MAX_VALUE, folder, photo(asked, width, height));
        plan(asked, "160").run(render.bench);
        return render.sign.looks();
    }

    @ParameterizedTest
    @MethodSource("all")
    void run_stoppedAnywhere_doesNextToNothingMore(Case asked) throws Exception {
        Path photo = photo(asked, 160, 120);
        long looks = looks(asked, 160, 120);

        long[] places = LongStream.range(0, PLACES)
                .map(place -> 1 + place * (looks - 1) / (PLACES - 1))
                .toArray();

        for (long place : places) {
            Render render = new Render(place, folder, photo);
            assertThatThrownBy(() -> plan(asked, "160").run(render.bench))
                    .as("stopped at look %d of %d", place, looks)
                    .isInstanceOf(StopSign.StoppedException.class);
            assertThat(render.sign.looks() - place)
                    .as("looks after %d of %d", place, looks)
                    .isLessThanOrEqualTo(MOST_LOOKS);
            assertThat(render.steps).isEqualTo(render.stepsAtRaise);
            assertThat(render.bytes() - render.bytesAtRaise).isLessThanOrEqualTo(BUFFERS);
        }
    }

    @ParameterizedTest
    @MethodSource("pictures")
    void picture_twiceAsHigh_isLookedUpFromOnEachRow(Case asked) throws Exception {
        long low = looks(asked, 160, 100);

        long high = looks(asked, 160, 200);

        assertThat(high - low).isGreaterThanOrEqualTo(100L * asked.looksForRow);
    }

    @ParameterizedTest
    @MethodSource("films")
    void film_twiceAsHigh_isLookedUpFromOnEachRowOfEachFrame(Case asked) throws Exception {
        long low = looks(asked, 160, 80);

        long high = looks(asked, 160, 160);

        // 80 rows more to shoot, and in an MP4 10 by 5 blocks of 16 x 16 more to encode
        int frame = 80 + (asked.settings.containsValue("mp4") ? 50 : 0);
        assertThat(high - low).isGreaterThanOrEqualTo((long) FRAMES * frame);
    }

    /**
     * Prints the longest times between two looks, which is how long a cancel takes at worst: each the best of three.
     */
    public static void main(String[] args) throws Exception {
        CancelTest bench = new CancelTest();
        bench.folder = Path.of(args[0]);
        for (Case asked : all().toList()) {
            boolean large = "4".equals(asked.settings.get("scale"));
            Path photo = large ? bench.photo(asked, 2000, 1500) : bench.photo(asked, 4000, 3000);
            long best = Long.MAX_VALUE;
            for (int round : IntStream.range(0, 3).toArray()) {
                Render render = new Render(Long.MAX_VALUE, bench.folder, photo);
                plan(asked, "1920").run(render.bench);
                best = Math.min(best, render.sign.longestNanos());
                if (round == 2) {
                    System.out.printf("%6.1f ms  %s%n", best / 1e6, asked);
                }
            }
        }
    }
}
