package io.tollgate.credits.payment;

import io.tollgate.credits.ledger.Charge;
import io.tollgate.credits.ledger.Invoice;
import io.tollgate.credits.ledger.Payment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A provider of stars that answers as it was told to: once for each answer that was scripted, else as a sound one does.
 * Confined to one thread.
 */
public final class ScriptedGateway implements PaymentGateway {
    private final Deque<CompletionStage<RefundOutcome>> script = new ArrayDeque<>();
    private final Set<Charge> sentBack = new HashSet<>();
    private @Nullable RuntimeException thrown;
    private int asked;

    /** Answers the next time so. The money goes back if the answer says so. */
    public ScriptedGateway answers(RefundOutcome outcome) {
        script.add(CompletableFuture.completedStage(outcome));
        return this;
    }

    /** Fails the next time, though the money goes back. */
    public ScriptedGateway fails(RuntimeException failure) {
        script.add(CompletableFuture.failedStage(failure));
        return this;
    }

    /** Throws each time from now on. */
    public ScriptedGateway breaks(RuntimeException failure) {
        thrown = failure;
        return this;
    }

    /** How often it was asked to send money back. */
    public int asked() {
        return asked;
    }

    @Override
    public String provider() {
        return "scripted";
    }

    @Override
    public boolean accepts(String currency) {
        return currency.equals("XTR");
    }

    @Override
    public CompletionStage<HowToPay> howToPay(Invoice invoice) {
        return CompletableFuture.completedStage(HowToPay.of("send stars: " + invoice.payload()));
    }

    @Override
    public CompletionStage<RefundOutcome> refund(Payment payment) {
        asked++;
        if (thrown != null) {
            throw thrown;
        }
        CompletionStage<RefundOutcome> scripted = script.poll();
        if (scripted == null) {
            return CompletableFuture.completedStage(
                    sentBack.add(payment.charge()) ? new RefundOutcome.Done() : new RefundOutcome.AlreadyRefunded());
        }
        CompletableFuture<RefundOutcome> answer = scripted.toCompletableFuture();
        if (answer.isCompletedExceptionally() || answer.join() instanceof RefundOutcome.Done) {
            sentBack.add(payment.charge());
        }
        return scripted;
    }
}
