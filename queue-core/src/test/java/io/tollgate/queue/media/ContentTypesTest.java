package io.tollgate.queue.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class ContentTypesTest {
    @ParameterizedTest(name = "{0}: {2}")
    @CsvSource({
        "image/jpeg, .jpg, FFD8FFE000104A464946",
        "image/png, .png, 89504E470D0A1A0A0000000D49484452",
        "image/webp, .webp, 524946461A00000057454250565038",
        "image/gif, .gif, 474946383961",
        "image/gif, .gif, 474946383761",
        "video/mp4, .mp4, 0000001C6674797069736F6D00000200",
        "video/mp4, .mp4, 000000206674797061766331",
        "video/webm, .webm, 1A45DFA39F4286810142F7810142F2810442F381084282847765626D",
        "audio/wav, .wav, 524946462400000057415645666D7420",
        "audio/mpeg, .mp3, 494433040000",
        "audio/mpeg, .mp3, FFFB9064",
        "audio/ogg, .ogg, 4F67675300020000000000000000000000000000000000000000011E01766F72626973",
        "audio/ogg, .ogg, 4F676753000200000000000000000000000000000000000000000113 4F70757348656164",
        "application/octet-stream, .bin, 4F67675300020000000000000000000000000000000000000000012A807468656F7261",
        "application/octet-stream, .bin, 1A45DFA3A34286810142F7810142F2810442F3810842828 86D6174726F736B61",
        "application/octet-stream, .bin, 00000018667479706865696300000000",
        "application/octet-stream, .bin, 0000001C6674797061766966",
        "application/octet-stream, .bin, 52494646240000004156492000",
        "application/octet-stream, .bin, 3C68746D6C3E",
        "application/octet-stream, .bin, FFFE480069",
        "application/octet-stream, .bin, FFD8",
        "application/octet-stream, .bin, 89504E47",
        "application/octet-stream, .bin, 0000001C66747970",
        "application/octet-stream, .bin, ''",
    })
    void sniff_headOfAFile_isItsType(String type, String extension, String hex) {
        byte[] head = HexFormat.of().parseHex(hex.replace(" ", ""));

        assertThat(ContentTypes.sniff(head)).isEqualTo(type);
        assertThat(ContentTypes.extension(type)).isEqualTo(extension);
    }

    @Test
    void sniff_stream_takesNothing() throws IOException {
        byte[] bytes = Arrays.copyOf(HexFormat.of().parseHex("FFD8FFE0"), 1000);
        InputStream stream = new ByteArrayInputStream(bytes);

        assertThat(ContentTypes.sniff(stream)).isEqualTo("image/jpeg");

        assertThat(stream.readAllBytes()).isEqualTo(bytes);
    }

    @Test
    void sniff_streamWithoutMark_isRefused() {
        InputStream stream = new InputStream() {
            @Override
            public int read() {
                return -1;
            }
        };

        assertThatThrownBy(() -> ContentTypes.sniff(stream)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void sniff_anyBytes_neverThrows(long seed) {
        Random random = new Random(seed);
        byte[][] starts = {
            {},
            {'R', 'I', 'F', 'F'},
            {'O', 'g', 'g', 'S'},
            {0, 0, 0, 0, 'f', 't', 'y', 'p'},
            {0x1A, 0x45, (byte) 0xDF, (byte) 0xA3},
            {(byte) 0xFF}
        };
        for (int round = 0; round < 2000; round++) {
            byte[] start = starts[random.nextInt(starts.length)];
            byte[] head = new byte[random.nextInt(80)];
            random.nextBytes(head);
            System.arraycopy(start, 0, head, 0, Math.min(start.length, head.length));

            assertThat(ContentTypes.sniff(head)).contains("/");
        }
    }

    static LongStream seeds() {
        return LongStream.concat(LongStream.of(1, 2), new Random().longs(2));
    }
}
