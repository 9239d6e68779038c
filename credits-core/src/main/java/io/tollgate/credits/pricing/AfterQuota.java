package io.tollgate.credits.pricing;

import java.util.Locale;

/** What becomes of a run when the day's free ones are used up. */
public enum AfterQuota {
    /** It is refused until the next day. */
    REFUSE,
    /** It costs its price. */
    CHARGE,
    /** It costs nothing and waits in the relaxed lane. */
    RELAXED;

    /** Its name in configuration and APIs. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The one of a name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static AfterQuota ofWord(String word) {
        for (AfterQuota then : values()) {
            if (then.word().equals(word)) {
                return then;
            }
        }
        throw new IllegalArgumentException("no such thing follows a quota: '" + word + "'");
    }
}
