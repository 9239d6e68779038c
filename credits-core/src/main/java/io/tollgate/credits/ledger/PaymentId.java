package io.tollgate.credits.ledger;

import java.util.UUID;

/** The public name of a payment, chosen by whoever records it before the first try. */
public record PaymentId(UUID value) {
    /**
     * Reads an id.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static PaymentId parse(String text) {
        try {
            UUID id = UUID.fromString(text);
            if (id.toString().equalsIgnoreCase(text)) {
                return new PaymentId(id);
            }
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("not the id of a payment: '" + text + "'", e);
        }
        throw new IllegalArgumentException("not the id of a payment: '" + text + "'");
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
