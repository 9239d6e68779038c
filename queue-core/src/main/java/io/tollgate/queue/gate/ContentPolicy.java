package io.tollgate.queue.gate;

/**
 * Says whether a request may be run at all. The gate asks once for each request, after its inputs were found valid and
 * before any credit moves; a refused one leaves no job and no entry. Safe for use by many threads.
 *
 * <p>It is asked on the thread that submits, so it answers at once: no waiting, no network. A policy that throws has
 * refused.
 */
@FunctionalInterface
public interface ContentPolicy {
    /** Reviews a request. The same request gets the same verdict. */
    PolicyVerdict review(PolicyRequest request);
}
