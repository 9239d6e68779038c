package io.tollgate.queue.job;

import io.tollgate.credits.account.Tier;
import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Account;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Decision;
import io.tollgate.credits.ledger.LedgerChanges;
import io.tollgate.credits.ledger.Posting;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The rules of forgetting who a user was. Pure functions; a store carries out what they decide, and then puts the
 * pseudonym everywhere in the place of the user, and what {@link #inHistory} and {@link #inKey} say in that of texts.
 */
public final class EraseRules {
    /** What stands where something was that said who it was. */
    public static final String GONE = "erased";

    private static final int TELLING = 3;

    private EraseRules() {}

    /**
     * Whether a user can be forgotten; the ledger says by whom and why.
     *
     * @param openHolds how many holds of the user are open
     * @param pendingRefunds how many of the user's payments are on their way back
     * @param reason why, in an operator's words, which stay
     */
    public static Decision<EraseResult> decide(
            JobRows rows,
            UserId user,
            UserId pseudonym,
            int openHolds,
            int pendingRefunds,
            String actor,
            String reason,
            Instant now) {
        Optional<Account> account = rows.account(user);
        if (account.isEmpty() || user.isErased()) {
            return Decision.unchanged(new EraseResult.UnknownUser());
        }
        int live = rows.load(user).map(UserLoad::live).orElse(0);
        if (live > 0 || openHolds > 0 || pendingRefunds > 0) {
            return Decision.unchanged(new EraseResult.Busy(live, openHolds, pendingRefunds));
        }
        Posting posting = new Posting(
                Posting.Kind.TIER,
                user,
                Optional.empty(),
                Amount.ZERO,
                Amount.ZERO,
                says(actor, user) ? "system" : actor,
                Optional.of(says(reason, user) ? GONE : GONE + ": " + reason),
                Optional.empty(),
                Optional.empty(),
                now,
                List.of());
        return new Decision<>(
                new EraseResult.Erased(pseudonym),
                new LedgerChanges(
                        List.of(account.get().withTier(Tier.STANDARD, Optional.empty())),
                        List.of(),
                        List.of(),
                        List.of(posting)));
    }

    /** What stands in a job's history in the place of a cause. */
    public static String inHistory(String cause, UserId user) {
        if (cause.equals("canceled by " + user)) {
            return "canceled by its owner";
        }
        return says(cause, user) ? GONE : cause;
    }

    /**
     * What stands in the place of a grant's source key.
     *
     * @param grant the grant's number, which makes it unique
     */
    public static String inKey(String sourceKey, UserId user, long grant) {
        return sourceKey.startsWith("trial-period:" + user + ":") || says(sourceKey, user)
                ? GONE + "-grant:" + grant
                : sourceKey;
    }

    /** Whether a text tells of a user. A name of a letter or two is in every word, and tells nothing. */
    public static boolean says(String text, UserId user) {
        return user.value().length() < TELLING ? text.equals(user.value()) : text.contains(user.value());
    }
}
