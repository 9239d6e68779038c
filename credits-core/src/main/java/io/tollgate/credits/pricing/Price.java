package io.tollgate.credits.pricing;

import io.tollgate.credits.ledger.Amount;
import java.util.List;

/**
 * What one job costs one user, and how that came about.
 *
 * @param list the price before perks and discounts, not negative
 * @param net what the user pays, 0 to {@code list}; the difference is a subsidy
 * @param steps what led from {@code list} to {@code net}, in order; none if nothing was taken off
 */
public record Price(Amount list, Amount net, List<Step> steps) {
    public Price {
        steps = List.copyOf(steps);
        if (net.isNegative() || net.compareTo(list) > 0) {
            throw new IllegalArgumentException("net must be 0 to " + list + ": " + net);
        }
        Amount reached = list;
        for (Step step : steps) {
            if (!step.before().equals(reached)) {
                throw new IllegalArgumentException("the steps of a price follow each other: " + steps);
            }
            reached = step.after();
        }
        if (!reached.equals(net)) {
            throw new IllegalArgumentException("the steps of a price lead to " + reached + ", not to " + net);
        }
    }

    /** What is taken off the list price. */
    public Amount subsidy() {
        return list.minus(net);
    }

    /**
     * One rule that changed the price.
     *
     * @param rule the rule's word, such as {@code tier-discount}
     */
    public record Step(String rule, Amount before, Amount after) {}
}
