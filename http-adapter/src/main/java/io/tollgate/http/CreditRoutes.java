package io.tollgate.http;

import io.tollgate.credits.CreditService;
import io.tollgate.credits.ledger.Draw;
import io.tollgate.credits.ledger.DrawResult;
import io.tollgate.queue.access.Scope;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** What users have, and what happened to it. */
final class CreditRoutes {
    private static final Route.Access CREDITS = Route.Access.of(Scope.CREDITS_READ);

    private final CreditService credits;
    private final CreditPages pages;

    CreditRoutes(Services services) {
        this.credits = services.tollgate().credits();
        this.pages = new CreditPages(services.tollgate());
    }

    private record DrawDocument(
            String day, String prize, int percentOff, int roll, Instant at, boolean provable, boolean again) {}

    List<Route> routes() {
        String path = Paths.API + "/credits";
        return List.of(
                Route.of("GET", path, CREDITS, call -> pages.balance(call.user())),
                Route.of("GET", path + "/entries", CREDITS, call -> pages.entries(call, call.user())),
                Route.later("POST", path + "/lucky-draw", Route.Access.of(Scope.JOBS), this::draw));
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
