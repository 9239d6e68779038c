package io.tollgate.queue.job;

import io.tollgate.credits.account.UserId;

/** What became of a wish to forget who a user was. */
public sealed interface EraseResult {
    /**
     * It is forgotten.
     *
     * @param pseudonym under which the ledger goes on
     */
    record Erased(UserId pseudonym) implements EraseResult {}

    /** There is nobody of that name; nothing was changed. */
    record UnknownUser() implements EraseResult {}

    /**
     * Something of the user's is still under way; nothing was changed.
     *
     * @param liveJobs that wait or run; cancel them first
     * @param openHolds of jobs or others; settle them first
     * @param pendingRefunds that are not known to have ended, and of which a provider may still ask whose money it is
     */
    record Busy(int liveJobs, int openHolds, int pendingRefunds) implements EraseResult {}
}
