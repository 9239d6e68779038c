package io.tollgate.credits;

import io.tollgate.credits.account.Tiers;
import io.tollgate.credits.ledger.Account;
import io.tollgate.credits.ledger.Draw;
import io.tollgate.credits.ledger.LuckyDraw;
import io.tollgate.credits.ledger.Trial;
import io.tollgate.credits.pricing.Buyer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Optional;

/**
 * What users get, as data. Immutable.
 *
 * @param tiers what each tier is worth
 * @param trial what everybody may try things out with; empty for nothing
 * @param draw what everybody may draw once a day; empty for nothing
 * @param zone whose days count
 */
public record CreditPolicy(Tiers tiers, Optional<Trial> trial, Optional<LuckyDraw> draw, ZoneId zone) {
    /** The tiers that come with Tollgate, and no presents. */
    public static final CreditPolicy PLAIN = of(Tiers.SHIPPED);

    /** Tiers, and no presents. */
    public static CreditPolicy of(Tiers tiers) {
        return new CreditPolicy(tiers, Optional.empty(), Optional.empty(), ZoneOffset.UTC);
    }

    /** The same with a trial. */
    public CreditPolicy with(Trial terms) {
        return new CreditPolicy(tiers, Optional.of(terms), draw, zone);
    }

    /** The same with a draw, on the days of a zone. */
    public CreditPolicy with(LuckyDraw prizes, ZoneId days) {
        return new CreditPolicy(tiers, trial, Optional.of(prizes), days);
    }

    /** The day that it is now. */
    public LocalDate today(Instant now) {
        return LuckyDraw.day(now, zone);
    }

    /** Who a user is when asking for a price. */
    public Buyer buyer(Account account, Instant now) {
        LocalDate today = today(now);
        int percentOff = draw.flatMap(prizes -> account.drawOf(today))
                .map(Draw::percentOff)
                .orElse(0);
        return new Buyer(tiers.tier(account.tierAt(now)).perks(), percentOff, today, zone);
    }
}
