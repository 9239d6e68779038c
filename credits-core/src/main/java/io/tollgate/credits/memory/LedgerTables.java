package io.tollgate.credits.memory;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.audit.DrawInvariants;
import io.tollgate.credits.audit.LedgerInvariants;
import io.tollgate.credits.audit.PaymentInvariants;
import io.tollgate.credits.audit.QuotaInvariants;
import io.tollgate.credits.audit.TotalsSum;
import io.tollgate.credits.ledger.Account;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.AuditReport;
import io.tollgate.credits.ledger.Book;
import io.tollgate.credits.ledger.Books;
import io.tollgate.credits.ledger.Charge;
import io.tollgate.credits.ledger.Draw;
import io.tollgate.credits.ledger.DrawSecret;
import io.tollgate.credits.ledger.Grant;
import io.tollgate.credits.ledger.GrantId;
import io.tollgate.credits.ledger.History;
import io.tollgate.credits.ledger.Hold;
import io.tollgate.credits.ledger.HoldId;
import io.tollgate.credits.ledger.Holdings;
import io.tollgate.credits.ledger.Invoice;
import io.tollgate.credits.ledger.InvoiceId;
import io.tollgate.credits.ledger.LedgerChanges;
import io.tollgate.credits.ledger.LedgerRows;
import io.tollgate.credits.ledger.Payment;
import io.tollgate.credits.ledger.PaymentFilter;
import io.tollgate.credits.ledger.PaymentId;
import io.tollgate.credits.ledger.PaymentPage;
import io.tollgate.credits.ledger.Posting;
import io.tollgate.credits.ledger.Price;
import io.tollgate.credits.ledger.QuotaDay;
import io.tollgate.credits.ledger.Quote;
import io.tollgate.credits.ledger.QuoteId;
import io.tollgate.credits.ledger.Totals;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The ledger's rows in plain maps, for a store that guards them with a lock of its own. Not safe for use by several
 * threads at once.
 */
public final class LedgerTables implements LedgerRows {
    private final NavigableMap<UserId, Account> accounts = new TreeMap<>();
    private final NavigableMap<GrantId, Grant> grants = new TreeMap<>();
    private final Map<UserId, NavigableMap<GrantId, Grant>> liveGrants = new HashMap<>();
    private final Map<String, GrantId> grantsBySourceKey = new HashMap<>();
    private final Map<HoldId, Hold> holds = new HashMap<>();
    private final List<Posting> postings = new ArrayList<>();
    private final Map<UserId, NavigableMap<Long, Posting>> postingsByUser = new HashMap<>();
    private final Map<String, Posting> postingsByKey = new HashMap<>();
    private final List<Draw> draws = new ArrayList<>();
    private final PaymentTables payments = new PaymentTables();
    private final Map<UserId, Map<QuotaDay.Key, QuotaDay>> quotas = new HashMap<>();
    private final Map<QuoteId, Quote> quotes = new HashMap<>();
    private final NavigableMap<LocalDate, DrawSecret> secrets = new TreeMap<>();
    private long lastGrantId;

    @Override
    public Optional<Account> account(UserId user) {
        return Optional.ofNullable(accounts.get(user));
    }

    @Override
    public List<Grant> grants(UserId user) {
        NavigableMap<GrantId, Grant> live = liveGrants.get(user);
        return live == null ? List.of() : List.copyOf(live.values());
    }

    @Override
    public Optional<Hold> hold(HoldId id) {
        return Optional.ofNullable(holds.get(id));
    }

    @Override
    public Optional<Posting> posting(String key) {
        return Optional.ofNullable(postingsByKey.get(key));
    }

    @Override
    public Optional<Grant> grantBySourceKey(String sourceKey) {
        return Optional.ofNullable(grantsBySourceKey.get(sourceKey)).map(grants::get);
    }

    @Override
    public Optional<Payment> payment(PaymentId id) {
        return payments.payment(id);
    }

    @Override
    public Optional<Payment> payment(Charge charge) {
        return payments.payment(charge);
    }

    @Override
    public Optional<Invoice> invoice(InvoiceId id) {
        return payments.invoice(id);
    }

    @Override
    public Optional<Invoice> invoiceByPayload(String payload) {
        return payments.invoiceByPayload(payload);
    }

    @Override
    public List<QuotaDay> quotas(UserId user) {
        return quotas.getOrDefault(user, Map.of()).values().stream()
                .filter(QuotaDay::live)
                .toList();
    }

    @Override
    public Optional<Quote> quote(QuoteId id) {
        return Optional.ofNullable(quotes.get(id));
    }

    @Override
    public List<Quote> openQuotes(UserId user) {
        return quotes.values().stream()
                .filter(quote -> quote.user().equals(user) && quote.usedAt().isEmpty())
                .toList();
    }

    /** Drops quotes that expired before a time, and says how many. */
    public int forgetQuotes(Instant before) {
        int all = quotes.size();
        quotes.values().removeIf(quote -> quote.expiresAt().isBefore(before));
        return all - quotes.size();
    }

    @Override
    public Optional<DrawSecret> drawSecret() {
        return Optional.ofNullable(secrets.lastEntry()).map(Map.Entry::getValue);
    }

    /** The secret of a day's draws. */
    public Optional<DrawSecret> drawSecret(LocalDate day) {
        return Optional.ofNullable(secrets.get(day));
    }

    @Override
    public long nextGrantId() {
        return ++lastGrantId;
    }

    /**
     * Stores changes that were decided on these rows, wholly or not at all.
     *
     * @throws IllegalStateException if a key, a source key, a payload or a charge is taken; nothing was changed
     */
    public void apply(LedgerChanges changes) {
        checkKeys(changes);
        payments.check(changes);
        changes.accounts().forEach(account -> accounts.put(account.user(), account));
        changes.grants().forEach(this::put);
        changes.holds().forEach(hold -> holds.put(hold.id(), hold));
        changes.postings().forEach(this::append);
        draws.addAll(changes.draws());
        payments.apply(changes);
        for (QuotaDay day : changes.quotas()) {
            quotas.computeIfAbsent(day.user(), any -> new LinkedHashMap<>()).put(day.key(), day);
        }
        changes.quotes().forEach(quote -> quotes.put(quote.id(), quote));
        changes.secrets().forEach(secret -> secrets.put(secret.day(), secret));
    }

    private void checkKeys(LedgerChanges changes) {
        for (Grant grant : changes.grants()) {
            GrantId taken = grantsBySourceKey.get(grant.sourceKey());
            if (taken != null && !taken.equals(grant.id())) {
                throw new IllegalStateException("the source key is taken: " + grant.sourceKey());
            }
        }
        Set<String> added = new HashSet<>();
        for (Posting posting : changes.postings()) {
            if (posting.key().isPresent()
                    && (postingsByKey.containsKey(posting.key().get())
                            || !added.add(posting.key().get()))) {
                throw new IllegalStateException(
                        "the key is taken: " + posting.key().get());
            }
        }
    }

    private void put(Grant grant) {
        grants.put(grant.id(), grant);
        grantsBySourceKey.put(grant.sourceKey(), grant.id());
        lastGrantId = Math.max(lastGrantId, grant.id().value());
        NavigableMap<GrantId, Grant> live = liveGrants.computeIfAbsent(grant.user(), any -> new TreeMap<>());
        if (grant.live()) {
            live.put(grant.id(), grant);
        } else {
            live.remove(grant.id());
        }
    }

    private void append(Posting posting) {
        postings.add(posting);
        long number = postings.size();
        postingsByUser.computeIfAbsent(posting.user(), any -> new TreeMap<>()).put(number, posting);
        posting.key().ifPresent(key -> postingsByKey.put(key, posting));
    }

    /** All of a user's grants, spent ones too, newest first. */
    public List<Grant> allGrants(UserId user) {
        return grants.descendingMap().values().stream()
                .filter(grant -> grant.user().equals(user))
                .toList();
    }

    /**
     * What happened to a user, newest first.
     *
     * @param before the {@link History#next} of the page before; empty for the newest page
     * @param limit the most postings, at least 1
     */
    public History history(UserId user, Optional<Long> before, int limit) {
        checkLimit(limit);
        NavigableMap<Long, Posting> all = postingsByUser.getOrDefault(user, new TreeMap<>());
        NavigableMap<Long, Posting> older = all.headMap(before.orElse(Long.MAX_VALUE), false);
        List<History.Line> lines = older.descendingMap().entrySet().stream()
                .limit(limit)
                .map(line -> new History.Line(line.getKey(), line.getValue()))
                .toList();
        return new History(
                lines,
                lines.size() < older.size()
                        ? Optional.of(lines.get(lines.size() - 1).number())
                        : Optional.empty());
    }

    /**
     * What a user drew, newest first.
     *
     * @param limit the most draws, at least 1
     */
    public List<Draw> draws(UserId user, int limit) {
        checkLimit(limit);
        List<Draw> all = new ArrayList<>(draws);
        Collections.reverse(all);
        return all.stream()
                .filter(draw -> draw.user().equals(user))
                .limit(limit)
                .toList();
    }

    /**
     * A user's days of free runs, the last that was begun first.
     *
     * @param limit the most days, at least 1
     */
    public List<QuotaDay> quotas(UserId user, int limit) {
        checkLimit(limit);
        return quotas.getOrDefault(user, Map.of()).values().stream()
                .sorted(Comparator.comparing(QuotaDay::day).reversed().thenComparing(QuotaDay::product))
                .limit(limit)
                .toList();
    }

    /**
     * Accounts in the order of their users' ids.
     *
     * @param after the last user of the page before; empty for the first page
     * @param limit the most accounts, at least 1
     */
    public List<Account> accounts(Optional<UserId> after, int limit) {
        checkLimit(limit);
        Collection<Account> rest = after.map(user -> accounts.tailMap(user, false))
                .orElse(accounts)
                .values();
        return rest.stream().limit(limit).toList();
    }

    /** Accounts with their live grants, as {@link #accounts} gives them. */
    public List<Holdings> holdings(Optional<UserId> after, int limit) {
        return accounts(after, limit).stream()
                .map(account -> new Holdings(account, grants(account.user())))
                .toList();
    }

    /**
     * A user's invoices, newest first.
     *
     * @param limit the most invoices, at least 1
     */
    public List<Invoice> invoices(UserId user, int limit) {
        checkLimit(limit);
        return payments.invoices(user, limit);
    }

    /**
     * Payments, newest first.
     *
     * @param before the {@link PaymentPage#next} of the page before; empty for the newest page
     * @param limit the most payments, at least 1
     */
    public PaymentPage payments(PaymentFilter filter, Optional<Long> before, int limit) {
        checkLimit(limit);
        return payments.payments(filter, before, limit);
    }

    /** All open holds, oldest first. */
    public List<Hold> openHolds() {
        return holds.values().stream()
                .filter(Hold::open)
                .sorted(Comparator.comparing(Hold::openedAt))
                .toList();
    }

    /** The holds of what was delivered after they were given back. */
    public Set<HoldId> lateHolds() {
        return postings.stream()
                .filter(posting -> posting.kind() == Posting.Kind.LATE)
                .flatMap(posting -> posting.hold().stream())
                .collect(Collectors.toUnmodifiableSet());
    }

    /** What happened from one day to another, both included. */
    public Totals totals(LocalDate from, LocalDate to, ZoneId zone) {
        TotalsSum sum = new TotalsSum(from, to, zone);
        for (Posting posting : postings) {
            Map<Book, Amount> moved = new EnumMap<>(Book.class);
            posting.entries().forEach(entry -> moved.merge(entry.book(), entry.amount(), Amount::plus));
            Optional<Price> price = posting.hold().flatMap(this::hold).map(Hold::price);
            sum.add(posting.at(), moved, posting.kind() == Posting.Kind.LATE ? price.map(Price::late) : price);
        }
        Books balances = Books.NONE;
        for (Account account : accounts.values()) {
            balances = balances.after(Book.AVAILABLE, account.available())
                    .after(Book.HELD, account.held())
                    .after(Book.DEBT, account.debt());
        }
        return sum.totals(balances);
    }

    /**
     * Puts another name in the place of a user's, in every row.
     *
     * @param keyOf what a grant's source key is then
     * @param tells whether a text that came with a payment tells who it was
     */
    public void rename(UserId user, UserId to, Function<Grant, String> keyOf, Predicate<String> tells) {
        Optional.ofNullable(accounts.remove(user)).ifPresent(account -> accounts.put(to, account.of(to)));
        draws.replaceAll(draw -> draw.user().equals(user) ? draw.of(to) : draw);
        for (Grant grant : List.copyOf(grants.values())) {
            if (grant.user().equals(user)) {
                grantsBySourceKey.remove(grant.sourceKey());
                put(grant.of(to, keyOf.apply(grant)));
            }
        }
        liveGrants.remove(user);
        holds.replaceAll((id, hold) -> hold.user().equals(user) ? hold.of(to) : hold);
        postings.replaceAll(posting -> posting.user().equals(user) ? posting.of(to) : posting);
        Optional.ofNullable(postingsByUser.remove(user)).ifPresent(own -> {
            own.replaceAll((number, posting) -> posting.of(to));
            postingsByUser.put(to, own);
        });
        postingsByKey.replaceAll((key, posting) -> posting.user().equals(user) ? posting.of(to) : posting);
        Optional.ofNullable(quotas.remove(user)).ifPresent(days -> {
            Map<QuotaDay.Key, QuotaDay> renamed = new LinkedHashMap<>();
            days.values().forEach(day -> renamed.put(day.of(to).key(), day.of(to)));
            quotas.put(to, renamed);
        });
        quotes.values().removeIf(quote -> quote.user().equals(user));
        payments.rename(user, to, tells);
    }

    /** How many payments of a user's wait for a provider to say what became of their money. */
    public int pendingRefunds(UserId user) {
        return payments.pendingRefunds(user);
    }

    /** How many holds of a user are open. */
    public int openHolds(UserId user) {
        return (int) holds.values().stream()
                .filter(hold -> hold.open() && hold.user().equals(user))
                .count();
    }

    /** Checks all rows. */
    public AuditReport audit() {
        List<QuotaDay> days = quotas.values().stream()
                .flatMap(ofUser -> ofUser.values().stream())
                .toList();
        return LedgerInvariants.check(accounts.values(), grants.values(), holds.values(), postings)
                .and(DrawInvariants.check(accounts.values(), draws, secrets))
                .and(QuotaInvariants.check(holds.values(), days))
                .and(PaymentInvariants.check(
                        accounts.values(), grants.values(), payments.allInvoices(), payments.allPayments()));
    }

    private static void checkLimit(int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("limit must be at least 1: " + limit);
        }
    }
}
