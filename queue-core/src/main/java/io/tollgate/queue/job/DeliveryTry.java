package io.tollgate.queue.job;

import io.tollgate.credits.ledger.StorableText;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One try at a delivery, as it is kept in the log. What a stranger answered is made harmless here: characters that
 * stores can't keep, or that terminals and readers are led by, are replaced. Spans and instants are kept to the
 * millisecond.
 *
 * @param number which try it was, from 1; counted anew after a delivery that was over is sent again
 * @param at when it began
 * @param took how long it took, not negative
 * @param status what was answered, as over HTTP
 * @param error why it failed, if it did, at most {@value #MAX_ERROR} characters
 * @param answer what the answer began with, at most {@value #MAX_ANSWER} characters
 */
public record DeliveryTry(
        DeliveryId delivery,
        int number,
        Instant at,
        Duration took,
        OptionalInt status,
        Optional<String> error,
        Optional<String> answer) {
    /** How many tries are kept of a delivery: the latest. */
    public static final int KEPT = 20;

    /** The longest error. */
    public static final int MAX_ERROR = 400;

    /** The longest beginning of an answer. */
    public static final int MAX_ANSWER = 1024;

    private static final char REPLACEMENT = '\uFFFD';

    public DeliveryTry {
        if (number < 1 || took.isNegative()) {
            throw new IllegalArgumentException("a try has a number and takes a while: " + number + ", " + took);
        }
        at = at.truncatedTo(ChronoUnit.MILLIS);
        took = took.truncatedTo(ChronoUnit.MILLIS);
        error = error.map(text -> harmless(text, MAX_ERROR));
        answer = answer.map(text -> harmless(text, MAX_ANSWER));
    }

    private static String harmless(String text, int atMost) {
        StringBuilder kept = new StringBuilder();
        StorableText.repaired(text).codePoints().map(DeliveryTry::harmless).forEach(kept::appendCodePoint);
        if (kept.length() > atMost) {
            kept.setLength(Character.isHighSurrogate(kept.charAt(atMost - 1)) ? atMost - 1 : atMost);
        }
        return kept.toString();
    }

    private static int harmless(int c) {
        boolean leads =
                (Character.isISOControl(c) && c != '\n' && c != '\t') || Character.getType(c) == Character.FORMAT;
        return leads ? REPLACEMENT : c;
    }
}
