package io.tollgate.queue.media;

/** A file can't be an input. The message is the end of a sentence that starts with its name. Nothing was kept. */
public final class UnfitFileException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UnfitFileException(String problem) {
        super(problem);
    }
}
