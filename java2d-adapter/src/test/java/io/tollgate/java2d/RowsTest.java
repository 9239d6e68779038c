package io.tollgate.java2d;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RowsTest {
    private final StopSign stop = new StopSign();

    private static Picture flat(int rgb) {
        Picture picture = Picture.empty(40, 30);
        Arrays.fill(picture.pixels(), Picture.OPAQUE | rgb);
        return picture;
    }

    private static Picture edge() {
        Picture picture = Picture.empty(40, 30);
        for (int i = 0; i < picture.pixels().length; i++) {
            picture.pixels()[i] = i % 40 < 20 ? 0xff404040 : 0xffc0c0c0;
        }
        return picture;
    }

    private static double spread(Picture picture) {
        double sum = 0;
        double squares = 0;
        int count = 0;
        for (int y = 2; y < 20; y++) {
            for (int x = 2; x < 20; x++) {
                double luma = Srgb.luma(picture.pixels()[y * picture.width() + x]);
                sum += luma;
                squares += luma * luma;
                count++;
            }
        }
        return Math.sqrt(squares / count - (sum / count) * (sum / count));
    }

    @ParameterizedTest
    @ValueSource(ints = {13, 40, 97, 160})
    void scale_flatColor_keepsItExactly(int width) throws IOException {
        Picture scaled = Picture.of(new ScaleRows(flat(0x3c78b4).rows(), width, 25), stop);

        assertThat(scaled.pixels()).containsOnly(0xff3c78b4);
    }

    @Test
    void scale_edgeUp_hasNoHalo() throws IOException {
        Picture scaled = Picture.of(new ScaleRows(edge().rows(), 160, 120), stop);

        for (int pixel : scaled.pixels()) {
            assertThat(pixel & 255).isBetween(0x40 - 12, 0xc0 + 4);
        }
    }

    @Test
    void scale_transparentNeighbors_dontBleed() throws IOException {
        Picture picture = new Picture(2, 1, new int[] {0xffff0000, 0x0000ff00}, false);

        Picture scaled = Picture.of(new ScaleRows(picture.rows(), 8, 4), stop);

        for (int pixel : scaled.pixels()) {
            assertThat((pixel >> 8) & 255).isLessThan(10);
        }
    }

    @Test
    void denoise_grain_goesAndEdgesStay() throws IOException {
        Picture grainy = Photos.photo(40, 30);
        double before = spread(grainy);

        Picture calm = Picture.of(new DenoiseRows(grainy.rows(), 0.6), stop);
        Picture sharp = Picture.of(new DenoiseRows(edge().rows(), 0.6), stop);

        assertThat(spread(calm)).isLessThan(before);
        assertThat(sharp.pixels()[10 * 40 + 19] & 255).isCloseTo(0x40, within(3));
        assertThat(sharp.pixels()[10 * 40 + 20] & 255).isCloseTo(0xc0, within(3));
    }

    @Test
    void sharpen_edge_staysNearItsNeighbors() throws IOException {
        Picture sharp = Picture.of(new SharpenRows(edge().rows(), 1, 1), stop);

        for (int pixel : sharp.pixels()) {
            assertThat(pixel & 255).isBetween(0x40 - 6, 0xc0 + 6);
        }
    }

    @Test
    void tone_flatGrayPicture_getsMoreContrastAndNoCast() throws IOException {
        Picture dull = Picture.empty(40, 30);
        for (int i = 0; i < dull.pixels().length; i++) {
            int gray = 90 + i % 40;
            dull.pixels()[i] = Picture.OPAQUE | (gray << 16) | (gray << 8) | gray;
        }

        Picture toned = Picture.of(new ToneRows(dull.rows(), dull, stop), stop);

        assertThat(spread(toned)).isGreaterThan(spread(dull) * 1.2);
        for (int pixel : toned.pixels()) {
            assertThat((pixel >> 16) & 255).isEqualTo(pixel & 255).isEqualTo((pixel >> 8) & 255);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void png_writtenAndReadByOthers_isTheSame(boolean opaque) throws IOException {
        Picture photo = Photos.photo(333, 257);
        if (!opaque) {
            photo.pixels()[77] = 0x40112233;
        }
        Picture picture = new Picture(333, 257, photo.pixels(), opaque);
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        PngWriter.write(picture.rows(), out, y -> {});

        var read = ImageIO.read(new ByteArrayInputStream(out.toByteArray()));
        assertThat(read.getRGB(0, 0, 333, 257, null, 0, 333)).isEqualTo(picture.pixels());
    }
}
