package io.tollgate.credits.ledger;

import io.tollgate.credits.account.UserId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.LocalDate;
import java.util.HexFormat;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/**
 * What a day's rolls are made of. It is made before the day's first draw and never changed, its hash is published at
 * once and the secret itself when the day is over: so nobody can foresee a roll, and everybody can check it.
 *
 * @param day in the zone that days are counted in
 * @param at when it was made; the draws of the day that follow are made of it
 */
public record DrawSecret(LocalDate day, Secret secret, Instant at) {
    /** What a user rolls on this day, 0 to {@link LuckyDraw#OUTCOMES} less 1. */
    public int roll(UserId user) {
        return secret.roll(user, day);
    }

    /**
     * 32 bytes that nobody knows. Doesn't show them by itself.
     *
     * @param hex 64 digits 0-9 a-f
     */
    public record Secret(String hex) {
        /** How many bytes there are. */
        public static final int BYTES = 32;

        private static final Pattern HEX = Pattern.compile("[0-9a-f]{" + 2 * BYTES + "}");

        public Secret {
            if (!HEX.matcher(hex).matches()) {
                throw new IllegalArgumentException("a secret is " + BYTES + " bytes in lower-case hex digits");
            }
        }

        /** A new one. */
        public static Secret from(RandomGenerator random) {
            byte[] bytes = new byte[BYTES];
            random.nextBytes(bytes);
            return of(bytes);
        }

        /** The one of these bytes. */
        public static Secret of(byte[] bytes) {
            return new Secret(HexFormat.of().formatHex(bytes));
        }

        public byte[] bytes() {
            return HexFormat.of().parseHex(hex);
        }

        /** Its SHA-256, in hex digits: what may be known while the secret mayn't. */
        public String hash() {
            try {
                return HexFormat.of()
                        .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes()));
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("every Java has SHA-256", e);
            }
        }

        /**
         * The first 8 bytes of HMAC-SHA256(secret, user + "\n" + day), as an unsigned number, modulo
         * {@link LuckyDraw#OUTCOMES}; the day is written as {@code 2026-11-22}. 2<sup>64</sup> is no multiple of
         * 10,000: the rolls 0 to 1,615 are more likely than the others by one part in 1.8 * 10<sup>15</sup>.
         */
        int roll(UserId user, LocalDate day) {
            byte[] sum = new HmacSha256(bytes()).of((user.value() + "\n" + day).getBytes(StandardCharsets.UTF_8));
            return (int) Long.remainderUnsigned(ByteBuffer.wrap(sum).getLong(), LuckyDraw.OUTCOMES);
        }

        @Override
        public String toString() {
            return "secret of hash " + hash();
        }
    }
}
