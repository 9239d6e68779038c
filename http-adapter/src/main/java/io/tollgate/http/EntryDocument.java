package io.tollgate.http;

import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Book;
import io.tollgate.credits.ledger.Entry;
import io.tollgate.credits.ledger.History;
import io.tollgate.credits.ledger.HoldId;
import io.tollgate.credits.ledger.Posting;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/** What happened once to a user's credits, as programs read it. */
public record EntryDocument(
        long number,
        Instant at,
        String kind,
        Amount amount,
        Amount listPrice,
        Amount available,
        Amount held,
        Amount debt,
        Optional<HoldId> hold,
        String actor,
        Optional<String> reason) {
    /** As it is shown. */
    public static EntryDocument of(History.Line line) {
        Posting posting = line.posting();
        return new EntryDocument(
                line.number(),
                posting.at(),
                posting.kind().name().toLowerCase(Locale.ROOT),
                posting.net(),
                posting.listPrice(),
                moved(posting, Book.AVAILABLE),
                moved(posting, Book.HELD),
                moved(posting, Book.DEBT),
                posting.hold(),
                posting.actor(),
                posting.reason());
    }

    /** What a posting did to one of the user's balances. */
    public static Amount moved(Posting posting, Book book) {
        return Amount.sum(posting.entries().stream()
                .filter(entry -> entry.book() == book)
                .map(Entry::amount)
                .toList());
    }
}
