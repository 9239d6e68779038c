package io.tollgate.credits.ledger;

import java.util.regex.Pattern;

/**
 * What a provider calls a payment: no two payments have the same.
 *
 * @param provider a word such as {@code manual} or {@code telegram-stars}: 1 to 32 of {@code a-z 0-9 -}, a letter first
 * @param externalId the provider's own id of it, 1 to 200 characters
 * @param periodEnd when the period ends that a renewal pays for, in seconds since 1970, as a provider may take the same
 *     id for each; 0 for what is paid once
 */
public record Charge(String provider, String externalId, long periodEnd) {
    private static final Pattern PROVIDER = Pattern.compile("[a-z][a-z0-9-]{0,31}");

    public Charge {
        checkProvider(provider);
        Texts.checkKey("the provider's id of a payment", externalId);
        if (periodEnd < 0) {
            throw new IllegalArgumentException("the end of a period can't be negative: " + periodEnd);
        }
    }

    /** One that is paid once. */
    public static Charge once(String provider, String externalId) {
        return new Charge(provider, externalId, 0);
    }

    /**
     * Checks the word for a provider.
     *
     * @throws IllegalArgumentException if it has another shape
     */
    public static void checkProvider(String provider) {
        if (!PROVIDER.matcher(provider).matches()) {
            throw new IllegalArgumentException(
                    "a provider is 1 to 32 of a-z 0-9 -, a letter first, not '" + provider + "'");
        }
    }

    @Override
    public String toString() {
        return provider + " " + externalId + (periodEnd == 0 ? "" : " until " + periodEnd);
    }
}
