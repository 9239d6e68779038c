package io.tollgate.queue.gate;

/**
 * Says whether a request may be run at all. The gate asks once for each request, after its inputs were found valid and
 * before any credit moves; a refused one leaves no job and no entry. Safe for use by many threads.
 *
 * <p>It is asked on the thread that submits, so it answers at once, in time proportional to the texts and whatever is
 * in them: no waiting, no network. A policy that throws has refused; hostile text is no reason to throw.
 */
@FunctionalInterface
public interface ContentPolicy {
    /**
     * Reviews a request. The same request gets the same verdict; one without texts is allowed.
     *
     * @return if it is refused, with one of the request's fields and without what the user wrote
     */
    PolicyVerdict review(PolicyRequest request);
}
