package io.tollgate.credits.ledger;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What can be drawn once a day, and how likely it is. Immutable.
 *
 * @param prizes the rarest first; their chances add up to {@link #OUTCOMES}
 * @param provable whether rolls are made of a day's secret, so that they can be checked; see {@link DrawSecret}
 */
public record LuckyDraw(List<Prize> prizes, boolean provable) {
    /** A roll is one of so many numbers, from 0 on; a chance is how many of them. */
    public static final int OUTCOMES = 10_000;

    /** The prizes that come with Tollgate: on average they take 14 percent off. */
    public static final LuckyDraw SHIPPED = new LuckyDraw(List.of(
            new Prize("SSR", 500, 50),
            new Prize("SR", 1_500, 30),
            new Prize("R", 3_000, 15),
            new Prize("C", 5_000, 5)));

    public LuckyDraw {
        prizes = List.copyOf(prizes);
        int sum = prizes.stream().mapToInt(Prize::chance).sum();
        if (sum != OUTCOMES) {
            throw new IllegalArgumentException(
                    "the chances of a draw add up to " + OUTCOMES + " in " + OUTCOMES + ", not " + sum);
        }
        if (prizes.stream().map(Prize::name).distinct().count() != prizes.size()) {
            throw new IllegalArgumentException("the prizes of a draw have different names: " + prizes);
        }
    }

    /** A draw whose rolls are nobody's business. */
    public LuckyDraw(List<Prize> prizes) {
        this(prizes, false);
    }

    /** The same, so that its rolls can be checked. */
    public LuckyDraw withProof() {
        return new LuckyDraw(prizes, true);
    }

    /** The day that it is in a zone. */
    public static LocalDate day(Instant now, ZoneId zone) {
        return LocalDate.ofInstant(now, zone);
    }

    /**
     * What a roll wins.
     *
     * @param roll 0 to {@link #OUTCOMES} less 1
     */
    public Prize prize(int roll) {
        int left = roll;
        for (Prize prize : prizes) {
            if (left >= 0 && left < prize.chance()) {
                return prize;
            }
            left -= prize.chance();
        }
        throw new IllegalArgumentException("a roll is 0 to " + (OUTCOMES - 1) + ": " + roll);
    }

    /**
     * One prize.
     *
     * @param name a word of 1 to 20 characters {@code A-Z a-z 0-9 _ -}
     * @param chance how many of the {@link #OUTCOMES} rolls win it, at least 1
     * @param percentOff what it takes off the price of each job of that day, 0 to 100
     */
    public record Prize(String name, int chance, int percentOff) {
        private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,20}");

        public Prize {
            checkName(name);
            if (chance < 1 || chance > OUTCOMES) {
                throw new IllegalArgumentException("the chance of " + name + " is 1 to " + OUTCOMES + ": " + chance);
            }
            checkPercent(percentOff);
        }

        /** Returns {@code name} if a prize may have it, else throws {@link IllegalArgumentException}. */
        public static String checkName(String name) {
            if (!NAME.matcher(name).matches()) {
                throw new IllegalArgumentException(
                        "a prize's name is a word of at most 20 characters A-Z a-z 0-9 _ -, not '" + name + "'");
            }
            return name;
        }

        /** Returns {@code percent} if a prize may take that off, else throws {@link IllegalArgumentException}. */
        public static int checkPercent(int percent) {
            if (percent < 0 || percent > 100) {
                throw new IllegalArgumentException("a prize takes 0 to 100 percent off: " + percent);
            }
            return percent;
        }
    }
}
