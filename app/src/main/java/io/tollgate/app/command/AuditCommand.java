package io.tollgate.app.command;

import io.tollgate.app.cli.CommandFailed;
import io.tollgate.app.container.Access;
import io.tollgate.app.container.ServiceContainer;
import io.tollgate.credits.ledger.AuditReport;
import io.tollgate.http.AuditDocument;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;

/** Whether everything that must hold holds. */
@Command(
        name = "audit",
        description = "Checks jobs, slots, holds and the ledger against each other, also while a server runs; exit 1"
                + " with the rows at fault.")
public final class AuditCommand extends LocalCommand {
    @Override
    protected void execute() {
        try (ServiceContainer container = open(Access.READ)) {
            AuditReport report = container.tollgate().operations().audit();
            output().result(AuditDocument.of(report), lines(report));
            if (!report.clean()) {
                throw new CommandFailed("the audit found " + report.findings().size() + " faults, the first: "
                        + report.findings().get(0));
            }
        }
    }

    /** What an audit found, for people. */
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
