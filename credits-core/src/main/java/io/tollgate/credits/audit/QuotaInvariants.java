package io.tollgate.credits.audit;

import io.tollgate.credits.ledger.AuditReport;
import io.tollgate.credits.ledger.Finding;
import io.tollgate.credits.ledger.Hold;
import io.tollgate.credits.ledger.QuotaDay;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What must be true of free runs: a day has what holds took of it, and one day of a product is the latest. */
public final class QuotaInvariants {
    /** A day counts the holds that took one of its runs. */
    public static final String QUOTA_AGREES_WITH_HOLDS = "quota-agrees-with-holds";
    /** Of the days of a user and a product, the last is the latest. */
    public static final String QUOTA_LATEST_IS_LAST = "quota-latest-is-last";

    private QuotaInvariants() {}

    /** Checks all days of free runs against all holds. */
    public static AuditReport check(Collection<Hold> holds, Collection<QuotaDay> days) {
        List<Finding> findings = new ArrayList<>();
        Map<QuotaDay.Key, int[]> counts = new HashMap<>();
        for (Hold hold : holds) {
            hold.freeRun().ifPresent(run -> {
                int[] count = counts.computeIfAbsent(
                        new QuotaDay.Key(hold.user(), run.product(), run.day()), any -> new int[2]);
                if (hold.state() != Hold.State.RELEASED) {
                    count[hold.open() ? 1 : 0]++;
                }
            });
        }
        Map<String, QuotaDay> last = new HashMap<>();
        for (QuotaDay day : days) {
            int[] count = counts.remove(day.key());
            int used = count == null ? 0 : count[0];
            int held = count == null ? 0 : count[1];
            if (day.used() != used || day.held() != held) {
                findings.add(new Finding(
                        QUOTA_AGREES_WITH_HOLDS,
                        subject(day.key()),
                        "counts " + day.used() + " used and " + day.held() + " held, there are " + used + " and "
                                + held));
            }
            last.merge(day.user() + " " + day.product(), day, (a, b) -> a.day().isAfter(b.day()) ? a : b);
        }
        counts.forEach((key, count) -> {
            if (count[0] + count[1] > 0) {
                findings.add(new Finding(
                        QUOTA_AGREES_WITH_HOLDS,
                        subject(key),
                        "is not there, but " + (count[0] + count[1]) + " holds took a run of it"));
            }
        });
        for (QuotaDay day : days) {
            if (day.latest() != day.equals(last.get(day.user() + " " + day.product()))) {
                findings.add(new Finding(
                        QUOTA_LATEST_IS_LAST,
                        subject(day.key()),
                        day.latest() ? "is the latest, but a later one is there" : "is the last, but not the latest"));
            }
        }
        return new AuditReport(Map.of("quotas", (long) days.size()), findings);
    }

    private static String subject(QuotaDay.Key key) {
        return "quota of " + key.user() + " for " + key.product() + " on " + key.day();
    }
}
