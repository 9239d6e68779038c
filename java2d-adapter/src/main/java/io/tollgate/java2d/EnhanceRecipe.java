package io.tollgate.java2d;

import io.tollgate.queue.job.AssetId;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Locale;

/**
 * Makes a photo clearer: takes out grain, sets the contrast, enlarges and sharpens, in one pass over its rows. Inputs:
 * {@code image}; {@code scale} 1 to 4, 1; {@code denoise} 0 to 1, 0.2; {@code sharpen} 0 to 1, 0.4;
 * {@code auto_contrast}, true; {@code format} auto, png or jpeg, auto: as opaque JPEG pictures came, PNG otherwise.
 */
final class EnhanceRecipe implements Recipe {
    private static final int STRIP = 64;
    private static final int WHITE = 0xffffff;

    @Override
    public String name() {
        return "image-enhance";
    }

    @Override
    public Render plan(Parameters parameters) throws Refusal {
        AssetId image = parameters.asset("image");
        int scale = parameters.whole("scale", 1, 1, 4);
        double denoise = parameters.decimal("denoise", 0.2, 0, 1);
        double sharpen = parameters.decimal("sharpen", 0.4, 0, 1);
        boolean contrast = parameters.flag("auto_contrast", true);
        String format = parameters.choice("format", "auto", List.of("auto", "png", "jpeg"));
        return bench -> {
            Workbench.Input input = bench.input(image);
            checkResult(input.header(), scale, bench.limits());
            Picture source = input.decode();
            boolean jpeg = format.equals("jpeg")
                    || (format.equals("auto") && input.header().format() == PictureFormat.JPEG && source.opaque());
            if (jpeg) {
                source = source.flatten(WHITE, bench.stop());
            }
            Rows rows = source.rows();
            if (denoise > 0) {
                rows = new DenoiseRows(rows, denoise);
            }
            if (contrast) {
                rows = new ToneRows(rows, source, bench.stop());
            }
            if (scale > 1) {
                rows = new ScaleRows(rows, source.width() * scale, source.height() * scale);
            }
            if (sharpen > 0) {
                rows = new SharpenRows(rows, sharpen, scale);
            }
            write(bench, rows, jpeg);
        };
    }

    private void write(Workbench bench, Rows rows, boolean jpeg) throws IOException {
        int strips = (rows.height() + STRIP - 1) / STRIP;
        bench.expect(strips + 1);
        bench.step("enhance");
        PngWriter.Watcher watcher = y -> {
            bench.stop().check();
            if (y % STRIP == STRIP - 1 || y == rows.height() - 1) {
                bench.step("enhance");
            }
        };
        String type = jpeg ? "image/jpeg" : "image/png";
        try (OutputStream out = bench.create(name() + (jpeg ? ".jpg" : ".png"), type)) {
            if (jpeg) {
                JpegWriter.write(rows, out, bench.stop(), watcher);
            } else {
                PngWriter.write(rows, out, watcher);
            }
        }
    }

    private static void checkResult(PictureHeader header, int scale, Java2dLimits limits) throws BadPictureException {
        long pixels = header.pixels() * scale * scale;
        if (pixels > limits.maxResultPixels()) {
            throw new BadPictureException(String.format(
                    Locale.ROOT,
                    "%d x %d pixels scaled by %d would be %.1f megapixels; at most %s are made",
                    header.width(),
                    header.height(),
                    scale,
                    pixels / 1e6,
                    PictureReader.megapixels(limits.maxResultPixels())));
        }
    }
}
