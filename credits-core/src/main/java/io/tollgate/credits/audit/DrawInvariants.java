package io.tollgate.credits.audit;

import io.tollgate.credits.ledger.Account;
import io.tollgate.credits.ledger.AuditReport;
import io.tollgate.credits.ledger.Draw;
import io.tollgate.credits.ledger.DrawSecret;
import io.tollgate.credits.ledger.Finding;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What must always be true of the lucky draw. Pure, like {@link LedgerInvariants}. */
public final class DrawInvariants {
    /** A provable draw is made of its day's secret; that of somebody who is gone can't be checked any more. */
    public static final String DRAW_IS_OF_SECRET = "draw-is-of-secret";
    /** A user has one draw a day at most, and the latest stands with the account. */
    public static final String DRAW_IS_LATEST = "draw-is-latest";

    private DrawInvariants() {}

    /** Checks all accounts, draws and secrets that there are. */
    public static AuditReport check(
            Collection<Account> accounts, Collection<Draw> draws, Map<LocalDate, DrawSecret> secrets) {
        List<Finding> findings = new ArrayList<>();
        for (Draw draw : draws) {
            check(draw, Optional.ofNullable(secrets.get(draw.day()))).ifPresent(findings::add);
        }
        for (Account account : accounts) {
            List<Draw> own = draws.stream()
                    .filter(draw -> draw.user().equals(account.user()))
                    .toList();
            Optional<LocalDate> latest = own.stream().map(Draw::day).max(LocalDate::compareTo);
            long days = own.stream().map(Draw::day).distinct().count();
            if (days != own.size() || !latest.equals(account.draw().map(Draw::day))) {
                findings.add(new Finding(
                        DRAW_IS_LATEST,
                        "account " + account.user(),
                        "has " + own.size() + " draws on " + days + " days, the last on "
                                + latest.map(LocalDate::toString).orElse("none") + ", but says "
                                + account.draw()
                                        .map(draw -> draw.day().toString())
                                        .orElse("none")));
            }
        }
        return new AuditReport(Map.of("draws", (long) draws.size()), findings);
    }

    /**
     * What is wrong with a draw, if anything is.
     *
     * @param secret of its day
     */
    public static Optional<Finding> check(Draw draw, Optional<DrawSecret> secret) {
        if (!draw.provable() || draw.user().isErased()) {
            return Optional.empty();
        }
        Optional<Integer> right = secret.map(one -> one.roll(draw.user()));
        return right.equals(Optional.of(draw.roll()))
                ? Optional.empty()
                : Optional.of(new Finding(
                        DRAW_IS_OF_SECRET,
                        "draw of " + draw.user() + " on " + draw.day(),
                        "rolled " + draw.roll() + " but "
                                + right.map(roll -> "should have rolled " + roll)
                                        .orElse("its day has no secret")));
    }
}
