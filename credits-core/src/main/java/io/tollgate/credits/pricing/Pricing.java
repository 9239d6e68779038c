package io.tollgate.credits.pricing;

import io.tollgate.credits.account.Perks;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Price;
import java.util.ArrayList;
import java.util.List;

/** The way from a list price to what a user pays. Pure functions. */
public final class Pricing {
    /** The workflow costs nobody anything. */
    public static final String FREE_WORKFLOW = "free-workflow";
    /** The user's tier is free of charge. */
    public static final String TIER_WAIVER = "tier-waiver";
    /** The user's tier has a discount. */
    public static final String TIER_DISCOUNT = "tier-discount";

    private Pricing() {}

    /**
     * What something costs a user: nothing if it is free or the user's tier is, else the list price less the tier's
     * discount, which is rounded down to a hundredth of a credit.
     *
     * @param list the price before perks and discounts, not negative
     */
    public static Price price(Amount list, boolean freeWorkflow, Perks perks) {
        List<Price.Step> steps = new ArrayList<>();
        Amount net = list;
        if (freeWorkflow) {
            net = step(steps, FREE_WORKFLOW, net, Amount.ZERO);
        } else if (perks.freeOfCharge()) {
            net = step(steps, TIER_WAIVER, net, Amount.ZERO);
        } else if (perks.discountPercent() > 0) {
            net = step(steps, TIER_DISCOUNT, net, net.minus(net.portion(perks.discountPercent(), 100)));
        }
        return new Price(list, net, steps);
    }

    private static Amount step(List<Price.Step> steps, String rule, Amount before, Amount after) {
        steps.add(new Price.Step(rule, before, after));
        return after;
    }
}
