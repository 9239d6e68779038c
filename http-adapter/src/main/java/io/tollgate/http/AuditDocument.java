package io.tollgate.http;

import io.tollgate.credits.ledger.AuditReport;
import io.tollgate.credits.ledger.Finding;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What an audit found, as programs read it, over HTTP and on the command line alike.
 *
 * @param ok whether everything that must hold holds
 * @param counts how many rows of each sort were looked at
 */
public record AuditDocument(boolean ok, Map<String, Long> counts, List<Finding> findings) {
    /** As it is shown. */
    public static AuditDocument of(AuditReport report) {
        return new AuditDocument(report.clean(), new TreeMap<>(report.counts()), report.findings());
    }
}
