package io.tollgate.credits.ledger;

import io.tollgate.credits.account.UserId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;

/**
 * What one command writes for one user, while it is being decided. Balances change by nothing but entries, so they
 * can't differ from their sums.
 */
final class LedgerDraft {
    private static final String SYSTEM = "system";

    private final LedgerRows rows;
    private final UserId user;
    private final Instant now;
    private final Optional<Account> before;
    private final Map<GrantId, Grant> grants = new LinkedHashMap<>();
    private final Set<GrantId> changed = new LinkedHashSet<>();
    private final List<Hold> holds = new ArrayList<>();
    private final List<Posting> postings = new ArrayList<>();
    private final List<QuotaDay> quotas = new ArrayList<>(0);
    private Account account;

    LedgerDraft(LedgerRows rows, UserId user, Instant now) {
        this.rows = rows;
        this.user = user;
        this.now = now;
        before = rows.account(user);
        account = before.orElseGet(() -> Account.fresh(user));
        rows.grants(user).stream().sorted(Grant.BURN_ORDER).forEach(grant -> grants.put(grant.id(), grant));
    }

    /** Expires what remains of grants that are due, and says how much that was. */
    Amount expireDue() {
        Amount expired = Amount.ZERO;
        for (Grant grant : List.copyOf(grants.values())) {
            if (grant.dueAt(now) && grant.remaining().isPositive()) {
                expired = expired.plus(grant.remaining());
                put(grant.expire());
            }
        }
        if (expired.isPositive()) {
            post(new Header(Posting.Kind.EXPIRE, SYSTEM)
                    .of(expired)
                    .move(user, Book.AVAILABLE, expired.negated())
                    .move(Book.BREAKAGE, expired));
        }
        return expired;
    }

    Amount spendable() {
        return Amount.sum(grants.values().stream()
                .filter(grant -> grant.spendableAt(now))
                .map(Grant::remaining)
                .toList());
    }

    /** Takes an amount that is spendable out of the grants in the order in which they are spent. */
    List<Slice> take(Amount amount, BiFunction<Grant, Amount, Grant> from) {
        List<Slice> slices = new ArrayList<>();
        Amount missing = amount;
        for (Grant grant : List.copyOf(grants.values())) {
            if (missing.isPositive() && grant.spendableAt(now)) {
                Slice slice = new Slice(grant.id(), missing.min(grant.remaining()));
                put(from.apply(grant, slice.amount()));
                slices.add(slice);
                missing = missing.minus(slice.amount());
            }
        }
        if (!missing.isZero()) {
            throw new IllegalStateException("the grants of " + user + " lack " + missing);
        }
        return slices;
    }

    /**
     * Takes an amount out of slices, first to last, and lets the rest go back to their grants.
     *
     * @return how much went back to grants that are due
     */
    Amount settle(List<Slice> slices, Amount amount) {
        Amount left = amount;
        Amount late = Amount.ZERO;
        for (Slice slice : slices) {
            Grant grant = grants.get(slice.grant());
            if (grant == null) {
                throw new IllegalStateException("grant " + slice.grant() + " of " + user + " is not among the rows");
            }
            Amount taken = left.min(slice.amount());
            put(grant.settle(slice.amount(), taken));
            left = left.minus(taken);
            if (grant.dueAt(now)) {
                late = late.plus(slice.amount().minus(taken));
            }
        }
        return late;
    }

    Grant add(GrantSource source, String sourceKey, Amount amount, Optional<Instant> expiresAt) {
        Grant grant = Grant.fresh(new GrantId(rows.nextGrantId()), user, source, sourceKey, amount, expiresAt, now);
        put(grant);
        return grant;
    }

    Account assign(String tier, Optional<Instant> until) {
        account = account.withTier(tier, until);
        return account;
    }

    void tryUntil(Instant end) {
        account = account.withTrial(end);
    }

    /** Opens a hold, with the free run that it takes. */
    void open(Hold hold) {
        hold.freeRun().ifPresent(run -> quotas.addAll(QuotaRules.take(rows, user, run)));
        holds.add(hold);
    }

    /** Ends a hold, and with it the free run that it took: captured, it was had. */
    void close(Hold hold) {
        hold.freeRun()
                .ifPresent(run -> quotas.add(QuotaRules.settle(rows, user, run, hold.state() == Hold.State.CAPTURED)));
        holds.add(hold);
    }

    Posting post(Header header) {
        Posting posting = header.posting(user, now);
        postings.add(posting);
        account = account.after(posting);
        return posting;
    }

    LedgerChanges changes() {
        return new LedgerChanges(
                        before.equals(Optional.of(account)) ? List.of() : List.of(account),
                        changed.stream().map(grants::get).toList(),
                        holds,
                        postings)
                .withQuotas(quotas);
    }

    private void put(Grant grant) {
        grants.put(grant.id(), grant);
        changed.add(grant.id());
    }

    /** A posting in the making. */
    static final class Header {
        private final Posting.Kind kind;
        private final String actor;
        private final List<Entry> entries = new ArrayList<>();
        private Optional<HoldId> hold = Optional.empty();
        private Amount listPrice = Amount.ZERO;
        private Amount net = Amount.ZERO;
        private Optional<String> reason = Optional.empty();
        private Optional<String> key = Optional.empty();
        private Optional<String> requestHash = Optional.empty();

        Header(Posting.Kind kind, String actor) {
            this.kind = kind;
            this.actor = actor;
        }

        Header of(Amount amount) {
            net = amount;
            return this;
        }

        Header of(Hold aboutHold, Amount ofListPrice, Amount amount) {
            hold = Optional.of(aboutHold.id());
            listPrice = ofListPrice;
            return of(amount);
        }

        Header because(String why) {
            reason = Optional.of(why);
            return this;
        }

        Header once(String underKey, String hash) {
            key = Optional.of(underKey);
            requestHash = Optional.of(hash);
            return this;
        }

        /** Adds a line to a user's book, none if it would move nothing. */
        Header move(UserId owner, Book book, Amount amount) {
            return line(Optional.of(owner), book, amount);
        }

        /** Adds a line to a book of the system, none if it would move nothing. */
        Header move(Book book, Amount amount) {
            return line(Optional.empty(), book, amount);
        }

        private Header line(Optional<UserId> owner, Book book, Amount amount) {
            if (!amount.isZero()) {
                entries.add(new Entry(owner, book, amount));
            }
            return this;
        }

        Posting posting(UserId user, Instant at) {
            return new Posting(kind, user, hold, listPrice, net, actor, reason, key, requestHash, at, entries);
        }
    }
}
