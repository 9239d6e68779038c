package io.tollgate.http;

import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Price;
import io.tollgate.credits.ledger.Quote;
import io.tollgate.queue.QuoteView;
import io.tollgate.queue.job.Lane;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A quote as programs read it, over HTTP and on the command line alike.
 *
 * @param steps how each run's list price became its price
 */
public record QuoteDocument(
        UUID quoteId,
        Amount price,
        Amount listPrice,
        Amount discount,
        Lane lane,
        boolean sufficientCredits,
        Amount available,
        Instant expiresAt,
        Optional<Instant> estimatedStartAt,
        Optional<Instant> estimatedCompletedAt,
        List<List<Price.Step>> steps) {
    /** As it is shown. */
    public static QuoteDocument of(QuoteView view) {
        Quote quote = view.quote();
        return new QuoteDocument(
                quote.id().value(),
                quote.net(),
                quote.list(),
                quote.list().minus(quote.net()),
                view.lanes().get(0),
                view.sufficientCredits(),
                view.available(),
                quote.expiresAt(),
                view.estimatedStartAt().map(at -> at.truncatedTo(ChronoUnit.MILLIS)),
                view.estimatedCompletedAt().map(at -> at.truncatedTo(ChronoUnit.MILLIS)),
                quote.lines().stream().map(line -> line.price().steps()).toList());
    }
}
