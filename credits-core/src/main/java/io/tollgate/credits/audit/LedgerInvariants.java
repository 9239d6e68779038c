package io.tollgate.credits.audit;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Account;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.AuditReport;
import io.tollgate.credits.ledger.Book;
import io.tollgate.credits.ledger.Entry;
import io.tollgate.credits.ledger.Finding;
import io.tollgate.credits.ledger.Grant;
import io.tollgate.credits.ledger.GrantId;
import io.tollgate.credits.ledger.GrantSource;
import io.tollgate.credits.ledger.Hold;
import io.tollgate.credits.ledger.HoldId;
import io.tollgate.credits.ledger.Posting;
import io.tollgate.credits.ledger.Price;
import io.tollgate.credits.ledger.Slice;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What must always be true of a ledger. Pure: looks at rows, changes nothing.
 *
 * <p>Stores whose rows don't come as these values check the same rules in their own language, under the same words, and
 * besides them {@link #POSTING_SUMS_TO_ZERO}, {@link #GRANT_CONSERVES}, {@link #HOLD_IS_SUM_OF_SLICES} and
 * {@link #HOLD_SETTLED_HAS_TIME}, which the values here can't break.
 */
public final class LedgerInvariants {
    /** The entries of a posting sum to 0, and none is 0. */
    public static final String POSTING_SUMS_TO_ZERO = "posting-sums-to-zero";
    /** What remains, is held, was consumed, expired and was revoked of a grant is what was granted. */
    public static final String GRANT_CONSERVES = "grant-conserves";
    /**
     * The steps of a hold's price lead from the list price to its amount, each from where the last one ended, none up.
     */
    public static final String PRICE_ADDS_UP = "price-adds-up";
    /** What is available or held was never below zero, and a debt never above, after any of the user's postings. */
    public static final String BALANCE_NEVER_NEGATIVE = "balance-never-negative";
    /** A hold's amount is the sum of its slices. */
    public static final String HOLD_IS_SUM_OF_SLICES = "hold-is-sum-of-slices";
    /** A hold has a time of settlement if and only if it is settled; only a captured one has an amount captured. */
    public static final String HOLD_SETTLED_HAS_TIME = "hold-settled-has-time";
    /** A user's balance is the sum of the user's entries in that book. */
    public static final String BALANCE_IS_SUM_OF_ENTRIES = "balance-is-sum-of-entries";
    /** What is available is what remains of the user's grants. */
    public static final String AVAILABLE_IS_SUM_OF_GRANTS = "available-is-sum-of-grants";
    /** What is held is what is held of the user's grants. */
    public static final String HELD_IS_SUM_OF_GRANTS = "held-is-sum-of-grants";
    /** What is held is the sum of the user's open holds. */
    public static final String HELD_IS_SUM_OF_HOLDS = "held-is-sum-of-holds";
    /** What is held and consumed of a grant is what the slices of open and captured holds say. */
    public static final String GRANT_AGREES_WITH_SLICES = "grant-agrees-with-slices";
    /** A slice is of a grant of the hold's own user. */
    public static final String SLICE_HAS_GRANT = "slice-has-grant";
    /** A hold has one posting that opened it, of its amount and list price. */
    public static final String HOLD_OPENED_ONCE = "hold-opened-once";
    /** A settled hold has one posting that settled it, as its state and amount say; an open one has none. */
    public static final String HOLD_SETTLED_ONCE = "hold-settled-once";
    /** A grant, a hold or a posting is of a user with an account, and a posting of a hold that is there. */
    public static final String NO_ORPHANS = "no-orphans";
    /** A key is used by one posting, a source key by one grant. */
    public static final String KEY_USED_ONCE = "key-used-once";
    /** Revenue and subsidies together are what was captured. */
    public static final String REVENUE_IS_CAPTURED = "revenue-is-captured";
    /**
     * Only a released hold has a posting about a late delivery, one at most, of its list price or a part, that costs
     * nothing.
     */
    public static final String LATE_ONCE = "late-once";
    /** Revenue is the list price of what was captured or delivered late. */
    public static final String REVENUE_IS_LIST_PRICE = "revenue-is-list-price";
    /** What was issued, adjusted, revoked and broken is what the grants say. */
    public static final String ISSUED_IS_GRANTED = "issued-is-granted";

    private final Map<UserId, Account> accounts = new HashMap<>();
    private final Map<GrantId, Grant> grants = new HashMap<>();
    private final Map<HoldId, Hold> holds = new HashMap<>();
    private final Collection<Posting> postings;
    private final Map<Book, BigInteger> system = new EnumMap<>(Book.class);
    private final List<Finding> findings = new ArrayList<>();

    private LedgerInvariants(
            Collection<Account> accounts,
            Collection<Grant> grants,
            Collection<Hold> holds,
            Collection<Posting> postings) {
        accounts.forEach(account -> this.accounts.put(account.user(), account));
        grants.forEach(grant -> this.grants.put(grant.id(), grant));
        holds.forEach(hold -> this.holds.put(hold.id(), hold));
        this.postings = postings;
    }

    /**
     * Checks a whole ledger: every account, grant, hold and posting there is.
     *
     * @param postings in the order in which they were made
     */
    public static AuditReport check(
            Collection<Account> accounts,
            Collection<Grant> grants,
            Collection<Hold> holds,
            Collection<Posting> postings) {
        LedgerInvariants ledger = new LedgerInvariants(accounts, grants, holds, postings);
        ledger.keys();
        ledger.orphans();
        ledger.balances();
        ledger.prices();
        ledger.slices();
        ledger.settlements();
        ledger.systemBooks();
        long entries =
                postings.stream().mapToLong(posting -> posting.entries().size()).sum();
        return new AuditReport(
                Map.of(
                        "accounts", (long) accounts.size(),
                        "grants", (long) grants.size(),
                        "holds", (long) holds.size(),
                        "postings", (long) postings.size(),
                        "entries", entries),
                ledger.findings);
    }

    private void keys() {
        Set<String> keys = new HashSet<>();
        for (Posting posting : postings) {
            if (posting.key().isPresent() && !keys.add(posting.key().get())) {
                find(KEY_USED_ONCE, "key " + posting.key().get(), "more than one posting has it");
            }
        }
        Set<String> sourceKeys = new HashSet<>();
        for (Grant grant : grants.values()) {
            if (!sourceKeys.add(grant.sourceKey())) {
                find(KEY_USED_ONCE, "source key " + grant.sourceKey(), "more than one grant has it");
            }
        }
    }

    private void orphans() {
        grants.values().forEach(grant -> account("grant " + grant.id(), grant.user()));
        holds.values().forEach(hold -> account("hold " + hold.id(), hold.user()));
        for (Posting posting : postings) {
            account("posting " + posting.kind() + " at " + posting.at(), posting.user());
            if (posting.hold().isPresent()) {
                HoldId id = posting.hold().get();
                Hold hold = holds.get(id);
                if (hold == null) {
                    find(NO_ORPHANS, "hold " + id, "a posting names it, but it is not there");
                } else if (!hold.user().equals(posting.user())) {
                    find(NO_ORPHANS, "hold " + id, "a posting of " + posting.user() + " names it");
                }
            }
        }
    }

    private void account(String subject, UserId user) {
        if (!accounts.containsKey(user)) {
            find(NO_ORPHANS, subject, "its user has no account: " + user);
        }
    }

    private void balances() {
        Map<UserId, Map<Book, BigInteger>> sums = new HashMap<>();
        for (Posting posting : postings) {
            for (Entry entry : posting.entries()) {
                Map<Book, BigInteger> books = entry.user()
                        .map(user -> sums.computeIfAbsent(user, any -> new EnumMap<>(Book.class)))
                        .orElse(system);
                add(books, entry.book(), entry.amount());
            }
        }
        neverNegative();
        Map<UserId, BigInteger> remaining = new HashMap<>();
        Map<UserId, BigInteger> heldOfGrants = new HashMap<>();
        for (Grant grant : grants.values()) {
            add(remaining, grant.user(), grant.remaining());
            add(heldOfGrants, grant.user(), grant.held());
        }
        Map<UserId, BigInteger> heldByHolds = new HashMap<>();
        for (Hold hold : holds.values()) {
            add(heldByHolds, hold.user(), hold.open() ? hold.amount() : Amount.ZERO);
        }
        for (UserId user : new TreeSet<>(accounts.keySet())) {
            Account account = accounts.getOrDefault(user, Account.fresh(user));
            Map<Book, BigInteger> books = sums.getOrDefault(user, Map.of());
            same(BALANCE_IS_SUM_OF_ENTRIES, user, "AVAILABLE", account.available(), sum(books, Book.AVAILABLE));
            same(BALANCE_IS_SUM_OF_ENTRIES, user, "HELD", account.held(), sum(books, Book.HELD));
            same(BALANCE_IS_SUM_OF_ENTRIES, user, "DEBT", account.debt(), sum(books, Book.DEBT));
            same(AVAILABLE_IS_SUM_OF_GRANTS, user, "AVAILABLE", account.available(), sum(remaining, user));
            same(HELD_IS_SUM_OF_GRANTS, user, "HELD", account.held(), sum(heldOfGrants, user));
            same(HELD_IS_SUM_OF_HOLDS, user, "HELD", account.held(), sum(heldByHolds, user));
        }
    }

    private void neverNegative() {
        Map<UserId, Map<Book, BigInteger>> running = new HashMap<>();
        Set<String> found = new HashSet<>();
        for (Posting posting : postings) {
            Map<Book, BigInteger> books = running.computeIfAbsent(posting.user(), any -> new EnumMap<>(Book.class));
            for (Entry entry : posting.entries()) {
                if (entry.user().isPresent()) {
                    add(books, entry.book(), entry.amount());
                }
            }
            for (Book book : List.of(Book.AVAILABLE, Book.HELD, Book.DEBT)) {
                BigInteger balance = sum(books, book);
                int wrong = book == Book.DEBT ? 1 : -1;
                if (balance.signum() == wrong && found.add(posting.user() + " " + book)) {
                    find(
                            BALANCE_NEVER_NEGATIVE,
                            "account " + posting.user(),
                            book + " was " + text(balance) + " after " + posting.kind() + " at " + posting.at());
                }
            }
        }
    }

    private void prices() {
        for (Hold hold : holds.values()) {
            for (Price.Step step : hold.price().steps()) {
                if (step.after().compareTo(step.before()) > 0 || step.after().isNegative()) {
                    find(PRICE_ADDS_UP, "hold " + hold.id(), "its price goes up or below nothing: " + step);
                }
            }
        }
    }

    private void slices() {
        Map<GrantId, BigInteger> held = new HashMap<>();
        Map<GrantId, BigInteger> consumed = new HashMap<>();
        for (Hold hold : holds.values()) {
            Amount left = hold.captured();
            for (Slice slice : hold.slices()) {
                Grant grant = grants.get(slice.grant());
                if (grant == null || !grant.user().equals(hold.user())) {
                    find(
                            SLICE_HAS_GRANT,
                            "hold " + hold.id(),
                            "has a slice of grant " + slice.grant()
                                    + (grant == null ? ", which is not there" : " of " + grant.user()));
                }
                Amount taken = left.min(slice.amount());
                left = left.minus(taken);
                add(consumed, slice.grant(), taken);
                add(held, slice.grant(), hold.open() ? slice.amount() : Amount.ZERO);
            }
        }
        for (Grant grant : grants.values()) {
            same(GRANT_AGREES_WITH_SLICES, grant.id(), "held", grant.held(), sum(held, grant.id()));
            same(GRANT_AGREES_WITH_SLICES, grant.id(), "consumed", grant.consumed(), sum(consumed, grant.id()));
        }
    }

    private void settlements() {
        Map<HoldId, List<Posting>> byHold = new HashMap<>();
        for (Posting posting : postings) {
            posting.hold()
                    .ifPresent(id ->
                            byHold.computeIfAbsent(id, any -> new ArrayList<>()).add(posting));
        }
        for (Hold hold : holds.values()) {
            List<Posting> ofHold = byHold.getOrDefault(hold.id(), List.of());
            List<Posting> opening = ofHold.stream()
                    .filter(posting -> posting.kind() == Posting.Kind.HOLD)
                    .toList();
            if (opening.size() != 1
                    || !opening.get(0).net().equals(hold.amount())
                    || !opening.get(0).listPrice().equals(hold.listPrice())) {
                find(
                        HOLD_OPENED_ONCE,
                        "hold " + hold.id(),
                        "is of " + hold.amount() + " of " + hold.listPrice() + " and was opened by "
                                + describe(opening));
            }
            List<Posting> settling = ofHold.stream()
                    .filter(posting -> posting.kind() == Posting.Kind.CAPTURE || posting.kind() == Posting.Kind.RELEASE)
                    .toList();
            if (!settledAs(hold, settling)) {
                find(
                        HOLD_SETTLED_ONCE,
                        "hold " + hold.id(),
                        "is " + hold.state() + " of " + hold.captured() + " and was settled by " + describe(settling));
            }
            List<Posting> late = ofHold.stream()
                    .filter(posting -> posting.kind() == Posting.Kind.LATE)
                    .toList();
            if (!late.isEmpty() && !lateAs(hold, late)) {
                find(
                        LATE_ONCE,
                        "hold " + hold.id(),
                        "is " + hold.state() + " of " + hold.listPrice() + " and was delivered late by "
                                + describe(late));
            }
        }
    }

    private static boolean lateAs(Hold hold, List<Posting> late) {
        return hold.state() == Hold.State.RELEASED
                && late.size() == 1
                && late.get(0).net().isZero()
                && late.get(0).listPrice().compareTo(hold.listPrice()) <= 0;
    }

    private static boolean settledAs(Hold hold, List<Posting> settling) {
        return switch (hold.state()) {
            case OPEN -> settling.isEmpty();
            case CAPTURED ->
                settling.size() == 1
                        && settling.get(0).kind() == Posting.Kind.CAPTURE
                        && settling.get(0).net().equals(hold.captured());
            case RELEASED ->
                settling.size() == 1
                        && settling.get(0).kind() == Posting.Kind.RELEASE
                        && settling.get(0).net().equals(hold.amount());
        };
    }

    private void systemBooks() {
        Map<GrantSource, BigInteger> granted = new EnumMap<>(GrantSource.class);
        BigInteger expired = BigInteger.ZERO;
        BigInteger revoked = BigInteger.ZERO;
        for (Grant grant : grants.values()) {
            add(granted, grant.source(), grant.granted());
            expired = expired.add(value(grant.expired()));
            revoked = revoked.add(value(grant.revoked()));
        }
        BigInteger captured = BigInteger.ZERO;
        for (Hold hold : holds.values()) {
            captured = captured.add(value(hold.captured()));
        }
        BigInteger listPrices = BigInteger.ZERO;
        for (Posting posting : postings) {
            if (posting.kind() == Posting.Kind.CAPTURE || posting.kind() == Posting.Kind.LATE) {
                listPrices = listPrices.add(value(posting.listPrice()));
            }
        }
        BigInteger promo = sum(granted, GrantSource.TRIAL)
                .add(sum(granted, GrantSource.BONUS))
                .add(sum(granted, GrantSource.GOODWILL));
        same(REVENUE_IS_LIST_PRICE, Book.REVENUE, sum(system, Book.REVENUE), listPrices);
        same(
                REVENUE_IS_CAPTURED,
                "REVENUE + SUBSIDY",
                sum(system, Book.REVENUE).add(sum(system, Book.SUBSIDY)),
                captured);
        same(
                ISSUED_IS_GRANTED,
                Book.ISSUED_PAID,
                sum(system, Book.ISSUED_PAID),
                sum(granted, GrantSource.PURCHASE).negate());
        same(ISSUED_IS_GRANTED, Book.ISSUED_PROMO, sum(system, Book.ISSUED_PROMO), promo.negate());
        same(
                ISSUED_IS_GRANTED,
                Book.OPENING,
                sum(system, Book.OPENING),
                sum(granted, GrantSource.OPENING).negate());
        same(
                ISSUED_IS_GRANTED,
                Book.BREAKAGE,
                sum(system, Book.BREAKAGE),
                expired.subtract(sum(granted, GrantSource.CREDIT_BACK)));
        same(
                ISSUED_IS_GRANTED,
                "ADJUST + REVOKED",
                sum(system, Book.ADJUST).add(sum(system, Book.REVOKED)),
                revoked.subtract(sum(granted, GrantSource.ADJUST)));
    }

    private void same(String rule, UserId user, String book, Amount balance, BigInteger sum) {
        if (!value(balance).equals(sum)) {
            find(rule, "account " + user, book + " is " + balance + " but should be " + text(sum));
        }
    }

    private void same(String rule, GrantId grant, String part, Amount amount, BigInteger sum) {
        if (!value(amount).equals(sum)) {
            find(rule, "grant " + grant, part + " is " + amount + " but should be " + text(sum));
        }
    }

    private void same(String rule, Object book, BigInteger is, BigInteger should) {
        if (!is.equals(should)) {
            find(rule, "book " + book, "is " + text(is) + " but should be " + text(should));
        }
    }

    private void find(String rule, String subject, String problem) {
        findings.add(new Finding(rule, subject, problem));
    }

    private static String describe(List<Posting> some) {
        return some.stream()
                .map(posting -> posting.kind() + " " + posting.net() + " of " + posting.listPrice())
                .toList()
                .toString();
    }

    private static <K> void add(Map<K, BigInteger> sums, K key, Amount amount) {
        sums.merge(key, value(amount), BigInteger::add);
    }

    private static <K> BigInteger sum(Map<K, BigInteger> sums, K key) {
        return Optional.ofNullable(sums.get(key)).orElse(BigInteger.ZERO);
    }

    /** Sums are taken without a limit: a planted amount must be found, not stop the audit. */
    private static BigInteger value(Amount amount) {
        return BigInteger.valueOf(amount.hundredths());
    }

    private static String text(BigInteger hundredths) {
        return new BigDecimal(hundredths, 2).toPlainString();
    }
}
