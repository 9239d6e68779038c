package io.tollgate.credits.ledger;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What a decision changes, to be stored together or not at all. Accounts, grants and holds are new absolute values,
 * each row once at most; what isn't there yet is inserted. Postings, draws and secrets are added, in their order.
 */
public record LedgerChanges(
        List<Account> accounts,
        List<Grant> grants,
        List<Hold> holds,
        List<Posting> postings,
        List<Draw> draws,
        List<QuotaDay> quotas,
        List<Quote> quotes,
        List<DrawSecret> secrets) {
    /** No change at all. */
    public static final LedgerChanges NONE = new LedgerChanges(List.of(), List.of(), List.of(), List.of());

    public LedgerChanges {
        accounts = List.copyOf(accounts);
        grants = List.copyOf(grants);
        holds = List.copyOf(holds);
        postings = List.copyOf(postings);
        draws = List.copyOf(draws);
        quotas = List.copyOf(quotas);
        quotes = List.copyOf(quotes);
        secrets = List.copyOf(secrets);
    }

    /** Changes of what most commands change. */
    public LedgerChanges(List<Account> accounts, List<Grant> grants, List<Hold> holds, List<Posting> postings) {
        this(accounts, grants, holds, postings, List.of(), List.of(), List.of(), List.of());
    }

    /** A quote that is new or was used. */
    public static LedgerChanges of(Quote quote) {
        return new LedgerChanges(
                List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), List.of(quote), List.of());
    }

    /** These changes and draws. */
    LedgerChanges with(Draw draw) {
        return new LedgerChanges(accounts, grants, holds, postings, List.of(draw), quotas, quotes, secrets);
    }

    /** These changes and free runs. */
    LedgerChanges withQuotas(List<QuotaDay> days) {
        return new LedgerChanges(accounts, grants, holds, postings, draws, days, quotes, secrets);
    }

    /** These changes, and a day's secret. */
    LedgerChanges with(DrawSecret secret) {
        return new LedgerChanges(
                accounts, grants, holds, postings, draws, quotas, quotes, joined(secrets, List.of(secret)));
    }

    /** Whether nothing changes. */
    public boolean isEmpty() {
        return accounts.isEmpty()
                && grants.isEmpty()
                && holds.isEmpty()
                && postings.isEmpty()
                && draws.isEmpty()
                && quotas.isEmpty()
                && quotes.isEmpty()
                && secrets.isEmpty();
    }

    /**
     * These changes, then others that were decided on the rows after them. Of a row that both change, the last counts.
     */
    public LedgerChanges and(LedgerChanges later) {
        if (isEmpty()) {
            return later;
        }
        if (later.isEmpty()) {
            return this;
        }
        return new LedgerChanges(
                last(accounts, later.accounts, Account::user),
                last(grants, later.grants, Grant::id),
                last(holds, later.holds, Hold::id),
                joined(postings, later.postings),
                joined(draws, later.draws),
                last(quotas, later.quotas, QuotaDay::key),
                last(quotes, later.quotes, Quote::id),
                joined(secrets, later.secrets));
    }

    private static <V> List<V> joined(List<V> first, List<V> later) {
        return later.isEmpty()
                ? first
                : Stream.concat(first.stream(), later.stream()).toList();
    }

    private static <K, V> List<V> last(Collection<V> first, Collection<V> later, Function<V, K> key) {
        Map<K, V> rows = new LinkedHashMap<>();
        first.forEach(row -> rows.put(key.apply(row), row));
        later.forEach(row -> rows.put(key.apply(row), row));
        return List.copyOf(rows.values());
    }
}
