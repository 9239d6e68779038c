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

    /** The user drew a discount that day. */
    public static final String LUCKY_DRAW = "lucky-draw";

    private Pricing() {}

    /**
     * What something costs a user: nothing if it is free or the user's tier is, else the list price less the tier's
     * discount and then the draw's, each rounded down to a hundredth of a credit.
     *
     * @param list the price before perks and discounts, not negative
     * @param drawPercent what the user's draw takes off, 0 to 100
     */
    public static Price price(Amount list, boolean freeWorkflow, Perks perks, int drawPercent) {
        List<Price.Step> steps = new ArrayList<>();
        Amount net = list;
        if (freeWorkflow) {
            net = step(steps, FREE_WORKFLOW, net, Amount.ZERO);
        } else if (perks.freeOfCharge()) {
            net = step(steps, TIER_WAIVER, net, Amount.ZERO);
        } else {
            net = less(steps, TIER_DISCOUNT, net, perks.discountPercent());
            net = less(steps, LUCKY_DRAW, net, drawPercent);
        }
        return new Price(list, net, steps);
    }

    private static Amount less(List<Price.Step> steps, String rule, Amount before, int percent) {
        return percent == 0 ? before : step(steps, rule, before, before.minus(before.portion(percent, 100)));
    }

    private static Amount step(List<Price.Step> steps, String rule, Amount before, Amount after) {
        steps.add(new Price.Step(rule, before, after));
        return after;
    }
}
