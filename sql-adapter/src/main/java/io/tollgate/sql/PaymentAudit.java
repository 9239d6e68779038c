package io.tollgate.sql;

import io.tollgate.credits.audit.PaymentInvariants;
import io.tollgate.sql.StoreAudit.Rule;
import java.util.List;

/** What must always hold of payments and debts, asked of the tables. Stateless. */
final class PaymentAudit {
    private static final String PAYMENT = "'payment ' || " + StoreAudit.text("p.uuid");
    private static final String INVOICE = "'invoice ' || " + StoreAudit.text("i.uuid");
    private static final String SOURCE_KEY = "'purchase:' || " + StoreAudit.text("p.uuid");

    static final List<Rule> RULES = List.of(
            new Rule(
                    PaymentInvariants.PAYMENT_HAS_GRANT,
                    "SELECT " + PAYMENT + ", 'is worth ' || p.credits || ' but made a grant of '"
                            + " || coalesce(g.granted, 0) FROM payment AS p"
                            + " LEFT JOIN grant_terms AS t ON t.source_key = " + SOURCE_KEY + " AND t.source = 2"
                            + " LEFT JOIN credit_grant AS g ON g.id = t.grant_id"
                            + " WHERE p.credits <> coalesce(g.granted, 0) OR p.account_id IS NOT g.account_id"),
            new Rule(
                    PaymentInvariants.PURCHASE_HAS_PAYMENT,
                    "SELECT 'grant ' || t.grant_id, 'no payment made it: ' || t.source_key FROM grant_terms AS t"
                            + " WHERE t.source = 2 AND t.source_key NOT IN (SELECT " + SOURCE_KEY
                            + " FROM payment AS p)"),
            new Rule(
                    PaymentInvariants.CHARGED_ONCE,
                    "SELECT 'charge ' || provider || ' ' || external_id, count(*) || ' payments have it' FROM payment"
                            + " GROUP BY provider, external_id, period_end HAVING count(*) > 1"),
            new Rule(
                    PaymentInvariants.CHARGED_ONCE,
                    "SELECT 'payload ' || payload, count(*) || ' invoices have it' FROM invoice"
                            + " GROUP BY payload HAVING count(*) > 1"),
            new Rule(
                    PaymentInvariants.REVOKED_AS_PAID_BACK,
                    "SELECT " + PAYMENT + ", 'is in state ' || p.state || ' but its grant says '"
                            + " || coalesce(g.revocation, 0) FROM payment AS p"
                            + " JOIN grant_terms AS t ON t.source_key = " + SOURCE_KEY
                            + " JOIN credit_grant AS g ON g.id = t.grant_id WHERE coalesce(g.revocation, 0)"
                            + " <> CASE WHEN p.state < 3 THEN 0 WHEN p.state = 3 THEN 1 ELSE 2 END"),
            new Rule(
                    PaymentInvariants.REVOKED_IS_EMPTY,
                    "SELECT 'grant ' || g.id, 'is of source ' || t.source || ' and taken back, with ' || g.remaining"
                            + " || ' left' FROM credit_grant AS g JOIN grant_terms AS t ON t.grant_id = g.id"
                            + " WHERE (g.revocation IS NOT NULL AND (t.source <> 2 OR g.remaining <> 0))"
                            + " OR (t.source <> 2 AND g.repaid <> 0)"),
            new Rule(
                    PaymentInvariants.INVOICE_PAID,
                    "SELECT " + INVOICE + ", 'is in state ' || i.state || ', payments say otherwise' FROM invoice AS i"
                            + " WHERE (i.state = 2) <> EXISTS (SELECT 1 FROM payment AS p"
                            + " WHERE p.invoice_id = i.id AND p.payer_id = i.account_id)"),
            new Rule(
                    PaymentInvariants.PAYMENT_NAMES_ROWS,
                    "SELECT " + PAYMENT + ", 'its payer, its user or its invoice is not there' FROM payment AS p"
                            + " WHERE p.payer_id NOT IN (SELECT id FROM account)"
                            + " OR (p.account_id IS NOT NULL AND p.account_id NOT IN (SELECT id FROM account))"
                            + " OR (p.invoice_id IS NOT NULL AND p.invoice_id NOT IN (SELECT id FROM invoice))"),
            new Rule(
                    PaymentInvariants.PAYMENT_NAMES_ROWS,
                    "SELECT " + INVOICE + ", 'its user has no account' FROM invoice AS i"
                            + " WHERE i.account_id NOT IN (SELECT id FROM account)"),
            StoreAudit.ofAccount(
                    PaymentInvariants.DEBT_IS_WHAT_WAS_USED,
                    "DEBT",
                    "c.debt",
                    "SELECT account_id, sum(repaid) - sum(CASE WHEN revocation = 2 THEN consumed + repaid ELSE 0 END)"
                            + " AS total FROM credit_grant GROUP BY account_id"));

    private PaymentAudit() {}
}
