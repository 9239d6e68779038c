package io.tollgate.app.command;

import io.tollgate.app.cli.CommandFailed;
import io.tollgate.app.container.Access;
import io.tollgate.app.container.ServiceContainer;
import io.tollgate.credits.ledger.AuditReport;
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
            output().result(AuditDocument.of(report), AuditDocument.lines(report));
            if (!report.clean()) {
                throw new CommandFailed("the audit found " + report.findings().size() + " faults, the first: "
                        + report.findings().get(0));
            }
        }
    }
}
