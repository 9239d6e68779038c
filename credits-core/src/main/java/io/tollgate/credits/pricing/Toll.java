package io.tollgate.credits.pricing;

import io.tollgate.credits.ledger.FreeRun;
import io.tollgate.credits.ledger.Price;
import java.time.Instant;
import java.util.Optional;

/** What a user would have to do for one run of a product. */
public sealed interface Toll {
    /**
     * To pay.
     *
     * @param freeRun the free run that it takes
     * @param relaxed whether it is to wait in the relaxed lane
     */
    record Due(Price price, Optional<FreeRun> freeRun, boolean relaxed) implements Toll {}

    /**
     * To wait: the day's free runs are used up.
     *
     * @param until when the next day begins
     */
    record UsedUp(DailyQuota quota, Instant until) implements Toll {}
}
