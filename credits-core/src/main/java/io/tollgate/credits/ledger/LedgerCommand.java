package io.tollgate.credits.ledger;

import io.tollgate.credits.account.Tier;
import io.tollgate.credits.account.UserId;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Something that is to be done to the ledger, as data: a store loads what the command names, lets it decide, and stores
 * the changes.
 *
 * @param <R> the answer
 */
public sealed interface LedgerCommand<R> {
    /** Whose accounts and live grants to load and lock, besides those of the users of {@link #holds}. */
    default Set<UserId> users() {
        return Set.of();
    }

    /** Which holds to load. */
    default Set<HoldId> holds() {
        return Set.of();
    }

    /** By which keys to load postings. */
    default Set<String> keys() {
        return Set.of();
    }

    /** By which source keys to load grants. */
    default Set<String> sourceKeys() {
        return Set.of();
    }

    /** What the rules say to it; see {@link LedgerRules}. */
    Decision<R> decide(LedgerRows rows, Instant now);

    /**
     * Sets credits aside. Opening the same hold again changes nothing.
     *
     * @param price what the user pays at most, and how that came about
     */
    record OpenHold(HoldId id, UserId user, Price price, String actor) implements LedgerCommand<HoldResult> {
        public OpenHold {
            Texts.checkActor(actor);
        }

        @Override
        public Set<UserId> users() {
            return Set.of(user);
        }

        @Override
        public Set<HoldId> holds() {
            return Set.of(id);
        }

        @Override
        public Decision<HoldResult> decide(LedgerRows rows, Instant now) {
            return LedgerRules.hold(rows, id, user, price, now, actor);
        }
    }

    /**
     * Takes all or a part of a hold and gives the rest back.
     *
     * @param amount what the user pays, 0 to what is held
     * @param ofListPrice what that would have cost without perks and discounts, {@code amount} to the hold's list price
     */
    record Capture(HoldId id, Amount amount, Amount ofListPrice, String actor) implements LedgerCommand<SettleResult> {
        public Capture {
            Price.check(ofListPrice, amount);
            Texts.checkActor(actor);
        }

        @Override
        public Set<HoldId> holds() {
            return Set.of(id);
        }

        @Override
        public Decision<SettleResult> decide(LedgerRows rows, Instant now) {
            return LedgerRules.capture(rows, id, amount, ofListPrice, now, actor);
        }
    }

    /**
     * Gives a hold back.
     *
     * @param ourFault whether what it was for failed through our fault: then nothing of it is lost to expiry
     * @param reason why, 3 to 500 characters
     */
    record Release(HoldId id, boolean ourFault, String actor, String reason) implements LedgerCommand<SettleResult> {
        public Release {
            Texts.checkActor(actor);
            Texts.checkReason(reason);
        }

        @Override
        public Set<HoldId> holds() {
            return Set.of(id);
        }

        @Override
        public Decision<SettleResult> decide(LedgerRows rows, Instant now) {
            return LedgerRules.release(rows, id, ourFault, actor, reason, now);
        }
    }

    /**
     * Books, once per hold, that what a released hold was for was delivered after all: our loss, never the user's debt.
     *
     * @param ofListPrice what was delivered would have cost without perks and discounts, 0 to the hold's list price
     */
    record BookLate(HoldId hold, Amount ofListPrice, String actor) implements LedgerCommand<LateResult> {
        public BookLate {
            Price.check(ofListPrice, Amount.ZERO);
            Texts.checkActor(actor);
        }

        @Override
        public Set<HoldId> holds() {
            return Set.of(hold);
        }

        @Override
        public Set<String> keys() {
            return Set.of(LateRules.key(hold));
        }

        @Override
        public Decision<LateResult> decide(LedgerRows rows, Instant now) {
            return LateRules.decide(rows, this, now);
        }
    }

    /**
     * Gives a user credits, once per source key.
     *
     * @param source why; one that is {@link GrantSource#grantable}
     * @param sourceKey what for, such as {@code purchase:17}; 1 to 190 characters, and not one of the ledger's own,
     *     which begin with {@code adjust:}, {@code credit-back:}, {@code opening:} or {@code trial-period:}
     * @param amount positive
     * @param expiresAt when what is left of it expires; empty if it doesn't
     * @param reason why, in words, 3 to 500 characters
     */
    record GrantCredits(
            UserId user,
            GrantSource source,
            String sourceKey,
            Amount amount,
            Optional<Instant> expiresAt,
            String actor,
            String reason)
            implements LedgerCommand<GrantResult> {
        private static final List<String> OWN_KEYS =
                List.of("adjust:", LedgerRules.CREDIT_BACK_KEY, LedgerRules.TRIAL_KEY, OpeningRules.KEY);

        public GrantCredits {
            if (!source.grantable()) {
                throw new IllegalArgumentException("the ledger itself makes grants of this source: " + source);
            }
            if (!amount.isPositive()) {
                throw new IllegalArgumentException("a grant is more than 0: " + amount);
            }
            Texts.checkKey("sourceKey", key(sourceKey));
            if (OWN_KEYS.stream().anyMatch(sourceKey::startsWith)) {
                throw new IllegalArgumentException("this source key is the ledger's own: " + sourceKey);
            }
            Texts.checkActor(actor);
            Texts.checkReason(reason);
        }

        private static String key(String sourceKey) {
            return "grant:" + sourceKey;
        }

        /** The key of its posting. */
        public String key() {
            return key(sourceKey);
        }

        /** What is asked under the key; who asks doesn't matter. */
        public String requestHash() {
            return RequestHash.of("grant", user, source, amount, expiresAt, reason);
        }

        @Override
        public Set<UserId> users() {
            return Set.of(user);
        }

        @Override
        public Set<String> keys() {
            return Set.of(key());
        }

        @Override
        public Set<String> sourceKeys() {
            return Set.of(sourceKey);
        }

        @Override
        public Decision<GrantResult> decide(LedgerRows rows, Instant now) {
            return LedgerRules.grant(rows, this, now);
        }
    }

    /**
     * Corrects a user's balance, once per key. What is added becomes a grant; what is taken comes out of the grants in
     * the order in which they are spent.
     *
     * @param amount what is added, or taken if negative; not 0
     * @param reason why, 3 to 500 characters
     * @param key the caller's key, 1 to 190 characters
     */
    record Adjust(UserId user, Amount amount, String actor, String reason, String key)
            implements LedgerCommand<AdjustResult> {
        public Adjust {
            if (amount.isZero() || amount.hundredths() == Long.MIN_VALUE) {
                throw new IllegalArgumentException("an adjustment adds or takes something: " + amount);
            }
            Texts.checkKey("key", postingKey(key));
            Texts.checkActor(actor);
            Texts.checkReason(reason);
        }

        private static String postingKey(String key) {
            return "adjust:" + key;
        }

        /** The key of its posting, and the source key of its grant if it makes one. */
        public String postingKey() {
            return postingKey(key);
        }

        /** What is asked under the key; who asks doesn't matter. */
        public String requestHash() {
            return RequestHash.of("adjust", user, amount, reason);
        }

        @Override
        public Set<UserId> users() {
            return Set.of(user);
        }

        @Override
        public Set<String> keys() {
            return Set.of(postingKey());
        }

        @Override
        public Decision<AdjustResult> decide(LedgerRows rows, Instant now) {
            return LedgerRules.adjust(rows, this, now);
        }
    }

    /**
     * Gives a user a tier. Giving the one that the user has changes nothing.
     *
     * @param tier its name; whether there is such a tier is the caller's business
     * @param until when it ends; empty if it doesn't
     * @param reason why, 3 to 500 characters
     */
    record AssignTier(UserId user, String tier, Optional<Instant> until, String actor, String reason)
            implements LedgerCommand<TierResult> {
        public AssignTier {
            Tier.checkName(tier);
            Texts.checkActor(actor);
            Texts.checkReason(reason);
        }

        @Override
        public Set<UserId> users() {
            return Set.of(user);
        }

        @Override
        public Decision<TierResult> decide(LedgerRows rows, Instant now) {
            return LedgerRules.assignTier(rows, this, now);
        }
    }

    /**
     * Draws a user's luck for the day, once: who draws again gets what was drawn.
     *
     * @param draw what can be drawn
     * @param zone whose days count
     * @param roll what is rolled if it is the first time and the day has no secret, 0 to {@link LuckyDraw#OUTCOMES}
     *     less 1
     * @param secret what becomes the day's secret if it has none yet; empty if rolls needn't be checked
     */
    record DrawLuck(UserId user, LuckyDraw draw, ZoneId zone, int roll, Optional<DrawSecret.Secret> secret)
            implements LedgerCommand<DrawResult> {
        public DrawLuck {
            draw.prize(roll);
        }

        /** A draw that nobody has to check. */
        public DrawLuck(UserId user, LuckyDraw draw, ZoneId zone, int roll) {
            this(user, draw, zone, roll, Optional.empty());
        }

        @Override
        public Set<UserId> users() {
            return Set.of(user);
        }

        @Override
        public Decision<DrawResult> decide(LedgerRows rows, Instant now) {
            return DrawRules.draw(rows, this, now);
        }
    }

    /**
     * Makes the secret that the day's draws are made of, once; answers with the day's.
     *
     * @param zone whose days count
     * @param secret what becomes the day's secret if it has none yet
     */
    record PrepareDraw(ZoneId zone, DrawSecret.Secret secret) implements LedgerCommand<DrawSecret> {
        @Override
        public Decision<DrawSecret> decide(LedgerRows rows, Instant now) {
            return DrawRules.prepare(rows, this, now);
        }
    }

    /**
     * Brings a user along from another system, once per origin: what the user had there, and the tier.
     *
     * @param origin the other system, 1 to 60 characters A-Z a-z 0-9 . _ -
     * @param amount not negative; more than 0 if there is no tier
     * @param tier its name; whether there is such a tier is the caller's business
     * @param tierUntil when the tier ends; empty if it doesn't
     * @param reason why, 3 to 500 characters
     */
    record OpenBalance(
            UserId user,
            String origin,
            Amount amount,
            Optional<String> tier,
            Optional<Instant> tierUntil,
            String actor,
            String reason)
            implements LedgerCommand<OpeningResult> {
        private static final Pattern ORIGIN = Pattern.compile("[A-Za-z0-9._-]{1,60}");

        public OpenBalance {
            if (!ORIGIN.matcher(origin).matches()) {
                throw new IllegalArgumentException(
                        "an origin has 1 to 60 characters of A-Z a-z 0-9 . _ -, not '" + origin + "'");
            }
            tier.ifPresent(Tier::checkName);
            if (amount.isNegative() || (amount.isZero() && tier.isEmpty())) {
                throw new IllegalArgumentException("who is brought along has credits or a tier: " + amount);
            }
            if (tier.isEmpty() && tierUntil.isPresent()) {
                throw new IllegalArgumentException("without a tier there is no end of it: " + tierUntil.get());
            }
            Texts.checkActor(actor);
            Texts.checkReason(reason);
        }

        /** The key of its posting and its grant. It doesn't say who the user is: postings outlive users. */
        public String key() {
            return OpeningRules.KEY + RequestHash.of("opening", origin, user);
        }

        /** What is asked under the key; who asks doesn't matter. */
        public String requestHash() {
            return RequestHash.of("opening", user, amount, tier, tierUntil);
        }

        @Override
        public Set<UserId> users() {
            return Set.of(user);
        }

        @Override
        public Set<String> keys() {
            return Set.of(key());
        }

        @Override
        public Decision<OpeningResult> decide(LedgerRows rows, Instant now) {
            return OpeningRules.open(rows, this, now);
        }
    }

    /** Expires a user's due grants, as any other command of the user would; answers with the amount. */
    record ExpireGrants(UserId user) implements LedgerCommand<Amount> {
        @Override
        public Set<UserId> users() {
            return Set.of(user);
        }

        @Override
        public Decision<Amount> decide(LedgerRows rows, Instant now) {
            return LedgerRules.expire(rows, user, now);
        }
    }
}
