package io.tollgate.credits.ledger;

import io.tollgate.credits.account.UserId;
import java.util.Optional;

/**
 * Which payments are asked for.
 *
 * @param user who paid or got the credits
 */
public record PaymentFilter(Optional<Payment.State> state, Optional<UserId> user) {
    /** All of them. */
    public static final PaymentFilter ALL = new PaymentFilter(Optional.empty(), Optional.empty());

    /** Those in a state. */
    public static PaymentFilter of(Payment.State state) {
        return new PaymentFilter(Optional.of(state), Optional.empty());
    }

    /** Whether it asks for this one. */
    public boolean accepts(Payment payment) {
        return (state.isEmpty() || state.get() == payment.state())
                && (user.isEmpty() || user.get().equals(payment.payer()) || user.equals(payment.user()));
    }
}
