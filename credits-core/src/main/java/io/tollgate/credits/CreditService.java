package io.tollgate.credits;

import io.tollgate.credits.account.Tier;
import io.tollgate.credits.account.Tiers;
import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Account;
import io.tollgate.credits.ledger.AdjustResult;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Draw;
import io.tollgate.credits.ledger.DrawResult;
import io.tollgate.credits.ledger.DrawSecret;
import io.tollgate.credits.ledger.Grant;
import io.tollgate.credits.ledger.GrantResult;
import io.tollgate.credits.ledger.GrantSource;
import io.tollgate.credits.ledger.History;
import io.tollgate.credits.ledger.Holdings;
import io.tollgate.credits.ledger.LedgerCommand;
import io.tollgate.credits.ledger.LedgerStore;
import io.tollgate.credits.ledger.LuckyDraw;
import io.tollgate.credits.ledger.OpeningResult;
import io.tollgate.credits.ledger.QuotaDay;
import io.tollgate.credits.ledger.StoreUnavailableException;
import io.tollgate.credits.ledger.TierResult;
import io.tollgate.credits.ledger.Totals;
import io.tollgate.credits.ledger.Trial;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.random.RandomGenerator;

/**
 * What people do with credits. Safe for use by many threads. Wishes that make no sense are refused with an
 * {@link IllegalArgumentException} before the store is asked; reads throw {@link StoreUnavailableException} when it
 * can't be reached, and answers to wishes complete with it.
 */
public final class CreditService {
    /** The most credits at once: far beyond any purpose, and far from where sums over all users end. */
    public static final Amount MOST_AT_ONCE = Amount.credits(1_000_000_000_000L);

    private static final int DAYS = 1000;

    private final LedgerStore store;
    private final CreditPolicy policy;
    private final Tiers tiers;
    private final InstantSource clock;
    private final RandomGenerator random;

    /** @param random rolls for the lucky draw; one that nobody can foresee, and that many threads may use */
    public CreditService(LedgerStore store, CreditPolicy policy, InstantSource clock, RandomGenerator random) {
        this.store = store;
        this.policy = policy;
        this.tiers = policy.tiers();
        this.random = random;
        this.clock = clock;
    }

    /**
     * Gives a user credits, once per source key.
     *
     * @param source why; one that is {@link GrantSource#grantable}
     * @param sourceKey what for; the same key with the same wish gives the same grant back
     * @param amount more than 0, at most {@link #MOST_AT_ONCE}
     * @param expiresAt when what is left of it expires; empty if it doesn't
     * @param actor who gives it, such as {@code admin:eva}
     * @param reason why, in words, 3 to 500 characters
     */
    public CompletionStage<GrantResult> grant(
            UserId user,
            GrantSource source,
            String sourceKey,
            Amount amount,
            Optional<Instant> expiresAt,
            String actor,
            String reason) {
        checkAmount(amount);
        return store.execute(
                new LedgerCommand.GrantCredits(somebody(user), source, sourceKey, amount, expiresAt, actor, reason));
    }

    /**
     * Corrects a user's balance, once per key.
     *
     * @param amount what is added, or taken if negative; not 0, at most {@link #MOST_AT_ONCE} either way
     * @param reason why, 3 to 500 characters
     * @param key the same key with the same wish corrects nothing again
     */
    public CompletionStage<AdjustResult> adjust(UserId user, Amount amount, String actor, String reason, String key) {
        checkAmount(amount);
        return store.execute(new LedgerCommand.Adjust(user, amount, actor, reason, key));
    }

    private static void checkAmount(Amount amount) {
        boolean much = amount.compareTo(MOST_AT_ONCE) > 0 || amount.compareTo(MOST_AT_ONCE.negated()) < 0;
        if (much) {
            throw new IllegalArgumentException("at most " + MOST_AT_ONCE + " credits at once, not " + amount);
        }
    }

    /**
     * Gives a user a tier.
     *
     * @param tier the name of a tier of the book
     * @param until when it ends, after now; empty if it doesn't
     * @param reason why, 3 to 500 characters
     */
    public CompletionStage<TierResult> assignTier(
            UserId user, String tier, Optional<Instant> until, String actor, String reason) {
        checkTier(tier);
        if (until.isPresent() && !until.get().isAfter(clock.instant())) {
            throw new IllegalArgumentException("a tier ends after now, not at " + until.get());
        }
        return store.execute(new LedgerCommand.AssignTier(somebody(user), tier, until, actor, reason));
    }

    /** What users get. */
    public CreditPolicy policy() {
        return policy;
    }

    /**
     * Draws a user's luck for the day, once: who draws again gets what was drawn.
     *
     * @throws IllegalStateException if there is no draw, see {@link CreditPolicy#draw}
     */
    public CompletionStage<DrawResult> draw(UserId user) {
        LuckyDraw draw = policy.draw().orElseThrow(() -> new IllegalStateException("there is no lucky draw"));
        return store.execute(new LedgerCommand.DrawLuck(
                somebody(user),
                draw,
                policy.zone(),
                random.nextInt(LuckyDraw.OUTCOMES),
                draw.provable() ? Optional.of(DrawSecret.Secret.from(random)) : Optional.empty()));
    }

    /**
     * Makes the secret that today's draws are made of, if it isn't there yet and draws are to be provable, so that its
     * hash can be known before the first.
     */
    public CompletionStage<Optional<DrawProof>> prepareDraw() {
        if (!policy.draw().map(LuckyDraw::provable).orElse(false)) {
            return CompletableFuture.completedStage(Optional.empty());
        }
        return store.execute(new LedgerCommand.PrepareDraw(policy.zone(), DrawSecret.Secret.from(random)))
                .thenApply(secret -> Optional.of(shown(secret, secret)));
    }

    /**
     * What may be known of the secret of a day; empty if it has none. The secret itself only when the day is over, by
     * the clock and because a later one has begun: so that a clock that was wrong gives none away.
     */
    public Optional<DrawProof> drawProof(LocalDate day) {
        Optional<DrawSecret> latest = store.latestDrawSecret();
        return latest.isEmpty() ? Optional.empty() : store.drawSecret(day).map(secret -> shown(secret, latest.get()));
    }

    private DrawProof shown(DrawSecret secret, DrawSecret latest) {
        boolean over = secret.day().isBefore(today()) && secret.day().isBefore(latest.day());
        return new DrawProof(
                secret.day(),
                secret.secret().hash(),
                over ? Optional.of(secret.secret().hex()) : Optional.empty());
    }

    /** What a user drew today, if the day's draw was drawn. */
    public Optional<Draw> drawn(UserId user) {
        return store.account(user).flatMap(account -> account.drawOf(today()));
    }

    /**
     * What a user has now. For someone never seen that is the standard tier and the trial, if there is one. A trial
     * whose grant the user's next job will make counts as if it were made.
     */
    public Balance balance(UserId user) {
        Instant now = clock.instant();
        Account account = account(user);
        List<Grant> live = store.grants(user).stream()
                .filter(grant ->
                        grant.live() && !(grant.dueAt(now) && grant.held().isZero()))
                .sorted(Grant.BURN_ORDER)
                .toList();
        Amount spendable = Amount.sum(live.stream()
                .filter(grant -> grant.spendableAt(now))
                .map(Grant::remaining)
                .toList());
        Optional<Balance.TrialPeriod> trial = trial(account, live, now);
        if (trial.isPresent() && trial.get().unmade()) {
            spendable = spendable.plus(trial.get().left());
        }
        return new Balance(account.withAvailable(spendable), tier(account, now), live, trial);
    }

    private Optional<Balance.TrialPeriod> trial(Account account, List<Grant> live, Instant now) {
        Optional<Trial> terms = policy.trial();
        if (terms.isEmpty()) {
            return Optional.empty();
        }
        Instant end = terms.get().endOfPeriod(account.trialUntil(), now);
        if (terms.get().due(account.trialUntil(), now)) {
            return account.trialDue(terms.get(), now)
                    ? Optional.of(new Balance.TrialPeriod(terms.get().credits(), end, true))
                    : Optional.empty();
        }
        Amount left = Amount.sum(live.stream()
                .filter(grant -> grant.source() == GrantSource.TRIAL && grant.spendableAt(now))
                .map(Grant::remaining)
                .toList());
        return Optional.of(new Balance.TrialPeriod(left, end, false));
    }

    /** A user's account; one that nothing ever happened to for someone never seen. */
    public Account account(UserId user) {
        return store.account(user).orElseGet(() -> Account.fresh(user));
    }

    /** A user's days of free runs, the last that was begun first; long past ones are left out. */
    public List<QuotaDay> quotas(UserId user) {
        return store.quotas(user, DAYS);
    }

    /** All grants that a user ever had, spent ones too, newest first. */
    public List<Grant> grants(UserId user) {
        return store.grants(user);
    }

    /** The tier that a user has now. */
    public Tier tier(UserId user) {
        return store.account(user)
                .map(account -> tier(account, clock.instant()))
                .orElseGet(tiers::standard);
    }

    /**
     * What happened to a user, newest first.
     *
     * @param before the {@link History#next} of the page before; empty for the newest page
     * @param limit the most postings, at least 1
     */
    public History history(UserId user, Optional<Long> before, int limit) {
        return store.history(user, before, limit);
    }

    /**
     * Brings a user along from another system, once per origin.
     *
     * @param amount what the user had there, not negative; more than 0 if there is no tier
     * @param tier the name of a tier of the book, if the user had one
     * @param tierUntil when it ends
     */
    public CompletionStage<OpeningResult> open(
            UserId user,
            String origin,
            Amount amount,
            Optional<String> tier,
            Optional<Instant> tierUntil,
            String actor,
            String reason) {
        tier.ifPresent(this::checkTier);
        return store.execute(
                new LedgerCommand.OpenBalance(somebody(user), origin, amount, tier, tierUntil, actor, reason));
    }

    /**
     * Accounts with their live grants, in the order of their users' ids; each page is of one consistent state.
     *
     * @param after the last user of the page before; empty for the first page
     * @param limit the most accounts, at least 1
     */
    public List<Holdings> holdings(Optional<UserId> after, int limit) {
        return store.holdings(after, limit);
    }

    /** The time that it is now. */
    public Instant now() {
        return clock.instant();
    }

    /** The day that it is now, in the zone whose days count. */
    public LocalDate today() {
        return policy.today(clock.instant());
    }

    /**
     * What happened day by day, to all users together.
     *
     * @param from the first day
     * @param to the last day, not before {@code from}; at most {@link Totals#MOST_DAYS} days in all
     */
    public Totals totals(LocalDate from, LocalDate to) {
        return store.totals(from, to, policy.zone());
    }

    private void checkTier(String tier) {
        if (tiers.find(tier).isEmpty()) {
            throw new IllegalArgumentException("there is no tier '" + tier + "'; there are " + tiers.names());
        }
    }

    private static UserId somebody(UserId user) {
        if (user.isErased()) {
            throw new IllegalArgumentException("nobody can be given anything as " + user);
        }
        return user;
    }

    private Tier tier(Account account, Instant now) {
        return tiers.tier(account.tierAt(now));
    }
}
