package io.tollgate.queue.media;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class FileNamesTest {
    @ParameterizedTest(name = "{1}")
    @MethodSource("names")
    void safe_anyName_isOnlyAName(String name, String safe) {
        assertThat(FileNames.safe(name)).isEqualTo(safe);
    }

    static Stream<Arguments> names() {
        return Stream.of(
                Arguments.of("photo.png", "photo.png"),
                Arguments.of("Stra\u00DFe 1 (copy).JPG", "Stra\u00DFe 1 (copy).JPG"),
                Arguments.of("\u5199\u771F.png", "\u5199\u771F.png"),
                Arguments.of("../../etc/passwd", "passwd"),
                Arguments.of("C:\\Users\\me\\photo.png", "photo.png"),
                Arguments.of("/", "file"),
                Arguments.of("", "file"),
                Arguments.of("..", "file"),
                Arguments.of(" . ", "file"),
                Arguments.of(".htaccess", "htaccess"),
                Arguments.of("a\u0000b\r\nc\u001B.png", "abc.png"),
                Arguments.of("gnp.\u202Ephoto.exe", "gnp.photo.exe"),
                Arguments.of("a\"b<c>|d?.png", "a_b_c__d_.png"),
                Arguments.of("\uD83D.png", "png"),
                Arguments.of("e\u0301.png", "\u00E9.png"),
                Arguments.of("e\u200D\u0301.png", "\u00E9.png"),
                Arguments.of("a".repeat(300) + ".png", "a".repeat(116) + ".png"),
                Arguments.of("a".repeat(300), "a".repeat(120)),
                Arguments.of("\uD83D\uDE42".repeat(300) + ".png", "\uD83D\uDE42".repeat(116) + ".png"));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void safe_anything_isHarmlessAndStays(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 2000; round++) {
            StringBuilder name = new StringBuilder();
            for (int i = random.nextInt(200); i > 0; i--) {
                name.append((char) (random.nextInt(3) == 0 ? random.nextInt(128) : random.nextInt(0x10000)));
            }

            String safe = FileNames.safe(name.toString());

            assertThat(FileNames.isHarmless(safe)).as(safe).isTrue();
            assertThat(FileNames.safe(safe)).isEqualTo(safe);
        }
    }

    static LongStream seeds() {
        return LongStream.concat(LongStream.of(1, 2), new Random().longs(2));
    }
}
