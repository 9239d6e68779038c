package io.tollgate.java2d;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.color.ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PictureReaderTest {
    private static Picture read(byte[] file) throws IOException {
        return PictureReader.read(file, Java2dLimits.DEFAULT, new StopSign());
    }

    private static byte[] photo(String format) {
        return Photos.encoded(Photos.rgb(Photos.photo(120, 80)), format);
    }

    @ParameterizedTest
    @ValueSource(strings = {"jpeg", "png", "gif"})
    void read_commonFormat_givesThePicture(String format) throws IOException {
        Picture picture = read(photo(format));

        assertThat(picture.width()).isEqualTo(120);
        assertThat(picture.height()).isEqualTo(80);
        assertThat(picture.opaque()).isTrue();
    }

    @Test
    void read_png_givesExactPixels() throws IOException {
        Picture original = Photos.photo(120, 80);

        assertThat(read(Photos.encoded(Photos.rgb(original), "png")).pixels()).isEqualTo(original.pixels());
    }

    @ParameterizedTest
    @CsvSource({"jpeg, 0.3", "jpeg, 0.98", "png, 0.5", "png, 0.98", "gif, 0.5"})
    void read_cutOffFile_isRefusedInOneLine(String format, double kept) {
        byte[] file = photo(format);
        byte[] part = Arrays.copyOf(file, (int) (file.length * kept));

        assertThatThrownBy(() -> read(part))
                .isInstanceOf(BadPictureException.class)
                .message()
                .hasLineCount(1)
                .contains("cut off");
    }

    @Test
    void read_jpegWithLessThanItSays_isRefused() {
        byte[] file = photo("jpeg");
        for (int i = 0; i < file.length - 8; i++) {
            if ((file[i] & 255) == 0xff && (file[i + 1] & 255) == 0xc0) {
                file[i + 5] = 0x10; // 16 times as high
            }
        }

        assertThatThrownBy(() -> read(file)).isInstanceOf(BadPictureException.class);
    }

    @Test
    void read_pngBomb_isRefusedByItsHeader() {
        byte[] bomb = pngHeader(12_000, 12_000);

        assertThatThrownBy(() -> read(bomb))
                .isInstanceOf(BadPictureException.class)
                .hasMessageContaining("12000 x 12000")
                .hasMessageContaining("50 megapixels");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "hello", "<svg/>", "%PDF-1.7", "GIF89a", "RIFF1234WEBPVP8 "})
    void read_noPicture_isRefused(String text) {
        assertThatThrownBy(() -> read(text.getBytes(US_ASCII)))
                .isInstanceOf(BadPictureException.class)
                .message()
                .hasLineCount(1);
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void read_damagedFiles_eitherGivesAPictureOrRefuses(long seed) {
        Random random = new Random(seed);
        for (String format : new String[] {"jpeg", "png", "gif"}) {
            for (int round = 0; round < 60; round++) {
                byte[] file = photo(format);
                for (int i = 0; i < 1 + random.nextInt(8); i++) {
                    file[random.nextInt(Math.min(file.length, round % 2 == 0 ? 200 : file.length))] =
                            (byte) random.nextInt();
                }
                try {
                    assertThat(PictureReader.read(file, new Java2dLimits(1_000_000, 1, 1_000_000), new StopSign()))
                            .isNotNull();
                } catch (BadPictureException e) {
                    assertThat(e.getMessage()).isNotBlank();
                } catch (IOException | RuntimeException e) {
                    throw new AssertionError("seed " + seed + ", round " + round + ", " + format, e);
                }
            }
        }
    }

    @Test
    void read_withTheSignUp_stops() {
        StopSign stop = new StopSign();
        stop.raise();

        assertThatThrownBy(() -> PictureReader.read(photo("jpeg"), Java2dLimits.DEFAULT, stop))
                .isInstanceOf(StopSign.StoppedException.class);
    }

    @Test
    void read_grayPng_keepsItsShades() throws IOException {
        BufferedImage gray = new BufferedImage(4, 4, BufferedImage.TYPE_BYTE_GRAY);
        gray.getRaster().setSample(1, 1, 0, 100);

        assertThat(read(Photos.encoded(gray, "png")).pixels()[5]).isEqualTo(0xff646464);
    }

    @Test
    void read_sixteenBitGrayPng_keepsItsShades() throws IOException {
        BufferedImage gray = new BufferedImage(4, 4, BufferedImage.TYPE_USHORT_GRAY);
        gray.getRaster().setSample(1, 1, 0, 100 * 257);

        assertThat(read(Photos.encoded(gray, "png")).pixels()[5]).isEqualTo(0xff646464);
    }

    @Test
    void read_pngWithAlpha_keepsIt() throws IOException {
        BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_INT_ARGB);
        image.setRGB(0, 0, 0x80ff0000);
        image.setRGB(1, 0, 0xff00ff00);

        Picture picture = read(Photos.encoded(image, "png"));

        assertThat(picture.opaque()).isFalse();
        assertThat(picture.pixels()).containsExactly(0x80ff0000, 0xff00ff00);
    }

    @ParameterizedTest
    @CsvSource({"1,0", "2,1", "3,3", "4,2", "5,0", "6,1", "7,3", "8,2"})
    void upright_anyOrientation_movesTheFirstPixel(int orientation, int corner) throws IOException {
        Picture stored = new Picture(3, 2, new int[] {1, 2, 3, 4, 5, 6}, true);

        Picture upright = PictureReader.upright(stored, orientation, new StopSign());

        int[] corners = {0, upright.width() - 1, upright.width(), 2 * upright.width() - 1};
        int last = upright.width() * (upright.height() - 1);
        int at = corner < 2 ? corners[corner] : corner == 2 ? last : last + upright.width() - 1;
        assertThat(upright.pixels()[at]).isEqualTo(1);
        assertThat(upright.width()).isEqualTo(orientation < 5 ? 3 : 2);
        // its neighbor to the right is beside it, on the row or the column
        int second = at + (orientation < 5 ? (corner % 2 == 0 ? 1 : -1) : (corner < 2 ? 2 : -2));
        assertThat(upright.pixels()[second]).isEqualTo(2);
    }

    @Test
    void read_jpegWithExif_turnsIt() throws IOException {
        Picture picture = read(withExif(photo("jpeg"), 6));

        assertThat(picture.width()).isEqualTo(80);
        assertThat(picture.height()).isEqualTo(120);
    }

    @Test
    void read_cmykJpeg_isTurnedToColors() throws IOException {
        // what writers of four bands store without an Adobe segment: inks as they are
        BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_4BYTE_ABGR);
        WritableRaster raster = image.getRaster();
        for (int y = 0; y < 16; y++) {
            for (int x = 0; x < 16; x++) {
                raster.setPixel(x, y, new int[] {0, 255, 255, 0}); // magenta and yellow make red
            }
        }
        javax.imageio.ImageWriter writer =
                javax.imageio.ImageIO.getImageWritersByFormatName("jpeg").next();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (var stream = new javax.imageio.stream.MemoryCacheImageOutputStream(out)) {
            writer.setOutput(stream);
            writer.write(null, new javax.imageio.IIOImage(raster, null, null), null);
        } finally {
            writer.dispose();
        }

        int pixel = read(out.toByteArray()).pixels()[40];

        assertThat((pixel >> 16) & 255).isCloseTo(255, within(12));
        assertThat((pixel >> 8) & 255).isCloseTo(0, within(12));
        assertThat(pixel & 255).isCloseTo(0, within(12));
    }

    /** A picture of three shades, described by one more chunk. */
    private static byte[] described(int type, String chunk, byte[] data) {
        BufferedImage image = new BufferedImage(3, 1, type);
        image.getRaster()
                .setDataElements(
                        0,
                        0,
                        3,
                        1,
                        switch (type) {
                            case BufferedImage.TYPE_BYTE_GRAY -> new byte[] {0, 55, (byte) 255};
                            case BufferedImage.TYPE_USHORT_GRAY -> new short[] {0, 55 * 257, (short) 65535};
                            case BufferedImage.TYPE_INT_ARGB -> new int[] {0x80000000, 0x80373737, 0x80ffffff};
                            default -> new int[] {0, 0x373737, 0xffffff};
                        });
        return withChunk(Photos.encoded(image, "png"), chunk, data);
    }

    /** After the header, where all that describes colors belongs. */
    private static byte[] withChunk(byte[] png, String type, byte[] data) {
        byte[] name = type.getBytes(US_ASCII);
        CRC32 crc = new CRC32();
        crc.update(name);
        crc.update(data);
        ByteBuffer file = ByteBuffer.allocate(png.length + 12 + data.length);
        file.put(png, 0, 33).putInt(data.length).put(name).put(data).putInt((int) crc.getValue());
        return file.put(png, 33, png.length - 33).array();
    }

    private static byte[] iccp(int colorSpace) {
        Deflater deflater = new Deflater();
        deflater.setInput(ICC_Profile.getInstance(colorSpace).getData());
        deflater.finish();
        byte[] packed = new byte[1 << 16];
        int length = deflater.deflate(packed);
        deflater.end();
        return ByteBuffer.allocate(3 + length)
                .put((byte) 'p')
                .put((byte) 0)
                .put((byte) 0)
                .put(packed, 0, length)
                .array();
    }

    private static byte[] gama(int value) {
        return ByteBuffer.allocate(4).putInt(value).array();
    }

    private static int green(Picture picture, int x) {
        return (picture.pixels()[x] >> 8) & 255;
    }

    /** Of linear light, 55 of 255 is 128 in sRGB. */
    @ParameterizedTest
    @ValueSource(ints = {BufferedImage.TYPE_INT_RGB, BufferedImage.TYPE_INT_ARGB})
    void read_pngWithAProfile_isConvertedToSrgb(int type) throws IOException {
        Picture picture = read(described(type, "iCCP", iccp(ColorSpace.CS_LINEAR_RGB)));

        assertThat(green(picture, 0)).isLessThan(3);
        assertThat(green(picture, 1)).isCloseTo(128, within(2));
        assertThat(green(picture, 2)).isGreaterThan(252);
        assertThat(picture.pixels()[1] >>> 24).isEqualTo(type == BufferedImage.TYPE_INT_ARGB ? 0x80 : 255);
    }

    @ParameterizedTest
    @ValueSource(ints = {BufferedImage.TYPE_BYTE_GRAY, BufferedImage.TYPE_USHORT_GRAY})
    void read_grayPngWithAProfile_isConvertedToSrgb(int type) throws IOException {
        Picture picture = read(described(type, "iCCP", iccp(ColorSpace.CS_GRAY)));

        assertThat(green(picture, 1)).isCloseTo(128, within(2));
        assertThat(picture.pixels()[2]).isEqualTo(0xffffffff);
    }

    @Test
    void read_pngOfAPaletteWithAProfile_isConvertedToSrgb() throws IOException {
        byte[] shades = {0, 55, (byte) 255, 0};
        BufferedImage image = new BufferedImage(
                4, 1, BufferedImage.TYPE_BYTE_BINARY, new IndexColorModel(2, 4, shades, shades, shades, 3));
        image.getRaster().setPixels(0, 0, 4, 1, new int[] {0, 1, 2, 3});

        Picture picture = read(withChunk(Photos.encoded(image, "png"), "iCCP", iccp(ColorSpace.CS_LINEAR_RGB)));

        assertThat(green(picture, 1)).isCloseTo(128, within(2));
        assertThat(picture.pixels()[2]).isEqualTo(0xffffffff);
        assertThat(picture.pixels()[3] >>> 24).isZero();
    }

    @ParameterizedTest
    @CsvSource({"100000, 128", "45455, 55", "55556, 71", "0, 55"})
    void read_pngWithAGamma_isConvertedToSrgb(int gamma, int expected) throws IOException {
        Picture picture = read(described(BufferedImage.TYPE_INT_RGB, "gAMA", gama(gamma)));

        assertThat(green(picture, 0)).isZero();
        assertThat(green(picture, 1)).isCloseTo(expected, within(1));
        assertThat(green(picture, 2)).isEqualTo(255);
    }

    @Test
    void read_grayPngWithAGamma_isConvertedToSrgb() throws IOException {
        Picture picture = read(described(BufferedImage.TYPE_BYTE_GRAY, "gAMA", gama(100_000)));

        assertThat(picture.pixels()).containsExactly(0xff000000, 0xff808080, 0xffffffff);
    }

    @Test
    void read_pngThatSaysSrgb_ignoresItsGamma() throws IOException {
        byte[] file = withChunk(described(BufferedImage.TYPE_INT_RGB, "gAMA", gama(100_000)), "sRGB", new byte[] {0});

        assertThat(green(read(file), 1)).isEqualTo(55);
    }

    @Test
    void read_pngWithAnUnusableProfile_isTakenForSrgb() throws IOException {
        Picture picture = read(described(BufferedImage.TYPE_INT_RGB, "iCCP", new byte[] {'p', 0, 0, 1, 2, 3}));

        assertThat(green(picture, 1)).isEqualTo(55);
    }

    private static byte[] withExif(byte[] jpeg, int orientation) {
        byte[] exif = {
            (byte) 0xff,
            (byte) 0xe1,
            0,
            34,
            'E',
            'x',
            'i',
            'f',
            0,
            0,
            'M',
            'M',
            0,
            42,
            0,
            0,
            0,
            8,
            0,
            1,
            0x01,
            0x12,
            0,
            3,
            0,
            0,
            0,
            1,
            0,
            (byte) orientation,
            0,
            0,
            0,
            0,
            0,
            0
        };
        byte[] joined = new byte[jpeg.length + exif.length];
        System.arraycopy(jpeg, 0, joined, 0, 2);
        System.arraycopy(exif, 0, joined, 2, exif.length);
        System.arraycopy(jpeg, 2, joined, 2 + exif.length, jpeg.length - 2);
        return joined;
    }

    private static byte[] pngHeader(int width, int height) {
        byte[] small = Photos.png(8, 8);
        for (int i = 0; i < 4; i++) {
            small[16 + i] = (byte) (width >>> (24 - 8 * i));
            small[20 + i] = (byte) (height >>> (24 - 8 * i));
        }
        CRC32 crc = new CRC32();
        crc.update(small, 12, 17);
        for (int i = 0; i < 4; i++) {
            small[29 + i] = (byte) ((int) crc.getValue() >>> (24 - 8 * i));
        }
        return small;
    }
}
