package io.tollgate.credits.ledger;

import io.tollgate.credits.account.UserId;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * What a user was asked to pay, and gets for it: as it was when the invoice was made, whatever becomes of the pack.
 *
 * @param payload what a provider carries and brings back; 1 to {@value #MAX_PAYLOAD} bytes, no two invoices have the
 *     same
 * @param pack the name of the pack
 * @param price more than 0
 * @param credits more than 0
 * @param expiresAt from when it isn't offered any more; money that comes for it later still counts
 */
public record Invoice(
        InvoiceId id,
        String payload,
        UserId user,
        String pack,
        Money price,
        Amount credits,
        State state,
        Instant createdAt,
        Instant expiresAt) {
    /** The longest payload, in bytes of UTF-8: what Telegram carries. */
    public static final int MAX_PAYLOAD = 128;

    private static final Pattern PACK = Pattern.compile("[a-z][a-z0-9_-]{0,39}");

    public Invoice {
        checkPayload(payload);
        checkPack(pack);
        checkPrice(price, credits);
        if (!expiresAt.isAfter(createdAt)) {
            throw new IllegalArgumentException("an invoice expires after it was made: " + expiresAt);
        }
    }

    /** Whether a text can be a payload. */
    public static boolean isPayload(String text) {
        return !text.isBlank()
                && StorableText.isStorable(text)
                && text.getBytes(StandardCharsets.UTF_8).length <= MAX_PAYLOAD;
    }

    static void checkPayload(String payload) {
        if (!isPayload(payload)) {
            throw new IllegalArgumentException("a payload has 1 to " + MAX_PAYLOAD + " bytes, not '" + payload + "'");
        }
    }

    /**
     * Checks the name of a pack.
     *
     * @throws IllegalArgumentException if it isn't 1 to 40 of {@code a-z 0-9 _ -}, a letter first
     */
    public static void checkPack(String pack) {
        if (!PACK.matcher(pack).matches()) {
            throw new IllegalArgumentException(
                    "the name of a pack is 1 to 40 of a-z 0-9 _ -, a letter first, not '" + pack + "'");
        }
    }

    /**
     * Checks what is sold for what.
     *
     * @throws IllegalArgumentException if either is nothing
     */
    public static void checkPrice(Money price, Amount credits) {
        if (!price.isPositive()) {
            throw new IllegalArgumentException("a price is more than 0: " + price);
        }
        if (!credits.isPositive()) {
            throw new IllegalArgumentException("what is sold is more than 0 credits: " + credits);
        }
    }

    /** Whether it can still be paid as it was meant: nobody did, and it is in time. */
    public boolean payableAt(Instant now) {
        return state == State.OPEN && now.isBefore(expiresAt);
    }

    Invoice paid() {
        return new Invoice(id, payload, user, pack, price, credits, State.PAID, createdAt, expiresAt);
    }

    /**
     * The same invoice of somebody whose name is forgotten. One that is open can still be paid, unless its payload told
     * the name.
     *
     * @param tells whether a text tells who it was
     */
    public Invoice erased(UserId pseudonym, Predicate<String> tells) {
        String kept = tells.test(payload) ? erasedPayload(id) : payload;
        return new Invoice(id, kept, pseudonym, pack, price, credits, state, createdAt, expiresAt);
    }

    /** What stands in the place of a payload that told a name. */
    static String erasedPayload(InvoiceId id) {
        return UserId.ERASED + id;
    }

    /** Where an invoice stands. */
    public enum State {
        /** Its user hasn't paid it; it may have expired. */
        OPEN(1),
        /** Its user paid it. */
        PAID(2);

        private final int code;

        State(int code) {
            this.code = code;
        }

        /** The number it is stored under; never changes. */
        public int code() {
            return code;
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
            throw new IllegalArgumentException("no invoice state has the code " + code);
        }
    }
}
