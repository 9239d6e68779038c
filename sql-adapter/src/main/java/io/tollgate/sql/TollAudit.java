package io.tollgate.sql;

import io.tollgate.credits.audit.QuotaInvariants;
import io.tollgate.credits.pricing.Pricing;
import java.util.List;

/** What must be true of free runs and of jobs for nothing, as SQL; see {@link StoreAudit}. */
final class TollAudit {
    private static final String RUNS = "SELECT account_id, json_extract(free_run, '$[0]') AS product,"
            + " json_extract(free_run, '$[1]') AS day, sum(state = 2) AS used, sum(state = 1) AS held"
            + " FROM credit_hold WHERE free_run IS NOT NULL GROUP BY 1, 2, 3";
    private static final String DAY = "'quota of ' || coalesce((SELECT user_id FROM account_holder AS c"
            + " WHERE c.account_id = d.account_id), d.account_id) || ' for ' || d.product || ' on ' || "
            + "date(d.day * 86400, 'unixepoch')";

    /** Of the ledger. */
    static final List<StoreAudit.Rule> LEDGER = List.of(
            new StoreAudit.Rule(
                    QuotaInvariants.QUOTA_AGREES_WITH_HOLDS,
                    "SELECT " + DAY + ", 'counts ' || d.used || ' used and ' || d.held || ' held, there are '"
                            + " || coalesce(r.used, 0) || ' and ' || coalesce(r.held, 0) FROM quota_day AS d"
                            + " LEFT JOIN (" + RUNS + ") AS r ON r.account_id = d.account_id"
                            + " AND r.product = d.product AND r.day = d.day"
                            + " WHERE d.used <> coalesce(r.used, 0) OR d.held <> coalesce(r.held, 0)"),
            new StoreAudit.Rule(
                    QuotaInvariants.QUOTA_AGREES_WITH_HOLDS,
                    "SELECT " + DAY + ", 'is not there, but ' || (d.used + d.held) || ' holds took a run of it'"
                            + " FROM (" + RUNS + ") AS d LEFT JOIN quota_day AS q ON q.account_id = d.account_id"
                            + " AND q.product = d.product AND q.day = d.day"
                            + " WHERE q.id IS NULL AND d.used + d.held > 0"),
            new StoreAudit.Rule(
                    QuotaInvariants.QUOTA_LATEST_IS_LAST,
                    "SELECT " + DAY + ", CASE WHEN d.latest THEN 'is the latest, but a later one is there'"
                            + " ELSE 'is the last, but not the latest' END FROM quota_day AS d"
                            + " WHERE d.latest = EXISTS (SELECT 1 FROM quota_day AS o WHERE o.account_id = d.account_id"
                            + " AND o.product = d.product AND o.day > d.day)"),
            new StoreAudit.Rule(
                    "quota-in-bounds",
                    "SELECT " + DAY + ", 'of ' || quota || ' are ' || used || ' used and ' || held || ' held, live '"
                            + " || live FROM quota_day AS d WHERE used < 0 OR held < 0 OR used + held > quota"
                            + " OR live <> (latest = 1 OR held > 0)"));

    /** Of jobs and the ledger. */
    static final List<StoreAudit.Rule> JOBS = List.of(new StoreAudit.Rule(
            "user-relaxed",
            "SELECT 'user ' || c.user_id, 'counts ' || b.relaxed || ', there are ' || coalesce(real, 0)"
                    + " FROM account AS b JOIN account_holder AS c ON c.account_id = b.id LEFT JOIN ("
                    + "SELECT j.account_id, count(*) AS real FROM job AS j JOIN credit_hold AS h ON h.id = j.hold_id"
                    + " WHERE j.state < 3 AND EXISTS (SELECT 1 FROM json_each(h.steps) AS s"
                    + " WHERE json_extract(s.value, '$[0]') = '" + Pricing.RELAXED + "')"
                    + " GROUP BY j.account_id) AS l ON l.account_id = b.id WHERE b.relaxed <> coalesce(real, 0)"));

    private TollAudit() {}
}
