package io.tollgate.app.command;

import io.tollgate.app.cli.CommandFailed;
import io.tollgate.app.container.Access;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;

/** Whether everything that must hold holds. */
@Command(
        name = "audit",
        description = "Checks jobs, slots, holds and the ledger against each other, also while a server runs; exit 1"
                + " with the rows at fault.")
public final class AuditCommand extends SiteCommand {
    @Override
    protected void execute() {
        try (Site site = site(Access.READ)) {
            Doc audit = site.audit();
            output().result(audit.node(), lines(audit));
            if (!audit.flag("ok")) {
                List<Doc> findings = audit.list("findings");
                throw new CommandFailed("the audit found " + findings.size() + " faults"
                        + (findings.isEmpty() ? "" : ", the first: " + finding(findings.get(0))));
            }
        }
    }

    /** What an audit found, for people. */
    static List<String> lines(Doc audit) {
        List<String> lines = new ArrayList<>();
        String counted = audit.at("counts").node().properties().stream()
                .map(count -> count.getValue().asText() + " " + count.getKey())
                .collect(Collectors.joining(", "));
        lines.add("audit    " + (audit.flag("ok") ? "everything adds up: " : "NOT IN ORDER: ") + counted);
        audit.list("findings").forEach(finding -> lines.add("  " + finding(finding)));
        return lines;
    }

    private static String finding(Doc finding) {
        return finding.text("rule") + ": " + finding.text("subject") + ": " + finding.text("problem");
    }
}
