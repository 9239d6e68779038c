package io.tollgate.credits.ledger;

import io.tollgate.credits.account.UserId;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Money that a provider took from someone. It is never dropped: what can't be told to belong to an invoice is kept for
 * an operator.
 *
 * @param charge what the provider calls it; no two payments have the same
 * @param payer who paid, as the provider says
 * @param money what was paid, more than 0
 * @param payload what the provider brought back of an invoice, known here or not
 * @param invoice the invoice that it paid, whosever that is; empty if it paid none
 * @param user whose grant it made; empty if it made none
 * @param credits what it was worth, 0 if and only if it made no grant
 * @param note why it stands where it does, in words: what didn't match, or an operator's reason
 * @param raw what the provider said of it, at most {@value #MAX_RAW} characters
 * @param changedAt when its state changed last
 */
public record Payment(
        PaymentId id,
        Charge charge,
        UserId payer,
        Money money,
        Optional<String> payload,
        Optional<InvoiceId> invoice,
        Optional<UserId> user,
        Amount credits,
        State state,
        Optional<String> note,
        String raw,
        Instant createdAt,
        Instant changedAt) {
    /** The most characters that are kept of what a provider said. */
    public static final int MAX_RAW = 4_000;

    /** How the source keys of grants begin that were paid for. */
    static final String SOURCE_KEY = "purchase:";

    private static final String GONE = "erased";

    public Payment {
        payload.ifPresent(Invoice::checkPayload);
        note.ifPresent(Texts::checkReason);
        checkRaw(raw);
        checkMoney(money);
        if (credits.isNegative() || user.isPresent() != credits.isPositive()) {
            throw new IllegalArgumentException("payment " + id + " can't be worth " + credits + " to " + user);
        }
        if ((state == State.CREDITED && user.isEmpty()) || (state == State.UNMATCHED && user.isPresent())) {
            throw new IllegalArgumentException("payment " + id + " can't be " + state + " with " + user);
        }
    }

    static void checkRaw(String raw) {
        if (raw.length() > MAX_RAW) {
            throw new IllegalArgumentException("at most " + MAX_RAW + " characters are kept, not " + raw.length());
        }
        if (!StorableText.isStorable(raw)) {
            throw new IllegalArgumentException("raw " + StorableText.RULE);
        }
    }

    static void checkMoney(Money money) {
        if (!money.isPositive()) {
            throw new IllegalArgumentException("a payment is more than 0: " + money);
        }
    }

    /** The source key of the grant that it made or would make. */
    public String sourceKey() {
        return SOURCE_KEY + id;
    }

    Payment with(State newState, Optional<String> newNote, Instant now) {
        return new Payment(
                id, charge, payer, money, payload, invoice, user, credits, newState, newNote, raw, createdAt, now);
    }

    Payment creditedTo(UserId to, Amount worth, Optional<String> newNote, Instant now) {
        return new Payment(
                id,
                charge,
                payer,
                money,
                payload,
                invoice,
                Optional.of(to),
                worth,
                State.CREDITED,
                newNote,
                raw,
                createdAt,
                now);
    }

    /**
     * The same payment when the name of somebody is forgotten who paid it, got its credits, or was asked for it. The
     * charge stays: by it the provider tells of a chargeback, and is asked for a refund.
     *
     * @param tells whether a text tells who it was
     */
    public Payment erased(UserId gone, UserId pseudonym, Predicate<String> tells) {
        boolean own = payer.equals(gone) || user.equals(Optional.of(gone));
        Optional<String> kept = invoice.isPresent()
                ? payload.map(text -> tells.test(text) ? Invoice.erasedPayload(invoice.get()) : text)
                : payload.filter(text -> !own && !tells.test(text));
        return new Payment(
                id,
                charge,
                payer.equals(gone) ? pseudonym : payer,
                money,
                kept,
                invoice,
                user.map(whose -> whose.equals(gone) ? pseudonym : whose),
                credits,
                state,
                note.map(text -> tells.test(text) ? GONE : text),
                own || tells.test(raw) ? "" : raw,
                createdAt,
                changedAt);
    }

    /** Where a payment stands. */
    public enum State {
        /** It made a grant. */
        CREDITED(1),
        /** Nobody knows yet what it is for. */
        UNMATCHED(2),
        /** Its money is to go back, and its credits are taken back until that is known. */
        REFUND_PENDING(3),
        /** Its money went back. */
        REFUNDED(4),
        /** The payer had it taken back. */
        CHARGED_BACK(5);

        private final int code;

        State(int code) {
            this.code = code;
        }

        /** The number it is stored under; never changes. */
        public int code() {
            return code;
        }

        /** The word for people and programs, such as {@code refund_pending}. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        /**
         * The state that is stored under a number.
         *
         * @throws IllegalArgumentException if there is none
         */
        public static State ofCode(int code) {
            for (State state : values()) {
                if (state.code == code) {
                    return state;
                }
            }
            throw new IllegalArgumentException("no payment state has the code " + code);
        }
    }
}
