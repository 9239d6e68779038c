package io.tollgate.credits.audit;

import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Book;
import io.tollgate.credits.ledger.Books;
import io.tollgate.credits.ledger.DailyTotals;
import io.tollgate.credits.ledger.Price;
import io.tollgate.credits.ledger.Totals;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Sums a ledger up by days: postings go in, in any order, {@link Totals} come out. Keeps sums only. Used by one thread.
 */
public final class TotalsSum {
    private final ZoneId zone;
    private final LocalDate from;
    private final LocalDate to;
    private final NavigableMap<LocalDate, Day> days = new TreeMap<>();
    private Books before = Books.NONE;
    private Books after = Books.NONE;

    /** What one day has so far. */
    private static final class Day {
        Books moved = Books.NONE;
        Amount issuedPaid = Amount.ZERO;
        Amount issuedPromotional = Amount.ZERO;
        Amount issuedOpening = Amount.ZERO;
        Amount creditBack = Amount.ZERO;
        Amount adjusted = Amount.ZERO;
        Amount held = Amount.ZERO;
        Amount released = Amount.ZERO;
        Amount captured = Amount.ZERO;
        Amount subsidised = Amount.ZERO;
        final Map<String, Amount> subsidies = new TreeMap<>();
        Amount expired = Amount.ZERO;
        Amount revoked = Amount.ZERO;
    }

    /**
     * Sums of days.
     *
     * @param from the first day
     * @param to the last day, not before {@code from} and at most {@link Totals#MOST_DAYS} days in all
     * @param zone whose days they are
     */
    public TotalsSum(LocalDate from, LocalDate to, ZoneId zone) {
        if (to.isBefore(from) || ChronoUnit.DAYS.between(from, to) >= Totals.MOST_DAYS) {
            throw new IllegalArgumentException(
                    "totals are of 1 to " + Totals.MOST_DAYS + " days, not from " + from + " to " + to);
        }
        this.zone = zone;
        this.from = from;
        this.to = to;
        from.datesUntil(to.plusDays(1)).forEach(day -> days.put(day, new Day()));
    }

    /** When the first day begins. */
    public Instant begin() {
        return from.atStartOfDay(zone).toInstant();
    }

    /** When the last day is over. */
    public Instant end() {
        return to.plusDays(1).atStartOfDay(zone).toInstant();
    }

    /**
     * Adds a posting.
     *
     * @param moved by book, what its entries add up to
     * @param price of the hold that it is about, if it is about one
     */
    public void add(Instant at, Map<Book, Amount> moved, Optional<Price> price) {
        Day day = days.get(LocalDate.ofInstant(at, zone));
        if (day == null) {
            moved.forEach((book, amount) -> addOutside(at, book, amount));
            return;
        }
        Amount captured = moved.getOrDefault(Book.REVENUE, Amount.ZERO);
        Amount subsidised = Amount.ZERO;
        for (Map.Entry<Book, Amount> entry : moved.entrySet()) {
            Amount amount = entry.getValue();
            day.moved = day.moved.after(entry.getKey(), amount);
            switch (entry.getKey()) {
                case AVAILABLE, HELD, DEBT, REVENUE -> {}
                case ISSUED_PAID -> day.issuedPaid = day.issuedPaid.minus(amount);
                case ISSUED_PROMO -> day.issuedPromotional = day.issuedPromotional.minus(amount);
                case OPENING -> day.issuedOpening = day.issuedOpening.minus(amount);
                case SUBSIDY -> {
                    captured = captured.plus(amount);
                    subsidised = amount.negated();
                }
                case BREAKAGE -> {
                    if (amount.isPositive()) {
                        day.expired = day.expired.plus(amount);
                    } else {
                        day.creditBack = day.creditBack.minus(amount);
                    }
                }
                case REVOKED -> day.revoked = day.revoked.plus(amount);
                case ADJUST -> day.adjusted = day.adjusted.minus(amount);
            }
        }
        Amount ofHeld = moved.getOrDefault(Book.HELD, Amount.ZERO);
        if (ofHeld.isPositive()) {
            day.held = day.held.plus(ofHeld);
        } else if (ofHeld.isNegative()) {
            day.released = day.released.minus(ofHeld).minus(captured);
        }
        day.captured = day.captured.plus(captured);
        day.subsidised = day.subsidised.plus(subsidised);
        split(subsidised, price).forEach((rule, part) -> day.subsidies.merge(rule, part, Amount::plus));
    }

    /** Adds what is known of a posting of another day, or a sum of such: an entry, and when it was made. */
    public void addOutside(Instant at, Book book, Amount amount) {
        if (at.isBefore(begin())) {
            before = before.after(book, amount);
        } else if (at.isBefore(end())) {
            throw new IllegalArgumentException("not of another day: " + at);
        } else {
            after = after.after(book, amount);
        }
    }

    /**
     * Splits what was subsidised of a price over the rules that made it, in proportion to what each took off; the parts
     * add up to the whole. What no rule took off was {@linkplain Price#AGREED agreed}.
     */
    static Map<String, Amount> split(Amount subsidised, Optional<Price> price) {
        Map<String, Amount> parts = new LinkedHashMap<>();
        Amount ofRules = price.map(Price::subsidy).orElse(Amount.ZERO);
        Amount left = subsidised;
        if (ofRules.isPositive() && subsidised.isPositive()) {
            Amount whole = subsidised.min(ofRules);
            Amount takenOff = Amount.ZERO;
            Amount given = Amount.ZERO;
            for (Price.Step step : price.orElseThrow().steps()) {
                takenOff = takenOff.plus(step.before().minus(step.after()));
                Amount sum = share(whole, takenOff, ofRules); // of sums, so that nothing is lost in rounding
                parts.merge(step.rule(), sum.minus(given), Amount::plus);
                given = sum;
            }
            left = subsidised.minus(given);
        }
        if (!left.isZero()) {
            parts.merge(Price.AGREED, left, Amount::plus);
        }
        parts.values().removeIf(Amount::isZero);
        return parts;
    }

    private static Amount share(Amount whole, Amount part, Amount of) {
        return new Amount(BigInteger.valueOf(whole.hundredths())
                .multiply(BigInteger.valueOf(part.hundredths()))
                .divide(BigInteger.valueOf(of.hundredths()))
                .longValueExact());
    }

    /**
     * What it all comes to.
     *
     * @param accounts what users have by the balances of their accounts
     */
    public Totals totals(Books accounts) {
        List<DailyTotals> all = new ArrayList<>(days.size());
        Books start = before;
        for (Map.Entry<LocalDate, Day> each : days.entrySet()) {
            Day day = each.getValue();
            Books end = sum(start, day.moved);
            all.add(new DailyTotals(
                    each.getKey(),
                    start,
                    day.issuedPaid,
                    day.issuedPromotional,
                    day.issuedOpening,
                    day.creditBack,
                    day.adjusted,
                    day.held,
                    day.released,
                    day.captured,
                    day.subsidised,
                    day.subsidies,
                    day.expired,
                    day.revoked,
                    end));
            start = end;
        }
        return new Totals(all, sum(start, after), accounts);
    }

    private static Books sum(Books some, Books more) {
        return new Books(
                some.available().plus(more.available()),
                some.held().plus(more.held()),
                some.debt().plus(more.debt()));
    }
}
