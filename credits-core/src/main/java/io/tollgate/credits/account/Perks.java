package io.tollgate.credits.account;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * What a tier is worth, as data, so that no rule asks who somebody is.
 *
 * @param lane the lane that the user's jobs wait in, a lower-case word such as {@code vip}; empty for the usual one.
 *     What lanes there are is the queue's business
 * @param freeOfCharge whether jobs cost nothing; their list price is then booked as a subsidy
 * @param unlimited whether free runs are not counted
 * @param discountPercent what is taken off a price, 0 to 100
 * @param watermark whether outputs are marked
 * @param jobsAtMost the most jobs the user may have waiting or running, at least 1; empty for the queue's own limit
 */
public record Perks(
        Optional<String> lane,
        boolean freeOfCharge,
        boolean unlimited,
        int discountPercent,
        boolean watermark,
        OptionalInt jobsAtMost) {
    private static final Pattern LANE = Pattern.compile("[a-z][a-z0-9_-]{0,39}");

    /** No perks at all: the usual lane, the full price, counted free runs, marked outputs. */
    public static final Perks NONE = new Perks(Optional.empty(), false, false, 0, true, OptionalInt.empty());

    public Perks {
        if (lane.isPresent() && !LANE.matcher(lane.get()).matches()) {
            throw new IllegalArgumentException("a lane is a lower-case word, not '" + lane.get() + "'");
        }
        if (discountPercent < 0 || discountPercent > 100) {
            throw new IllegalArgumentException("a discount is 0 to 100 percent: " + discountPercent);
        }
        if (jobsAtMost.isPresent() && jobsAtMost.getAsInt() < 1) {
            throw new IllegalArgumentException("jobsAtMost must be at least 1: " + jobsAtMost.getAsInt());
        }
    }
}
