package io.tollgate.java2d;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.queue.delivery.MediaProcessor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ProcessorsTest {
    private final WatermarkProcessor watermark =
            new WatermarkProcessor(WatermarkProcessor.DEFAULT_TEXT, Java2dLimits.DEFAULT);
    private final ThumbnailProcessor thumbnail = new ThumbnailProcessor(64, Java2dLimits.DEFAULT);

    @TempDir
    private Path folder;

    private static byte[] process(MediaProcessor processor, byte[] file, String type, String expected)
            throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertThat(processor.process(new ByteArrayInputStream(file), type, out)).isEqualTo(expected);
        return out.toByteArray();
    }

    private static Picture read(byte[] file) throws IOException {
        return PictureReader.read(file, Java2dLimits.DEFAULT, new StopSign());
    }

    @ParameterizedTest
    @CsvSource({"0x000000", "0xffffff", "0x808080"})
    void watermark_onAnyBackground_canBeSeenInTheCornerOnly(String color) throws IOException {
        Picture plain = Picture.empty(640, 480);
        Arrays.fill(plain.pixels(), Picture.OPAQUE | Integer.decode(color));

        Picture marked = read(process(watermark, Photos.encoded(Photos.rgb(plain), "png"), "image/png", "image/png"));

        int least = 255;
        int most = 0;
        for (int y = 0; y < 480; y++) {
            for (int x = 0; x < 640; x++) {
                int gray = marked.pixels()[y * 640 + x] & 255;
                if (y > 400 && x > 250) {
                    least = Math.min(least, gray);
                    most = Math.max(most, gray);
                } else {
                    assertThat(gray).isEqualTo(Integer.decode(color) & 255);
                }
            }
        }
        assertThat(most - least).isGreaterThan(70);
    }

    @ParameterizedTest
    @CsvSource({"1,1", "30,5", "5,300", "2000,16"})
    void watermark_onOddShapes_keepsTheSize(int width, int height) throws IOException {
        Picture marked = read(process(watermark, Photos.jpeg(width, height), "image/jpeg", "image/jpeg"));

        assertThat(marked.width()).isEqualTo(width);
        assertThat(marked.height()).isEqualTo(height);
    }

    @Test
    void watermark_onAnimation_marksEachFrame() throws IOException {
        byte[] marked = process(watermark, animation(), "image/gif", "image/gif");

        ImageReader reader = ImageIO.getImageReadersByFormatName("gif").next();
        try (var in = ImageIO.createImageInputStream(new ByteArrayInputStream(marked))) {
            reader.setInput(in);
            assertThat(reader.getNumImages(true)).isEqualTo(3);
            for (int i = 0; i < 3; i++) {
                var frame = reader.read(i);
                int brightest = 0;
                for (int y = 150; y < 200; y++) {
                    for (int x = 100; x < 300; x++) {
                        brightest = Math.max(brightest, frame.getRGB(x, y) & 255);
                    }
                }
                assertThat(brightest).isGreaterThan(180);
                assertThat(frame.getRGB(20, 20) & 255).isEqualTo(40 * i);
            }
        } finally {
            reader.dispose();
        }
    }

    private static byte[] animation() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GifWriter writer = new GifWriter(out, 300, 200, new int[] {0, 0x282828, 0x505050})) {
            for (int i = 0; i < 3; i++) {
                byte[] frame = new byte[300 * 200];
                Arrays.fill(frame, (byte) i);
                writer.add(frame, new int[0], -1, 10);
            }
        }
        return out.toByteArray();
    }

    @Test
    void gif_ofNoise_isReadBackExactly() throws IOException {
        byte[] frame = new byte[320 * 200];
        new java.util.Random(3).nextBytes(frame);
        int[] grays = new int[256];
        Arrays.setAll(grays, i -> (i << 16) | (i << 8) | i);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GifWriter writer = new GifWriter(out, 320, 200, grays)) {
            writer.add(frame, new int[0], -1, 5);
        }

        var image = ImageIO.read(new ByteArrayInputStream(out.toByteArray()));

        for (int i = 0; i < frame.length; i++) {
            assertThat(image.getRGB(i % 320, i / 320) & 255).isEqualTo(frame[i] & 255);
        }
    }

    @Test
    void watermark_ofOurFilm_marksEveryFrameAndKeepsTheRest() throws IOException {
        Path film = folder.resolve("marked.mp4");
        Picture gray = Picture.empty(320, 240);
        Arrays.fill(gray.pixels(), 0xff404040);
        try (Mp4Writer writer = new Mp4Writer(film, 320, 240, 10, new StopSign())) {
            for (int i = 0; i < 3; i++) {
                writer.add(gray.pixels());
            }
            writer.finish();
        }

        byte[] marked = process(watermark, Files.readAllBytes(film), "video/mp4", "video/mp4");

        Mp4Reader reader = new Mp4Reader(marked, Java2dLimits.DEFAULT);
        assertThat(reader.fps()).isEqualTo(10);
        int frames = 0;
        for (Picture frame = reader.next(); frame != null; frame = reader.next()) {
            int brightest = 0;
            for (int y = 190; y < 240; y++) {
                for (int x = 120; x < 320; x++) {
                    brightest = Math.max(brightest, frame.pixels()[y * 320 + x] & 255);
                }
            }
            assertThat(brightest).as("frame %d, the corner", frames).isGreaterThan(0x80);
            assertThat(frame.pixels()[40 * 320 + 40] & 255).isBetween(0x40 - 4, 0x40 + 4);
            frames++;
        }
        assertThat(frames).isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource({"300,200,64,43", "200,300,43,64", "40,30,40,30", "1000,2,64,1"})
    void thumbnail_ofPicture_fits(int width, int height, int newWidth, int newHeight) throws IOException {
        Picture small = read(process(thumbnail, Photos.jpeg(width, height), "image/jpeg", "image/jpeg"));

        assertThat(List.of(small.width(), small.height())).containsExactly(newWidth, newHeight);
    }

    @Test
    void thumbnail_ofOurFilm_showsItsFirstFrame() throws IOException {
        Path film = folder.resolve("film.mp4");
        Picture red = Picture.empty(160, 122);
        Arrays.fill(red.pixels(), 0xffc83c28);
        try (Mp4Writer writer = new Mp4Writer(film, 160, 122, 10, new StopSign())) {
            writer.add(red.pixels());
            writer.add(red.pixels());
            writer.finish();
        }

        Picture small = read(process(thumbnail, Files.readAllBytes(film), "video/mp4", "image/jpeg"));

        assertThat(List.of(small.width(), small.height())).containsExactly(64, 49);
        int pixel = small.pixels()[20 * 64 + 30];
        assertThat((pixel >> 16) & 255).isBetween(0xc8 - 6, 0xc8 + 6);
        assertThat((pixel >> 8) & 255).isBetween(0x3c - 6, 0x3c + 6);
        assertThat(pixel & 255).isBetween(0x28 - 6, 0x28 + 6);
    }

    @Test
    void process_garbage_isRefused() {
        byte[] garbage = new byte[1000];

        assertThatThrownBy(() -> process(watermark, garbage, "image/png", "image/png"))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> process(thumbnail, garbage, "video/mp4", "image/png"))
                .isInstanceOf(IOException.class);
    }
}
