package io.tollgate.credits.ledger;

import io.tollgate.credits.account.UserId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** How free runs are taken and given back. */
final class QuotaRules {
    private QuotaRules() {}

    /**
     * Takes a free run, of which there must be one.
     *
     * @param run which, of the latest day that was begun or a later one
     */
    static List<QuotaDay> take(LedgerRows rows, UserId user, FreeRun run) {
        List<QuotaDay> changes = new ArrayList<>(1);
        Optional<QuotaDay> latest = QuotaDay.latest(rows.quotas(user), run.product());
        if (latest.isPresent() && latest.get().day().isAfter(run.day())) {
            throw new IllegalStateException("a later day than that of " + run + " was begun: " + latest.get());
        }
        if (latest.isPresent() && latest.get().day().equals(run.day())) {
            changes.add(latest.get().take(run.limit()));
        } else {
            latest.map(QuotaDay::past).ifPresent(changes::add);
            changes.add(QuotaDay.fresh(user, run).take(run.limit()));
        }
        return changes;
    }

    /** @param had whether the run was had; else it can be had again, if its day isn't over */
    static QuotaDay settle(LedgerRows rows, UserId user, FreeRun run, boolean had) {
        return rows.quotas(user).stream()
                .filter(day -> day.product().equals(run.product()) && day.day().equals(run.day()))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("the day of " + run + " of " + user + " is not there"))
                .settle(had);
    }
}
