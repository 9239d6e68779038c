package io.tollgate.java2d;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.color.ColorSpace;
import java.awt.color.ICC_Profile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class WebpTest {
    private static final int EXTENDED = 12; // where the first chunk begins
    private static final int CANVAS = 24; // a VP8X chunk's width less one, 3 bytes, then its height
    private static final int ICC_FLAG = 0x20;

    private static Picture read(byte[] file) throws IOException {
        return PictureReader.read(file, Java2dLimits.DEFAULT, new StopSign());
    }

    static byte[] resource(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(WebpTest.class.getResourceAsStream(name), name)) {
            return in.readAllBytes();
        }
    }

    @Test
    void read_lossless_givesExactPixels() throws IOException {
        Picture picture = read(resource("lossless.webp"));

        assertThat(picture.pixels()).isEqualTo(Photos.photo(48, 32).pixels());
        assertThat(picture.opaque()).isTrue();
    }

    @Test
    void read_lossy_givesThePhoto() throws IOException {
        Picture picture = read(resource("lossy.webp"));

        assertThat(picture.width()).isEqualTo(48);
        assertThat(picture.height()).isEqualTo(32);
        assertThat(meanError(picture, Photos.photo(48, 32))).isLessThan(6);
    }

    @Test
    void read_lossyWithAlpha_keepsBoth() throws IOException {
        Picture picture = read(resource("alpha.webp"));

        assertThat(picture.opaque()).isFalse();
        assertThat(picture.pixels()[4] >>> 24).isZero();
        assertThat(picture.pixels()[12] >>> 24).isEqualTo(0x80);
        int opaque = picture.pixels()[20];
        assertThat(opaque >>> 24).isEqualTo(255);
        assertThat((opaque >> 16) & 255).isCloseTo(255, within(20));
        assertThat(opaque & 255).isCloseTo(0, within(20));
    }

    @Test
    void read_rotatedByExif_isUpright() throws IOException {
        Picture picture = read(resource("rotated.webp"));

        // stored as red, green over blue, yellow; a quarter turn to the right brings blue up
        assertThat(picture.width()).isEqualTo(16);
        assertThat(picture.height()).isEqualTo(24);
        assertThat(new int[] {
                    picture.pixels()[0], picture.pixels()[15], picture.pixels()[23 * 16], picture.pixels()[23 * 16 + 15]
                })
                .containsExactly(0xff0000ff, 0xffff0000, 0xffffff00, 0xff00ff00);
    }

    @Test
    void read_animated_givesItsFirstFrame() throws IOException {
        Picture picture = read(resource("animated.webp"));

        assertThat(picture.width()).isEqualTo(24);
        assertThat(picture.pixels()[0]).isEqualTo(0xffff0000);
        assertThat(picture.pixels()[23]).isEqualTo(0xff00ff00);
    }

    /** The profile says that samples are linear light, so that a middle gray is bright. */
    @Test
    void read_withAProfile_isConvertedToSrgb() throws IOException {
        byte[] profile = ICC_Profile.getInstance(ColorSpace.CS_LINEAR_RGB).getData();
        Picture plain = read(resource("lossless.webp"));

        Picture picture = read(extended(48, 32, ICC_FLAG, "ICCP", profile, resource("lossless.webp")));

        int pixel = plain.pixels()[0];
        int converted = picture.pixels()[0];
        for (int shift = 16; shift >= 0; shift -= 8) {
            int expected = Srgb.encoded(((pixel >> shift) & 255) / 255f);
            assertThat((converted >> shift) & 255).isCloseTo(expected, within(2));
        }
    }

    @ParameterizedTest
    @CsvSource({"lossy.webp, 0.5", "lossy.webp, 0.97", "lossless.webp, 0.5", "lossless.webp, 0.98", "alpha.webp, 0.8"})
    void read_cutOff_isRefusedInOneLine(String name, double kept) throws IOException {
        byte[] file = resource(name);
        byte[] part = Arrays.copyOf(file, (int) (file.length * kept));

        assertRefused(part, "cut off");
    }

    /** Cut off, but with lengths that agree: only the decoder can tell. */
    @ParameterizedTest
    @ValueSource(strings = {"lossy.webp", "lossless.webp"})
    void read_lessDataThanPixels_isRefused(String name) throws IOException {
        byte[] file = resource(name);
        byte[] part = Arrays.copyOf(file, EXTENDED + 8 + (file.length - EXTENDED - 8) / 4 * 2);
        little(part, 4, part.length - 8);
        little(part, EXTENDED + 4, part.length - EXTENDED - 8);

        assertRefused(part, "cut off");
    }

    @Test
    void read_canvasSmallerThanThePicture_isNotBelieved() throws IOException {
        byte[] file = extended(8, 8, 0, "", new byte[0], resource("lossless.webp"));
        Java2dLimits limits = new Java2dLimits(48 * 32 - 1, 100, 1_000_000);

        assertThatThrownBy(() -> PictureReader.read(file, limits, new StopSign()))
                .isInstanceOf(BadPictureException.class)
                .hasMessageContaining("48 x 32");
    }

    @Test
    void read_bombByCanvas_isRefusedByItsHeader() throws IOException {
        byte[] file = resource("rotated.webp");
        Arrays.fill(file, CANVAS, CANVAS + 6, (byte) 0x3f);

        assertRefused(file, "at most 50 megapixels");
    }

    @Test
    void read_bombByLossyFrame_isRefusedByItsHeader() throws IOException {
        byte[] file = resource("lossy.webp");
        file[26] = (byte) 0xff;
        file[27] = 0x3f;
        file[28] = (byte) 0xff;
        file[29] = 0x3f;

        assertRefused(file, "16383 x 16383");
    }

    @Test
    void read_bombByLosslessFrame_isRefusedByItsHeader() throws IOException {
        byte[] file = resource("lossless.webp");
        Arrays.fill(file, 21, 24, (byte) 0xff);
        file[24] |= 0x0f;

        assertRefused(file, "16384 x 16384");
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void read_damaged_eitherGivesAPictureOrRefuses(long seed) throws IOException {
        Random random = new Random(seed);
        for (String name :
                new String[] {"lossy.webp", "lossless.webp", "alpha.webp", "rotated.webp", "animated.webp"}) {
            for (int round = 0; round < 60; round++) {
                byte[] file = resource(name);
                for (int i = 0; i < 1 + random.nextInt(8); i++) {
                    file[random.nextInt(Math.min(file.length, round % 2 == 0 ? 60 : file.length))] =
                            (byte) random.nextInt();
                }
                try {
                    assertThat(PictureReader.read(file, new Java2dLimits(1_000_000, 1, 1_000_000), new StopSign()))
                            .isNotNull();
                } catch (BadPictureException e) {
                    assertThat(e.getMessage()).isNotBlank();
                } catch (IOException | RuntimeException e) {
                    throw new AssertionError("seed " + seed + ", round " + round + ", " + name, e);
                }
            }
        }
    }

    private static void assertRefused(byte[] file, String why) {
        assertThatThrownBy(() -> read(file))
                .isInstanceOf(BadPictureException.class)
                .message()
                .hasLineCount(1)
                .contains(why);
    }

    private static double meanError(Picture a, Picture b) {
        long sum = 0;
        for (int i = 0; i < a.pixels().length; i++) {
            for (int shift = 16; shift >= 0; shift -= 8) {
                sum += Math.abs(((a.pixels()[i] >> shift) & 255) - ((b.pixels()[i] >> shift) & 255));
            }
        }
        return sum / 3.0 / a.pixels().length;
    }

    /** The picture of a simple file in an extended one with one more chunk. RFC 9649, section 2.7. */
    private static byte[] extended(int width, int height, int flags, String type, byte[] data, byte[] simple) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] canvas = new byte[10];
        canvas[0] = (byte) flags;
        canvas[4] = (byte) (width - 1);
        canvas[7] = (byte) (height - 1);
        chunk(out, "VP8X", canvas);
        if (!type.isEmpty()) {
            chunk(out, type, data);
        }
        out.write(simple, EXTENDED, simple.length - EXTENDED);
        byte[] chunks = out.toByteArray();
        byte[] file = Arrays.copyOf("RIFF0000WEBP".getBytes(US_ASCII), EXTENDED + chunks.length);
        System.arraycopy(chunks, 0, file, EXTENDED, chunks.length);
        little(file, 4, file.length - 8);
        return file;
    }

    private static void chunk(ByteArrayOutputStream out, String type, byte[] data) {
        byte[] length = new byte[4];
        little(length, 0, data.length);
        out.writeBytes(type.getBytes(US_ASCII));
        out.writeBytes(length);
        out.writeBytes(data);
        if (data.length % 2 == 1) {
            out.write(0);
        }
    }

    private static void little(byte[] into, int at, int value) {
        for (int i = 0; i < 4; i++) {
            into[at + i] = (byte) (value >> (8 * i));
        }
    }
}
