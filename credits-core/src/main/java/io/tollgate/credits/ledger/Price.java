package io.tollgate.credits.ledger;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What one job costs one user, and how that came about.
 *
 * @param list the price before perks and discounts, not negative
 * @param net what the user pays, 0 to {@code list}; the difference is a subsidy
 * @param steps what led from {@code list} to {@code net}, in order; none if nothing was taken off
 */
public record Price(Amount list, Amount net, List<Step> steps) {
    /** The rule of a price that was agreed. */
    public static final String AGREED = "agreed";

    /** The rule of what was delivered after the user's credits were given back. */
    public static final String OUR_LOSS = "our-loss";

    public Price {
        steps = List.copyOf(steps);
        check(list, net);
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

    /** The list price, of which nothing is taken off. */
    public static Price plain(Amount list) {
        return new Price(list, list, List.of());
    }

    /** A price that nobody's rules made: what differs from the list price was agreed. */
    public static Price agreed(Amount list, Amount net) {
        return new Price(list, net, list.equals(net) ? List.of() : List.of(new Step(AGREED, list, net)));
    }

    static void check(Amount list, Amount net) {
        if (net.isNegative() || net.compareTo(list) > 0) {
            throw new IllegalArgumentException("net must be 0 to " + list + ": " + net);
        }
    }

    /** This price, of what is delivered late: what the user would have paid is our loss. */
    public Price late() {
        List<Step> all = new ArrayList<>(steps);
        if (!net.isZero()) {
            all.add(new Step(OUR_LOSS, net, Amount.ZERO));
        }
        return new Price(list, Amount.ZERO, all);
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
    public record Step(String rule, Amount before, Amount after) {
        private static final Pattern RULE = Pattern.compile("[a-z][a-z0-9-]{0,39}");

        public Step {
            if (!RULE.matcher(rule).matches()) {
                throw new IllegalArgumentException("a rule is a lower-case word, not '" + rule + "'");
            }
        }
    }
}
