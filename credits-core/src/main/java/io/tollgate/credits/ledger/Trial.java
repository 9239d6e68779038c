package io.tollgate.credits.ledger;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Credits that everybody gets to try things out, anew in each period. What is left at a period's end is gone, so that
 * trials never pile up. A user's periods follow each other exactly, whatever time zones and their hours do; the first
 * begins with the first job.
 *
 * @param credits what there is for a period, more than 0
 * @param every how long a period is, at least a minute
 */
public record Trial(Amount credits, Duration every) {
    private static final Duration SHORTEST = Duration.ofMinutes(1);

    public Trial {
        if (!credits.isPositive()) {
            throw new IllegalArgumentException("a trial is more than 0 credits: " + credits);
        }
        if (every.compareTo(SHORTEST) < 0) {
            throw new IllegalArgumentException("a trial's period is at least " + SHORTEST + ": " + every);
        }
    }

    /**
     * Whether a new period has begun. A clock that goes back begins none.
     *
     * @param until when the latest period ends or ended; empty if there was none
     */
    public boolean due(Optional<Instant> until, Instant now) {
        return until.isEmpty() || !now.isBefore(until.get());
    }

    /**
     * When the period ends that {@code now} is in.
     *
     * @param until when the latest period ends or ended; empty if there was none
     */
    public Instant endOfPeriod(Optional<Instant> until, Instant now) {
        if (until.isEmpty()) {
            return now.plus(every);
        }
        if (now.isBefore(until.get())) {
            return until.get();
        }
        long over = Duration.between(until.get(), now).dividedBy(every);
        return until.get().plus(every.multipliedBy(over + 1));
    }
}
