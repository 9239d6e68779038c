package io.tollgate.http;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Payment;
import io.tollgate.credits.ledger.PaymentId;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Optional;

/**
 * A payment as operators' programs read it, over HTTP and on the command line alike.
 *
 * @param charge what the provider calls it
 * @param periodEnd of a renewal, when its period ends, in seconds since 1970; else 0
 * @param payer who paid, as the provider says
 * @param payload what the provider brought back of an invoice
 * @param userId who got the credits, if anybody
 */
public record PaymentDocument(
        PaymentId id,
        String provider,
        String charge,
        long periodEnd,
        UserId payer,
        BigDecimal money,
        String currency,
        Optional<String> payload,
        Optional<UserId> userId,
        Amount credits,
        String state,
        Optional<String> note,
        Instant createdAt,
        Instant changedAt) {
    /** A payment as it stands. */
    public static PaymentDocument of(Payment payment) {
        return new PaymentDocument(
                payment.id(),
                payment.charge().provider(),
                payment.charge().externalId(),
                payment.charge().periodEnd(),
                payment.payer(),
                payment.money().amount(),
                payment.money().currency(),
                payment.payload(),
                payment.user(),
                payment.credits(),
                payment.state().word(),
                payment.note(),
                payment.createdAt(),
                payment.changedAt());
    }
}
