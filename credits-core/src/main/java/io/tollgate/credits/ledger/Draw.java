package io.tollgate.credits.ledger;

import io.tollgate.credits.account.UserId;
import java.time.Instant;
import java.time.LocalDate;

/**
 * What a user drew on a day. Never changed, whatever becomes of the table of prizes.
 *
 * @param day in the zone that days are counted in
 * @param roll what was rolled, 0 to {@link LuckyDraw#OUTCOMES} less 1
 * @param prize the name of what it won
 * @param percentOff what that takes off the price of each job of the day, 0 to 100
 * @param provable whether the roll was made of the day's {@link DrawSecret}
 */
public record Draw(UserId user, LocalDate day, int roll, String prize, int percentOff, Instant at, boolean provable) {
    public Draw {
        if (roll < 0 || roll >= LuckyDraw.OUTCOMES) {
            throw new IllegalArgumentException("a roll is 0 to " + (LuckyDraw.OUTCOMES - 1) + ": " + roll);
        }
        LuckyDraw.Prize.checkName(prize);
        LuckyDraw.Prize.checkPercent(percentOff);
    }

    /** A draw whose roll is made of nothing that is kept. */
    public Draw(UserId user, LocalDate day, int roll, String prize, int percentOff, Instant at) {
        this(user, day, roll, prize, percentOff, at, false);
    }
}
