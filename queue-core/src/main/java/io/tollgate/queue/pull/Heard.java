package io.tollgate.queue.pull;

import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** What a desk says to a worker that tells of a run. */
public sealed interface Heard {
    /**
     * It is the worker's, and goes on.
     *
     * @param leaseExpiresAt when it is given up, unless the worker is heard of before
     * @param cancel whether it should be stopped; from then on the lease isn't lengthened
     */
    record Going(Instant leaseExpiresAt, boolean cancel) implements Heard {}

    /**
     * How it ended is noted, just now or by an earlier call that said the same.
     *
     * @param end how
     * @param settled completes with true once what came of it is stored, with false if that is not known here
     */
    record Noted(End end, CompletionStage<Boolean> settled) implements Heard {
        /** It is stored already. */
        static Noted stored(End end) {
            return new Noted(end, CompletableFuture.completedFuture(true));
        }
    }

    /** It is over, in another way than the worker says: nothing was changed. */
    record Over(End end) implements Heard {}

    /** Nobody has it here. */
    record Unknown() implements Heard {}

    /** How a run ended. */
    enum End {
        /** A worker did it. */
        COMPLETED,
        /** A worker could not do it. */
        FAILED,
        /** It was stopped. */
        CANCELED,
        /** Its worker was not heard of for too long, or it was taken back. */
        LOST;

        /** The word in APIs. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
