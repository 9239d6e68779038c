package io.tollgate.credits.ledger;

import java.util.UUID;

/** The public name of a hold, chosen by whoever opens it before the first try; the queue takes its job's. */
public record HoldId(UUID value) {
    @Override
    public String toString() {
        return value.toString();
    }
}
