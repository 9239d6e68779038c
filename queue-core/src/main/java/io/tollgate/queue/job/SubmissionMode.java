package io.tollgate.queue.job;

import io.tollgate.credits.account.Tier;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Whose submissions are taken. */
public enum SubmissionMode {
    /** Everybody's. */
    ENABLED,
    /** Those of users who have a tier, whichever; it is what makes somebody a member. */
    MEMBERS_ONLY,
    /** Nobody's. */
    DISABLED;

    /** What it is called in requests and on the command line: its name in lower case. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The mode of a word, as {@link #word} has it; empty if there is none. */
    public static Optional<SubmissionMode> parse(String word) {
        return Arrays.stream(values()).filter(mode -> mode.word().equals(word)).findFirst();
    }

    /** Whether it takes what somebody of that tier submits. */
    public boolean takes(String tier) {
        return switch (this) {
            case ENABLED -> true;
            case MEMBERS_ONLY -> !tier.equals(Tier.STANDARD);
            case DISABLED -> false;
        };
    }
}
