package io.tollgate.http;

import io.tollgate.credits.CreditService;
import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.AdjustResult;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.GrantResult;
import io.tollgate.credits.ledger.GrantSource;
import io.tollgate.credits.ledger.TierResult;
import io.tollgate.queue.access.ApiKey;
import io.tollgate.queue.access.KeyId;
import io.tollgate.queue.access.Keys;
import io.tollgate.queue.access.Scope;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;

/** Users and their keys, for operators. */
final class AdminUserRoutes {
    private static final Route.Access ADMIN = Route.Access.of(Scope.ADMIN);
    private static final long TEN_YEARS = Duration.ofDays(3650).toSeconds();

    private final Services services;
    private final CreditService credits;
    private final CreditPages pages;
    private final Keys keys;

    AdminUserRoutes(Services services) {
        this.services = services;
        this.credits = services.tollgate().credits();
        this.pages = new CreditPages(services.tollgate());
        this.keys = services.keys();
    }

    private record KeysDocument(List<KeyDocument> keys) {}

    List<Route> routes() {
        String user = Paths.ADMIN + "/users/{id}";
        String all = Paths.ADMIN + "/keys";
        return List.of(
                Route.of("GET", user, ADMIN, call -> pages.balance(userId(call))),
                Route.later("PUT", user + "/tier", ADMIN, this::tier),
                Route.later("POST", user + "/grant", ADMIN, this::grant),
                Route.later("POST", user + "/adjust", ADMIN, this::adjust),
                Route.of("GET", user + "/ledger", ADMIN, call -> pages.entries(call, userId(call))),
                Route.of("GET", all, ADMIN, this::keys),
                Route.later("POST", all, ADMIN, this::createKey),
                Route.of("DELETE", all + "/{id}", ADMIN, this::revokeKey));
    }

    private static UserId userId(Call call) {
        return call.pathId("id", "user", UserId::new);
    }

    private CompletionStage<Answer> tier(Call call) {
        UserId user = userId(call);
        return call.json().thenCompose(read -> {
            Body body = new Body(read);
            String tier = body.needed("tier", 64);
            Optional<Instant> until = body.text("until", Body.TIME, Body::time);
            if (!tier.isEmpty() && credits.policy().tiers().find(tier).isEmpty()) {
                body.wrong(
                        "tier",
                        "must be one of "
                                + String.join(", ", credits.policy().tiers().names()));
            }
            String reason = body.reason("reason");
            body.done();
            return Call.asked(() -> credits.assignTier(user, tier, until, AdminJobRoutes.actor(call), reason))
                    .thenApplyAsync((TierResult done) -> pages.balance(user), services.io());
        });
    }

    /** What makes it happen once: the caller's key, or else this very call. */
    private String once(Call call) {
        return call.header("Idempotency-Key")
                .map(key -> "http:" + key)
                .orElseGet(() -> "call:" + services.ids().next());
    }

    private CompletionStage<Answer> grant(Call call) {
        UserId user = userId(call);
        return call.json().thenCompose(read -> {
            Body body = new Body(read);
            Amount amount = body.amount("amount", false);
            String reason = body.reason("reason");
            Optional<Instant> expires = body.text("expires_at", Body.TIME, Body::time);
            body.done();
            return Call.asked(() -> credits.grant(
                            user,
                            GrantSource.GOODWILL,
                            once(call),
                            amount,
                            expires,
                            AdminJobRoutes.actor(call),
                            reason))
                    .thenApplyAsync(
                            result -> {
                                if (result instanceof GrantResult.KeyReused) {
                                    throw reused();
                                }
                                return pages.balance(user);
                            },
                            services.io());
        });
    }

    private CompletionStage<Answer> adjust(Call call) {
        UserId user = userId(call);
        return call.json().thenCompose(read -> {
            Body body = new Body(read);
            Amount amount = body.amount("amount", true);
            String reason = body.reason("reason");
            body.done();
            return Call.asked(() -> credits.adjust(user, amount, AdminJobRoutes.actor(call), reason, once(call)))
                    .thenApplyAsync(
                            result -> {
                                if (result instanceof AdjustResult.KeyReused) {
                                    throw reused();
                                } else if (result instanceof AdjustResult.Insufficient few) {
                                    throw new ProblemException(Problem.of(
                                            409,
                                            "invalid_state",
                                            user + " has " + few.available() + " credits, not " + few.required()));
                                }
                                return pages.balance(user);
                            },
                            services.io());
        });
    }

    private static ProblemException reused() {
        return new ProblemException(Problem.of(
                422, "idempotency_key_reuse", "the idempotency key was used for something else; take a new one"));
    }

    private Answer keys(Call call) {
        return Answer.ok(new KeysDocument(keys.list(call.query("user", "a user's name", UserId::new)).stream()
                .map(key -> KeyDocument.of(key, services.clock().instant()))
                .toList()));
    }

    private CompletionStage<Answer> createKey(Call call) {
        return call.json().thenApply(read -> {
            Body body = new Body(read);
            Optional<UserId> user = body.text("user", "a user's name", UserId::new);
            if (user.isEmpty() || user.get().isErased()) {
                body.wrong("user", "is needed: the name of somebody who is there");
            }
            Set<Scope> scopes = EnumSet.noneOf(Scope.class);
            for (String word : body.texts("scopes", 10, 40)) {
                Scope.parse(word)
                        .ifPresentOrElse(scopes::add, () -> body.wrong("scopes", "must be some of " + words()));
            }
            if (scopes.isEmpty()) {
                body.wrong("scopes", "is needed: at least one scope");
            }
            String name = body.plain("name", ApiKey.MAX_NAME);
            Optional<Duration> lifetime =
                    body.whole("expires_in", 60, TEN_YEARS).map(Duration::ofSeconds);
            body.done();
            Keys.Created created = keys.create(user.orElseThrow(), scopes, lifetime, name);
            return Answer.created(CreatedKeyDocument.of(created));
        });
    }

    private static String words() {
        return Arrays.stream(Scope.values()).map(Scope::word).collect(Collectors.joining(", "));
    }

    private Answer revokeKey(Call call) {
        KeyId id = call.pathId("id", "key", KeyId::parse);
        if (!keys.revoke(id, AdminJobRoutes.actor(call))) {
            throw new ProblemException(Problem.notFound("there is no key " + id));
        }
        return new Answer.Empty(204);
    }
}
