package io.tollgate.queue.media;

/** A user would have more bytes stored than are allowed. Nothing was kept. */
public final class QuotaExceededException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final long allowedBytes;
    private final long usedBytes;
    private final long neededBytes;

    public QuotaExceededException(long allowedBytes, long usedBytes, long neededBytes) {
        super("the file has " + neededBytes + " bytes; " + usedBytes + " of " + allowedBytes
                + " that a user may store are used");
        this.allowedBytes = allowedBytes;
        this.usedBytes = usedBytes;
        this.neededBytes = neededBytes;
    }

    /** How much a user may store. */
    public long allowedBytes() {
        return allowedBytes;
    }

    /** How much this one has, outputs included; it may be more than is allowed. */
    public long usedBytes() {
        return usedBytes;
    }

    /** How much more was asked for. */
    public long neededBytes() {
        return neededBytes;
    }
}
