package io.tollgate.credits.ledger;

/** What became of something that was to be done with a payment. */
public sealed interface PaymentResult {
    /**
     * It is done.
     *
     * @param payment the payment, as it is now
     * @param replayed whether the same had been done before; then nothing was changed
     */
    record Done(Payment payment, boolean replayed) implements PaymentResult {}

    /** The charge was recorded before, as another payment. Nothing was changed. */
    record ChargeReused(Payment known) implements PaymentResult {}

    /**
     * Its credits were used, so that its money doesn't go back just so. Nothing was changed.
     *
     * @param consumed what was captured of its grant
     * @param held what open holds have set aside of it
     * @param repaid what of it settled a debt
     */
    record Spent(Payment payment, Amount consumed, Amount held, Amount repaid) implements PaymentResult {}

    /** It isn't in a state that allows this. Nothing was changed. */
    record WrongState(Payment payment) implements PaymentResult {}

    /**
     * There is no such payment. Nothing was changed.
     *
     * @param what how it was asked for
     */
    record NoSuchPayment(String what) implements PaymentResult {}
}
