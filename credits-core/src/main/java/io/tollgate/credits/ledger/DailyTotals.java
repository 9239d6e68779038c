package io.tollgate.credits.ledger;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What happened in a whole ledger on one day.
 *
 * @param day in the zone that days are counted in
 * @param start what users had when it began
 * @param issuedPaid what was sold
 * @param issuedPromotional what was given: trials, bonuses, goodwill
 * @param issuedOpening what was brought along from another system
 * @param creditBack what came back to users after its grant's end, because of a fault of ours
 * @param adjusted what operators added, less what they took
 * @param held what was set aside
 * @param released what was set aside and not taken
 * @param captured what users paid, less what they were given back
 * @param subsidised what somebody else paid of the list prices: the book's word
 * @param subsidies the same by the word of the rule, as the prices have it; see {@link Price.Step}
 * @param expired what nobody spent in time
 * @param revoked what was taken back because its payment was
 * @param end what users had when it ended
 */
public record DailyTotals(
        LocalDate day,
        Books start,
        Amount issuedPaid,
        Amount issuedPromotional,
        Amount issuedOpening,
        Amount creditBack,
        Amount adjusted,
        Amount held,
        Amount released,
        Amount captured,
        Amount subsidised,
        Map<String, Amount> subsidies,
        Amount expired,
        Amount revoked,
        Books end) {
    public DailyTotals {
        subsidies = java.util.Collections.unmodifiableMap(new TreeMap<>(subsidies));
    }

    /** All that was issued. */
    public Amount issued() {
        return issuedPaid.plus(issuedPromotional).plus(issuedOpening);
    }

    /** How much more users had at the end than at the start. */
    public Amount change() {
        return end.all().minus(start.all());
    }

    /** How much more they should have had, by what happened. */
    public Amount explained() {
        return issued().plus(adjusted)
                .plus(creditBack)
                .minus(captured)
                .minus(expired)
                .minus(revoked);
    }

    /** Whether the books at the end follow from those at the start, and the subsidies from the prices. */
    public boolean addsUp() {
        return problems().isEmpty();
    }

    /** Where it doesn't add up; empty if it does. */
    public List<String> problems() {
        List<String> problems = new ArrayList<>();
        if (!change().equals(explained())) {
            problems.add("on " + day + " what users have changed by " + change() + ", but what happened makes "
                    + explained());
        }
        Amount byRule = Amount.sum(subsidies.values());
        if (!byRule.equals(subsidised)) {
            problems.add("on " + day + " " + subsidised + " was subsidised, but the prices' rules make " + byRule);
        }
        return problems;
    }

    /** One line that shows how the day adds up. */
    public String line() {
        return "issued " + issued() + " + adjusted " + adjusted + " + credit back " + creditBack + " - captured "
                + captured + " - expired " + expired + " - revoked " + revoked + " = " + explained()
                + (change().equals(explained()) ? "" : ", but the change is " + change());
    }
}
