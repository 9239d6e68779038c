package io.tollgate.credits.account;

import java.util.regex.Pattern;

/**
 * What a user is, such as {@code gold}.
 *
 * @param name a lower-case word of at most 40 characters {@code a-z 0-9 _ -}
 * @param perks what it is worth
 */
public record Tier(String name, Perks perks) {
    /** The name of the tier that everybody has who has no other. */
    public static final String STANDARD = "standard";

    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_-]{0,39}");

    public Tier {
        checkName(name);
    }

    /**
     * Returns {@code name} if a tier may have it.
     *
     * @throws IllegalArgumentException if not
     */
    public static String checkName(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "a tier's name is a lower-case word of at most 40 characters a-z 0-9 _ -, not '" + name + "'");
        }
        return name;
    }
}
