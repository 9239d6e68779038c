package io.tollgate.app.command;

import io.tollgate.credits.ledger.AuditReport;
import io.tollgate.credits.ledger.Finding;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What an audit found, as programs read it.
 *
 * @param ok whether everything that must hold holds
 * @param counts how many rows of each sort were looked at
 */
record AuditDocument(boolean ok, Map<String, Long> counts, List<Finding> findings) {
    static AuditDocument of(AuditReport report) {
        return new AuditDocument(report.clean(), new TreeMap<>(report.counts()), report.findings());
    }

    /** The same for people. */
    static List<String> lines(AuditReport report) {
        List<String> lines = new ArrayList<>();
        String counted = new TreeMap<>(report.counts())
                .entrySet().stream()
                        .map(entry -> entry.getValue() + " " + entry.getKey())
                        .collect(Collectors.joining(", "));
        lines.add("audit    " + (report.clean() ? "everything adds up: " : "NOT IN ORDER: ") + counted);
        report.findings().forEach(finding -> lines.add("  " + finding));
        return lines;
    }
}
