package io.tollgate.http;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Payment;
import io.tollgate.credits.ledger.PaymentFilter;
import io.tollgate.credits.ledger.PaymentId;
import io.tollgate.credits.ledger.PaymentPage;
import io.tollgate.credits.ledger.PaymentResult;
import io.tollgate.credits.payment.Payments;
import io.tollgate.queue.access.Scope;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Money that came, for operators: what it was for, and sending it back. */
final class AdminPaymentRoutes {
    private static final Route.Access ADMIN = Route.Access.of(Scope.ADMIN);
    private static final int MAX_PAGE = 200;

    private final Payments payments;

    AdminPaymentRoutes(Services services) {
        this.payments = services.payments();
    }

    private record Page(List<PaymentDocument> payments, Optional<String> nextCursor) {}

    List<Route> routes() {
        String all = Paths.ADMIN + "/payments";
        return List.of(
                Route.of("GET", all, ADMIN, this::list),
                Route.later("POST", all + "/{id}/match", ADMIN, this::match),
                Route.later("POST", all + "/{id}/refund", ADMIN, this::refund));
    }

    private static PaymentId paymentId(Call call) {
        return call.pathId("id", "payment", PaymentId::parse);
    }

    private Answer list(Call call) {
        PaymentFilter filter = new PaymentFilter(
                call.query(
                        "state",
                        "credited, unmatched, refund_pending, refunded or charged_back",
                        text -> Payment.State.valueOf(text.toUpperCase(Locale.ROOT))),
                call.query("user", "a user's name", UserId::new));
        PaymentPage page = payments.payments(
                filter,
                call.query("cursor", "a cursor of an earlier page", Cursor::parse),
                call.whole("limit", 50, 1, MAX_PAGE));
        return Answer.ok(new Page(
                page.payments().stream().map(PaymentDocument::of).toList(),
                page.next().map(Cursor::text)));
    }

    private CompletionStage<Answer> match(Call call) {
        PaymentId id = paymentId(call);
        return call.json().thenCompose(read -> {
            Body body = new Body(read);
            UserId user = body.text("user", "a user's name", UserId::new)
                    .filter(whose -> !whose.isErased())
                    .orElseGet(() -> {
                        body.wrong("user", "is needed: who gets the credits");
                        return call.user();
                    });
            Amount credits = body.amount("credits", false);
            String reason = body.reason("reason");
            body.done();
            return Call.asked(() -> payments.match(id, user, credits, AdminJobRoutes.actor(call), reason))
                    .thenApply(AdminPaymentRoutes::answer);
        });
    }

    private CompletionStage<Answer> refund(Call call) {
        PaymentId id = paymentId(call);
        return call.json().thenCompose(read -> {
            Body body = new Body(read);
            boolean override = body.flag("override").orElse(false);
            String reason = body.reason("reason");
            body.done();
            return Call.asked(() -> payments.refund(id, override, AdminJobRoutes.actor(call), reason))
                    .thenApply(AdminPaymentRoutes::answer);
        });
    }

    private static Answer answer(PaymentResult result) {
        if (result instanceof PaymentResult.NoSuchPayment none) {
            throw new ProblemException(Problem.notFound("there is no payment " + none.what()));
        } else if (result instanceof PaymentResult.ChargeReused reused) {
            throw refused("the charge was recorded before, as payment "
                    + reused.known().id());
        } else if (result instanceof PaymentResult.WrongState wrong) {
            throw refused("payment " + wrong.payment().id() + " is "
                    + wrong.payment().state().word() + "; nothing was changed");
        } else if (result instanceof PaymentResult.Spent spent) {
            throw refused("of its credits " + spent.consumed() + " were spent, " + spent.held() + " are held and "
                    + spent.repaid() + " paid a debt; with \"override\": true the user owes those");
        }
        return Answer.ok(PaymentDocument.of(((PaymentResult.Done) result).payment()));
    }

    private static ProblemException refused(String message) {
        return new ProblemException(Problem.of(409, "invalid_state", message));
    }
}
