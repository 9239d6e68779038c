package io.tollgate.queue.pull;

/** So many claims wait already that one more isn't taken. Nothing was changed. */
public final class TooManyClaimsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param most how many may wait */
    public TooManyClaimsException(int most) {
        super("no more than " + most + " claims wait at once; end one, or ask for more runs with each");
    }
}
