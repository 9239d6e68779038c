package io.tollgate.http;

import io.tollgate.credits.Balance;
import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Grant;
import io.tollgate.queue.FreeRuns;
import io.tollgate.queue.Tollgate;
import io.tollgate.queue.job.WorkflowName;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What a user has, as programs read it, over HTTP and on the command line alike. */
public record BalanceDocument(
        UserId userId,
        String tier,
        Amount available,
        Amount held,
        Amount debt,
        List<GrantLine> grants,
        List<QuotaLine> quotas,
        Optional<TrialLine> trial,
        Optional<DrawLine> draw) {

    /** Credits with a source and an end. */
    public record GrantLine(
            String source, String reason, Amount granted, Amount remaining, Amount held, Optional<Instant> expiresAt) {
        static GrantLine of(Grant grant) {
            return new GrantLine(
                    grant.source().name().toLowerCase(Locale.ROOT),
                    grant.sourceKey(),
                    grant.granted(),
                    grant.remaining(),
                    grant.held(),
                    grant.expiresAt());
        }
    }

    /** The day's free runs of a workflow. */
    public record QuotaLine(
            WorkflowName workflow, int perDay, int used, int held, int left, boolean unlimited, Instant until) {
        static QuotaLine of(FreeRuns runs) {
            return new QuotaLine(
                    runs.workflow(),
                    runs.perDay(),
                    runs.used(),
                    runs.held(),
                    runs.left(),
                    runs.unlimited(),
                    runs.until());
        }
    }

    /** The free trial. */
    public record TrialLine(Amount left, Instant until) {}

    /** What was drawn for the day. */
    public record DrawLine(LocalDate day, String prize, int percentOff) {}

    /** As it is shown. */
    public static BalanceDocument of(UserId user, Tollgate tollgate) {
        Balance balance = tollgate.credits().balance(user);
        return new BalanceDocument(
                user,
                balance.tier().name(),
                balance.account().available(),
                balance.account().held(),
                balance.account().debt(),
                balance.grants().stream().map(GrantLine::of).toList(),
                tollgate.freeRuns(user).stream().map(QuotaLine::of).toList(),
                balance.trial().map(trial -> new TrialLine(trial.left(), trial.until())),
                tollgate.credits().drawn(user).map(draw -> new DrawLine(draw.day(), draw.prize(), draw.percentOff())));
    }
}
