package io.tollgate.planted.queue.job;

/** Knows credits, as it may, and takes its time from a clock that was given. */
public final class AllowedJob {
    io.tollgate.planted.credits.ledger.AllowedMoney price() {
        return new io.tollgate.planted.credits.ledger.AllowedMoney();
    }

    java.time.Instant time(java.time.Clock clock) {
        return java.time.Instant.now(clock);
    }
}
