package io.tollgate.credits.payment;

/** What a provider said when it was asked to send money back. */
public sealed interface RefundOutcome {
    /** The money goes back. */
    record Done() implements RefundOutcome {}

    /** It went back before. That is as good. */
    record AlreadyRefunded() implements RefundOutcome {}

    /**
     * It definitely doesn't go back.
     *
     * @param why what the provider said
     */
    record Refused(String why) implements RefundOutcome {}

    /**
     * Nobody knows whether it goes back, as after a timeout: it is asked for again later.
     *
     * @param why what happened
     */
    record Unknown(String why) implements RefundOutcome {}
}
