package io.tollgate.http;

import io.tollgate.credits.CreditService;
import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Draw;
import io.tollgate.credits.ledger.DrawResult;
import io.tollgate.credits.ledger.History;
import io.tollgate.queue.Tollgate;
import io.tollgate.queue.access.Scope;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** What users have, and what happened to it. */
final class CreditRoutes {
    private static final Route.Access CREDITS = Route.Access.of(Scope.CREDITS_READ);
    private static final int MAX_PAGE = 200;

    private final Tollgate tollgate;
    private final CreditService credits;

    CreditRoutes(Services services) {
        this.tollgate = services.tollgate();
        this.credits = tollgate.credits();
    }

    private record EntriesDocument(List<EntryDocument> entries, Optional<String> nextCursor) {}

    private record DrawDocument(
            String day, String prize, int percentOff, int roll, Instant at, boolean provable, boolean again) {}

    List<Route> routes() {
        String path = Paths.API + "/credits";
        return List.of(
                Route.of("GET", path, CREDITS, call -> Answer.ok(balance(call.user()))),
                Route.of("GET", path + "/entries", CREDITS, this::entries),
                Route.later("POST", path + "/lucky-draw", Route.Access.of(Scope.JOBS), this::draw));
    }

    private BalanceDocument balance(UserId user) {
        return BalanceDocument.of(user, credits.balance(user), tollgate.freeRuns(user));
    }

    private Answer entries(Call call) {
        int limit = call.whole("limit", 50, 1, MAX_PAGE);
        Optional<Long> before = call.query("cursor", "a cursor of an earlier page", Cursor::parse);
        History page = credits.history(call.user(), before, limit);
        return Answer.ok(new EntriesDocument(
                page.lines().stream().map(EntryDocument::of).toList(),
                page.next().map(Cursor::text)));
    }

    private CompletionStage<Answer> draw(Call call) {
        if (credits.policy().draw().isEmpty()) {
            throw new ProblemException(Problem.notFound("there is no lucky draw here"));
        }
        return credits.draw(call.user()).thenApply((DrawResult result) -> {
            Draw draw = result.draw();
            return Answer.ok(new DrawDocument(
                    draw.day().toString(),
                    draw.prize(),
                    draw.percentOff(),
                    draw.roll(),
                    draw.at(),
                    draw.provable(),
                    result.again()));
        });
    }
}
