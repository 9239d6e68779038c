package io.tollgate.queue.media;

/**
 * How large a picture or film is, in pixels as they are stored.
 *
 * @param width at least 1
 * @param height at least 1
 */
public record PixelSize(int width, int height) {
    public PixelSize {
        if (width < 1 || height < 1) {
            throw new IllegalArgumentException("a picture has pixels, not " + width + " x " + height);
        }
    }
}
