package io.tollgate.credits.ledger;

import io.tollgate.credits.account.UserId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Rows seen through changes that are not applied yet. */
record ChangedRows(LedgerRows before, LedgerChanges changes) implements LedgerRows {
    @Override
    public Optional<Account> account(UserId user) {
        return changes.accounts().stream()
                .filter(account -> account.user().equals(user))
                .findFirst()
                .or(() -> before.account(user));
    }

    @Override
    public List<Grant> grants(UserId user) {
        Map<GrantId, Grant> grants = new LinkedHashMap<>();
        before.grants(user).forEach(grant -> grants.put(grant.id(), grant));
        changes.grants().stream()
                .filter(grant -> grant.user().equals(user))
                .forEach(grant -> grants.put(grant.id(), grant));
        return grants.values().stream().filter(Grant::live).toList();
    }

    @Override
    public Optional<Hold> hold(HoldId id) {
        return changes.holds().stream()
                .filter(hold -> hold.id().equals(id))
                .findFirst()
                .or(() -> before.hold(id));
    }

    @Override
    public Optional<Posting> posting(String key) {
        return changes.postings().stream()
                .filter(posting -> posting.key().equals(Optional.of(key)))
                .findFirst()
                .or(() -> before.posting(key));
    }

    @Override
    public Optional<Grant> grantBySourceKey(String sourceKey) {
        return changes.grants().stream()
                .filter(grant -> grant.sourceKey().equals(sourceKey))
                .findFirst()
                .or(() -> before.grantBySourceKey(sourceKey));
    }

    @Override
    public List<QuotaDay> quotas(UserId user) {
        Map<QuotaDay.Key, QuotaDay> days = new LinkedHashMap<>();
        before.quotas(user).forEach(day -> days.put(day.key(), day));
        changes.quotas().stream().filter(day -> day.user().equals(user)).forEach(day -> days.put(day.key(), day));
        return days.values().stream().filter(QuotaDay::live).toList();
    }

    @Override
    public Optional<Quote> quote(QuoteId id) {
        return changes.quotes().stream()
                .filter(quote -> quote.id().equals(id))
                .findFirst()
                .or(() -> before.quote(id));
    }

    @Override
    public List<Quote> openQuotes(UserId user) {
        Map<QuoteId, Quote> quotes = new LinkedHashMap<>();
        before.openQuotes(user).forEach(quote -> quotes.put(quote.id(), quote));
        changes.quotes().stream()
                .filter(quote -> quote.user().equals(user))
                .forEach(quote -> quotes.put(quote.id(), quote));
        return quotes.values().stream()
                .filter(quote -> quote.usedAt().isEmpty())
                .toList();
    }

    @Override
    public Optional<DrawSecret> drawSecret() {
        List<DrawSecret> added = changes.secrets();
        return added.isEmpty() ? before.drawSecret() : Optional.of(added.get(added.size() - 1));
    }

    @Override
    public long nextGrantId() {
        return before.nextGrantId();
    }
}
