package io.tollgate.queue;

import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Quote;
import io.tollgate.queue.job.Lane;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A price that was promised, and what can be expected for it.
 *
 * @param lanes where each job will wait
 * @param available what the user can spend now
 * @param estimatedStartAt when the first job would start if it were submitted now; empty if nobody can say
 * @param estimatedCompletedAt when the last job would end; empty if nobody can say
 */
public record QuoteView(
        Quote quote,
        List<Lane> lanes,
        Amount available,
        Optional<Instant> estimatedStartAt,
        Optional<Instant> estimatedCompletedAt) {
    public QuoteView {
        lanes = List.copyOf(lanes);
    }

    /** Whether the user can spend as much now. */
    public boolean sufficientCredits() {
        return quote.net().compareTo(available) <= 0;
    }
}
