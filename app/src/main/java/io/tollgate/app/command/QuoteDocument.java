package io.tollgate.app.command;

import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Price;
import io.tollgate.credits.ledger.Quote;
import io.tollgate.queue.QuoteView;
import io.tollgate.queue.job.Lane;
import io.tollgate.queue.job.Receipt;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A quote as it is printed.
 *
 * @param steps how each run's list price became its price
 */
record QuoteDocument(
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
    static QuoteDocument of(QuoteView view) {
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

    static List<String> lines(QuoteView view) {
        Quote quote = view.quote();
        List<String> lines = new ArrayList<>();
        lines.add("quote      " + quote.id() + ", binds until " + Words.time(quote.expiresAt()) + " UTC, once");
        lines.add("price      " + quote.net() + " of " + quote.list());
        for (Quote.Line line : quote.lines()) {
            String story = Receipt.story(line.price());
            if (!story.isEmpty()) {
                lines.add("           " + story);
            }
        }
        lines.add("available  " + view.available() + (view.sufficientCredits() ? ", enough" : ", not enough"));
        lines.add("lane       " + view.lanes().get(0).word());
        view.estimatedStartAt().ifPresent(at -> lines.add("starts     about " + Words.time(at) + " UTC"));
        view.estimatedCompletedAt().ifPresent(at -> lines.add("ends       about " + Words.time(at) + " UTC"));
        return lines;
    }
}
