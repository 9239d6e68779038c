package io.tollgate.credits.pricing;

import io.tollgate.credits.account.Perks;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.FreeRun;
import io.tollgate.credits.ledger.Price;
import io.tollgate.credits.ledger.QuotaDay;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The way from a list price to what a user pays. Pure functions. */
public final class Pricing {
    /** The workflow costs nobody anything. */
    public static final String FREE_WORKFLOW = "free-workflow";
    /** The user's tier is free of charge. */
    public static final String TIER_WAIVER = "tier-waiver";
    /** The user's tier has a discount. */
    public static final String TIER_DISCOUNT = "tier-discount";

    /** The user drew a discount that day. */
    public static final String LUCKY_DRAW = "lucky-draw";

    /** It is one of the day's free runs. */
    public static final String FREE_QUOTA = "free-quota";
    /** The relaxed lane costs nothing. */
    public static final String RELAXED = "relaxed";
    /** A quote promised less. */
    public static final String QUOTE = "quote";

    private Pricing() {}

    /**
     * What a run of a product costs a user, or that it can't be had.
     *
     * @param quotas the user's days of free runs, see {@link io.tollgate.credits.ledger.LedgerRows#quotas}
     */
    public static Toll toll(Tariff tariff, String product, Buyer buyer, List<QuotaDay> quotas) {
        Perks perks = buyer.perks();
        if (tariff.free()) {
            return new Toll.Due(waived(tariff.list(), FREE_WORKFLOW), Optional.empty(), false);
        }
        if (tariff.quota().isEmpty() || (perks.unlimited() && perks.freeOfCharge())) {
            return new Toll.Due(charged(tariff.list(), buyer), Optional.empty(), false);
        }
        if (perks.unlimited()) {
            return new Toll.Due(waived(tariff.list(), FREE_QUOTA), Optional.empty(), false);
        }
        DailyQuota quota = tariff.quota().get();
        QuotaUse use = QuotaUse.of(product, buyer, quotas);
        if (use.left(quota.perDay()) > 0) {
            FreeRun run = new FreeRun(product, use.day(), buyer.zone(), quota.perDay());
            return new Toll.Due(waived(tariff.list(), FREE_QUOTA), Optional.of(run), false);
        }
        return switch (quota.then()) {
            case REFUSE -> new Toll.UsedUp(quota, use.until());
            case CHARGE -> new Toll.Due(charged(tariff.list(), buyer), Optional.empty(), false);
            case RELAXED -> relaxed(tariff);
        };
    }

    /** What a run costs in the relaxed lane: nothing. */
    public static Toll.Due relaxed(Tariff tariff) {
        return new Toll.Due(waived(tariff.list(), RELAXED), Optional.empty(), true);
    }

    /** Whether a price is one of the relaxed lane. */
    public static boolean isRelaxed(Price price) {
        return price.steps().stream().anyMatch(step -> step.rule().equals(RELAXED));
    }

    /**
     * What a price is to someone who was promised another: never more than that.
     *
     * @param promised for a run of the same
     */
    public static Price atMost(Price price, Amount promised) {
        if (price.net().compareTo(promised) <= 0) {
            return price;
        }
        List<Price.Step> steps = new ArrayList<>(price.steps());
        step(steps, QUOTE, price.net(), promised);
        return new Price(price.list(), promised, steps);
    }

    private static Price waived(Amount list, String rule) {
        List<Price.Step> steps = new ArrayList<>(1);
        return new Price(list, step(steps, rule, list, Amount.ZERO), steps);
    }

    /** Nothing, if the tier is free of charge; else less the tier's discount and then the draw's, each rounded down. */
    private static Price charged(Amount list, Buyer buyer) {
        if (buyer.perks().freeOfCharge()) {
            return waived(list, TIER_WAIVER);
        }
        List<Price.Step> steps = new ArrayList<>();
        Amount less = less(steps, TIER_DISCOUNT, list, buyer.perks().discountPercent());
        return new Price(list, less(steps, LUCKY_DRAW, less, buyer.percentOff()), steps);
    }

    private static Amount less(List<Price.Step> steps, String rule, Amount before, int percent) {
        return percent == 0 ? before : step(steps, rule, before, before.minus(before.portion(percent, 100)));
    }

    private static Amount step(List<Price.Step> steps, String rule, Amount before, Amount after) {
        steps.add(new Price.Step(rule, before, after));
        return after;
    }
}
