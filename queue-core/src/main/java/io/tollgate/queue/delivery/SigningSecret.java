package io.tollgate.queue.delivery;

import java.util.Base64;
import java.util.random.RandomGenerator;

/**
 * What a webhook is signed with, as Standard Webhooks writes it: {@code whsec_} and the Base64 of 24 to 64 random
 * bytes. It is kept as it is, since one can't sign with a hash; it is never printed.
 */
public final class SigningSecret {
    /** What its text begins with. */
    public static final String PREFIX = "whsec_";

    private static final int MIN_BYTES = 24;
    private static final int MAX_BYTES = 64;
    private static final int BYTES = 32;

    private final String text;

    private SigningSecret(String text) {
        this.text = text;
    }

    /**
     * Reads what {@link #reveal} gave.
     *
     * @throws IllegalArgumentException if it is none; the message doesn't show it
     */
    public static SigningSecret parse(String text) {
        byte[] bytes;
        try {
            bytes = text.startsWith(PREFIX) ? Base64.getDecoder().decode(text.substring(PREFIX.length())) : new byte[0];
        } catch (IllegalArgumentException unreadable) {
            bytes = new byte[0];
        }
        if (bytes.length < MIN_BYTES || bytes.length > MAX_BYTES) {
            throw new IllegalArgumentException("a signing secret is " + PREFIX + " and the Base64 of " + MIN_BYTES
                    + " to " + MAX_BYTES + " bytes"); // and says no more, not to show it
        }
        return new SigningSecret(PREFIX + Base64.getEncoder().encodeToString(bytes));
    }

    /** A new one, as hard to guess as {@code random}. */
    public static SigningSecret draw(RandomGenerator random) {
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        return new SigningSecret(PREFIX + Base64.getEncoder().encodeToString(bytes));
    }

    /** The secret itself, for its owner and the store. */
    public String reveal() {
        return text;
    }

    /** The key of the signature. */
    public byte[] key() {
        return Base64.getDecoder().decode(text.substring(PREFIX.length()));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SigningSecret secret && secret.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return PREFIX + "(hidden)";
    }
}
