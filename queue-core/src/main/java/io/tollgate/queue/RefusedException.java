package io.tollgate.queue;

import io.tollgate.queue.job.Refusal;

/** A request was turned down. Nothing was changed: no job, no credit moved. */
public final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Refusal refusal;

    public RefusedException(Refusal refusal) {
        super(refusal.message());
        this.refusal = refusal;
    }

    /** Why. */
    public Refusal refusal() {
        return refusal;
    }
}
