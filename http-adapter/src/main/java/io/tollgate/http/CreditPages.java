package io.tollgate.http;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.History;
import io.tollgate.queue.Tollgate;
import java.util.List;
import java.util.Optional;

/** Shows what a user has and what happened to it, as users and operators see it alike. */
final class CreditPages {
    private static final int MAX_PAGE = 200;

    private final Tollgate tollgate;

    CreditPages(Tollgate tollgate) {
        this.tollgate = tollgate;
    }

    private record Page(List<EntryDocument> entries, Optional<String> nextCursor) {}

    Answer balance(UserId user) {
        return Answer.ok(BalanceDocument.of(user, tollgate));
    }

    /** The entries that a call's query asks for, newest first. */
    Answer entries(Call call, UserId user) {
        int limit = call.whole("limit", 50, 1, MAX_PAGE);
        Optional<Long> before = call.query("cursor", "a cursor of an earlier page", Cursor::parse);
        History page = tollgate.credits().history(user, before, limit);
        return Answer.ok(new Page(
                page.lines().stream().map(EntryDocument::of).toList(),
                page.next().map(Cursor::text)));
    }
}
