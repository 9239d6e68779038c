package io.tollgate.java2d;

import io.tollgate.queue.media.MediaInspector;
import io.tollgate.queue.media.PixelSize;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Locale;
import java.util.Optional;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.FileImageInputStream;
import javax.imageio.stream.ImageInputStream;

/**
 * Reads the headers of pictures: one that can't be understood, or asks for more pixels than are ever decoded, is
 * refused. Of everything else it knows nothing. Safe for use by many threads.
 */
public final class PictureInspector implements MediaInspector {
    private final long maxPixels;

    public PictureInspector(Java2dLimits limits) {
        this.maxPixels = limits.maxInputPixels();
    }

    /** What is to be found out from a header. */
    @FunctionalInterface
    private interface Question<T> {
        Optional<T> ask(ImageReader reader, ImageInputStream input);
    }

    @Override
    public Optional<String> problem(Path file, String contentType) throws IOException {
        return ask(file, contentType, this::problem);
    }

    @Override
    public Optional<PixelSize> pixels(Path file, String contentType) throws IOException {
        return ask(file, contentType, PictureInspector::pixels);
    }

    private static <T> Optional<T> ask(Path file, String contentType, Question<T> question) throws IOException {
        if (!contentType.startsWith("image/")) {
            return Optional.empty();
        }
        try (ImageInputStream input = new FileImageInputStream(file.toFile())) {
            Iterator<ImageReader> readers = ImageIO.getImageReadersByMIMEType(contentType);
            if (!readers.hasNext()) {
                return Optional.empty(); // the renderer will say
            }
            ImageReader reader = readers.next();
            try {
                return question.ask(reader, input);
            } finally {
                reader.dispose();
            }
        }
    }

    private static Optional<PixelSize> pixels(ImageReader reader, ImageInputStream input) {
        try {
            reader.setInput(input, true, true);
            return Optional.of(new PixelSize(reader.getWidth(0), reader.getHeight(0)));
        } catch (IOException | RuntimeException e) { // readers throw all kinds of things at a broken header
            return Optional.empty();
        }
    }

    private Optional<String> problem(ImageReader reader, ImageInputStream input) {
        try {
            reader.setInput(input, true, true);
            long width = reader.getWidth(0);
            long height = reader.getHeight(0);
            return width * height <= maxPixels
                    ? Optional.empty()
                    : Optional.of(String.format(
                            Locale.ROOT,
                            "has %d x %d pixels, %.0f megapixels; at most %d are taken",
                            width,
                            height,
                            width * height / 1e6,
                            maxPixels / 1_000_000));
        } catch (IOException | RuntimeException e) { // readers throw all kinds of things at a broken header
            String why = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            return Optional.of("is not a sound picture: " + why);
        }
    }
}
