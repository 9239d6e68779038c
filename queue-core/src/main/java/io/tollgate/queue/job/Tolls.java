package io.tollgate.queue.job;

import io.tollgate.credits.account.Perks;
import io.tollgate.credits.ledger.Account;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.LedgerRows;
import io.tollgate.credits.ledger.LedgerRules;
import io.tollgate.credits.ledger.Price;
import io.tollgate.credits.ledger.Quote;
import io.tollgate.credits.pricing.Buyer;
import io.tollgate.credits.pricing.Pricing;
import io.tollgate.credits.pricing.Toll;
import io.tollgate.queue.job.JobCommand.QuoteUse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What one user's jobs cost at one moment, with a quote or without. */
final class Tolls {
    private final Account account;
    private final Buyer buyer;
    private final Instant now;

    Tolls(JobPolicy policy, Account account, Instant now) {
        this.account = account;
        this.now = now;
        buyer = policy.credits().buyer(account, now);
    }

    /** Either what each job costs, or why one can't be had. */
    record Offer(List<Quote.Line> lines, Optional<Refusal> refusal) {
        private Amount net() {
            return Amount.sum(lines.stream().map(line -> line.price().net()).toList());
        }
    }

    Perks perks() {
        return buyer.perks();
    }

    /** Where the user's jobs wait, unless they cost nothing for being relaxed. */
    Lane lane() {
        return perks().lane().map(Lane::ofWord).orElse(Lane.REGULAR);
    }

    /**
     * What a job costs, given the free runs that are taken.
     *
     * @param promised what a quote promised for it: it costs no more, and can be had
     */
    Toll of(JobSpec spec, Optional<Quote.Line> promised, LedgerRows rows) {
        Toll toll = Pricing.toll(spec.tariff(), spec.workflow().value(), buyer, rows.quotas(account.user()));
        if (promised.isEmpty()) {
            return toll;
        }
        Toll.Due due = toll instanceof Toll.Due known
                ? known
                : new Toll.Due(Price.plain(spec.tariff().list()), Optional.empty(), false);
        Amount most = promised.get().price().net();
        if (due.price().net().compareTo(most) <= 0) {
            return due;
        }
        return promised.get().relaxed()
                ? Pricing.relaxed(spec.tariff())
                : new Toll.Due(Pricing.atMost(due.price(), most), due.freeRun(), due.relaxed());
    }

    /** What someone is told whose free runs are used up. */
    Refusal refusal(JobSpec spec, Toll.UsedUp usedUp) {
        return new Refusal.QuotaUsedUp(
                spec.workflow(), usedUp.quota().perDay(), usedUp.until(), Duration.between(now, usedUp.until()));
    }

    /**
     * What jobs cost together.
     *
     * @param available what can be spent on them
     */
    Offer offer(List<JobSpec> specs, LedgerRows rows, Amount available) {
        List<Quote.Line> lines = new ArrayList<>(specs.size());
        LedgerRows left = rows;
        Amount credits = available;
        for (JobSpec spec : specs) {
            Toll toll = of(spec, Optional.empty(), left);
            if (toll instanceof Toll.UsedUp usedUp) {
                return new Offer(List.of(), Optional.of(refusal(spec, usedUp)));
            }
            Toll.Due due = (Toll.Due) toll;
            if (due.price().net().compareTo(credits) > 0 && spec.tariff().relaxed()) {
                due = Pricing.relaxed(spec.tariff());
            }
            if (due.freeRun().isPresent()) {
                left = left.after(
                        LedgerRules.take(left, account.user(), due.freeRun().get()));
            }
            credits = credits.minus(due.price().net().min(credits));
            lines.add(new Quote.Line(due.price(), due.relaxed()));
        }
        return new Offer(lines, Optional.empty());
    }

    /**
     * Why a quote does not hold for some jobs; empty if it does.
     *
     * @param available what can be spent on them
     */
    Optional<Refusal> problem(
            QuoteUse use, Optional<Quote> found, List<JobSpec> specs, LedgerRows rows, Amount available) {
        if (found.isEmpty() || !found.get().user().equals(account.user())) {
            return Optional.of(new Refusal.UnknownQuote(use.quote()));
        }
        Quote quote = found.get();
        if (!quote.requestHash().equals(use.requestHash()) || quote.lines().size() != specs.size()) {
            return Optional.of(new Refusal.QuoteForAnother(use.quote()));
        }
        if (quote.usedAt().isPresent()) {
            return Optional.of(new Refusal.QuoteUsed(use.quote(), quote.usedAt().get()));
        }
        if (quote.expiredAt(now)) {
            Offer fresh = offer(specs, rows, available);
            return fresh.refusal()
                    .or(() -> Optional.of(
                            new Refusal.QuoteExpired(use.quote(), quote.expiresAt(), quote.net(), fresh.net())));
        }
        return Optional.empty();
    }
}
