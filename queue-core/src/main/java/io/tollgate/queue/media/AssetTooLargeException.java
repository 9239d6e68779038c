package io.tollgate.queue.media;

/** A file is larger than its store takes. Nothing was kept. */
public final class AssetTooLargeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final long maxBytes;

    public AssetTooLargeException(long maxBytes) {
        super("the file has more than " + maxBytes + " bytes");
        this.maxBytes = maxBytes;
    }

    /** The longest that would have been taken. */
    public long maxBytes() {
        return maxBytes;
    }
}
