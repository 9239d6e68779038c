package io.tollgate.credits.ledger;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What an audit looked at and what it found.
 *
 * @param counts how many rows of each sort were looked at, by a plural word such as {@code postings}
 * @param findings what is wrong; empty for books in order
 */
public record AuditReport(Map<String, Long> counts, List<Finding> findings) {
    public AuditReport {
        counts = Map.copyOf(counts);
        findings = List.copyOf(findings);
    }

    /** Whether nothing is wrong. */
    public boolean clean() {
        return findings.isEmpty();
    }

    /** This report and another as one; counts of the same word are added. */
    public AuditReport and(AuditReport other) {
        Map<String, Long> allCounts = new TreeMap<>(counts);
        other.counts.forEach((word, count) -> allCounts.merge(word, count, Math::addExact));
        List<Finding> allFindings = new ArrayList<>(findings);
        allFindings.addAll(other.findings);
        return new AuditReport(allCounts, allFindings);
    }
}
