package io.tollgate.queue.media;

import io.tollgate.queue.job.ContentHash;

/** The bytes that came are not those that were announced. Nothing was kept. */
public final class HashMismatchException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String expected;
    private final String actual;

    public HashMismatchException(ContentHash expected, ContentHash actual) {
        super("the file was to be " + expected + ", but is " + actual);
        this.expected = expected.toString();
        this.actual = actual.toString();
    }

    /** What was announced. */
    public ContentHash expected() {
        return ContentHash.parse(expected);
    }

    /** What came. */
    public ContentHash actual() {
        return ContentHash.parse(actual);
    }
}
