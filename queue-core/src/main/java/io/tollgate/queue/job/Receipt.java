package io.tollgate.queue.job;

import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Hold;
import io.tollgate.credits.ledger.Price;
import io.tollgate.credits.pricing.Pricing;
import java.util.Optional;

/**
 * What became of the credits of a job, for the one who paid.
 *
 * @param price what was to be paid, and how that came about
 * @param held what is still set aside
 * @param charged what was taken
 * @param returned what was given back
 * @param settled whether it is over
 * @param because why something was given back, or that it was delivered all the same; empty if nothing was
 * @param late whether all was given back and what was made came after that
 */
public record Receipt(
        Price price,
        Amount held,
        Amount charged,
        Amount returned,
        boolean settled,
        Optional<String> because,
        boolean late) {
    /** The receipt of a job as it stands. */
    public static Receipt of(JobRecord record) {
        Hold hold = record.hold();
        if (hold.open()) {
            return new Receipt(hold.price(), hold.amount(), Amount.ZERO, Amount.ZERO, false, Optional.empty(), false);
        }
        boolean late = hold.state() == Hold.State.RELEASED && record.job().kind() == JobState.Kind.SUCCEEDED;
        Amount returned = hold.amount().minus(hold.captured());
        return new Receipt(
                hold.price(),
                Amount.ZERO,
                hold.captured(),
                returned,
                true,
                returned.isZero() && !late ? Optional.empty() : Optional.of(reason(record)),
                late);
    }

    private static String reason(JobRecord record) {
        if (record.job().state() instanceof JobState.Succeeded) {
            return record.history().get(record.history().size() - 1).cause();
        }
        return "the job " + (record.job().kind() == JobState.Kind.CANCELED ? "was " : "")
                + record.job().kind().word();
    }

    /** One line that a person understands, such as {@code held 10, charged 5, returned 5: 1 of 2 outputs}. */
    public String line() {
        if (price.net().isZero()) {
            String nothing =
                    price.list().isZero() ? "costs nothing" : "charged nothing of " + price.list() + ": " + story();
            return late ? nothing + "; " + because.orElse("") : nothing;
        }
        if (!settled) {
            return "held " + price.net();
        }
        return "held " + price.net() + ", charged " + charged
                + because.map(why -> ", returned " + returned + (late ? "; " : ": ") + why)
                        .orElse("");
    }

    /** How the list price became what was to be paid; empty if nothing was taken off. */
    public String story() {
        return story(price);
    }

    /** How a list price became what is to be paid; empty if nothing was taken off. */
    public static String story(Price price) {
        StringBuilder story = new StringBuilder();
        for (Price.Step step : price.steps()) {
            story.append(story.isEmpty() ? "" : ", ").append(words(step));
        }
        return story.toString();
    }

    private static String words(Price.Step step) {
        String change = " (" + step.before() + " to " + step.after() + ")";
        return switch (step.rule()) {
            case Pricing.FREE_WORKFLOW -> "the workflow is free";
            case Pricing.TIER_WAIVER -> "the tier is free of charge";
            case Pricing.TIER_DISCOUNT -> "the tier's discount" + change;
            case Pricing.LUCKY_DRAW -> "the day's lucky draw" + change;
            case Pricing.FREE_QUOTA -> "one of the day's free runs";
            case Pricing.RELAXED -> "the relaxed lane costs nothing";
            case Pricing.QUOTE -> "the quote's price" + change;
            default -> step.rule() + change;
        };
    }
}
