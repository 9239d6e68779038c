package io.tollgate.credits.payment;

import java.net.URI;
import java.util.Optional;

/**
 * What a user is told who wants to pay.
 *
 * @param text a line or more for people, not blank
 * @param link where it is paid, if that is a place
 */
public record HowToPay(String text, Optional<URI> link) {
    public HowToPay {
        if (text.isBlank()) {
            throw new IllegalArgumentException("who wants to pay is told how");
        }
    }

    /** What is paid without a link. */
    public static HowToPay of(String text) {
        return new HowToPay(text, Optional.empty());
    }
}
