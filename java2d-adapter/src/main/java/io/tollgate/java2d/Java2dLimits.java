package io.tollgate.java2d;

/**
 * How much the renderer takes on. One slot needs at most about 12 bytes of heap for each input pixel while it decodes,
 * and 4 for each input pixel plus 4 for each result pixel afterwards: with the default limits 600 MB for the largest
 * picture of 16 bits a channel, 350 MB for the largest common JPEG, and 70 MB for a photo of 8 megapixels.
 *
 * @param maxInputPixels the largest picture that is decoded, in pixels, at least 1
 * @param maxResultPixels the largest picture that is made, in pixels, at least 1
 * @param maxInputBytes the longest file that is read, in bytes, at least 1
 */
public record Java2dLimits(long maxInputPixels, long maxResultPixels, long maxInputBytes) {
    /** 50 megapixels in, 64 out, from files of 100 MB. */
    public static final Java2dLimits DEFAULT = new Java2dLimits(50_000_000, 64_000_000, 100_000_000);

    /** An array holds no more. */
    private static final long MOST_PIXELS = 500_000_000;

    public Java2dLimits {
        if (maxInputPixels < 1 || maxInputPixels > MOST_PIXELS) {
            throw new IllegalArgumentException("maxInputPixels must be 1 to " + MOST_PIXELS + ": " + maxInputPixels);
        }
        if (maxResultPixels < 1 || maxResultPixels > MOST_PIXELS) {
            throw new IllegalArgumentException("maxResultPixels must be 1 to " + MOST_PIXELS + ": " + maxResultPixels);
        }
        if (maxInputBytes < 1) {
            throw new IllegalArgumentException("maxInputBytes must be at least 1: " + maxInputBytes);
        }
    }
}
