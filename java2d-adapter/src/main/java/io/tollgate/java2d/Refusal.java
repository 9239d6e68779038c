package io.tollgate.java2d;

import io.tollgate.queue.job.Failure;

/** A request can't be run as it is. */
final class Refusal extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Failure failure;

    Refusal(Failure.Kind kind, String message) {
        super(message);
        this.failure = new Failure(kind, message);
    }

    Failure failure() {
        return failure;
    }
}
