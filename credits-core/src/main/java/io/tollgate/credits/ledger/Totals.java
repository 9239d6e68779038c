package io.tollgate.credits.ledger;

import java.util.ArrayList;
import java.util.List;

/**
 * What happened in a whole ledger, day by day, on one consistent state of it.
 *
 * @param days one after the other, none left out
 * @param entries what users have by all entries that there are
 * @param accounts what they have by the balances of their accounts
 */
public record Totals(List<DailyTotals> days, Books entries, Books accounts) {
    /** The most days that can be asked for at once. */
    public static final int MOST_DAYS = 3_700;

    public Totals {
        days = List.copyOf(days);
    }

    /** Whether each day adds up, begins as the one before it ended, and the accounts agree. */
    public boolean addsUp() {
        return problems().isEmpty();
    }

    /** Where they don't add up; empty if they do. */
    public List<String> problems() {
        List<String> problems = new ArrayList<>();
        for (int i = 0; i < days.size(); i++) {
            DailyTotals day = days.get(i);
            problems.addAll(day.problems());
            if (i > 0 && !day.start().equals(days.get(i - 1).end())) {
                problems.add(day.day() + " doesn't begin as the day before it ended");
            }
        }
        if (!entries.equals(accounts)) {
            problems.add("all entries make " + entries + ", but the accounts have " + accounts);
        }
        return problems;
    }
}
