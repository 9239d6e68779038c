package io.tollgate.queue.job;

import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * What bytes are known by: a digest of them, written with the name of its function in front, such as
 * {@code blake3:af13…}. The same bytes have the same hash under the same function.
 *
 * @param function what made it
 * @param hex the digest, 64 lower-case hex digits
 */
public record ContentHash(Function function, String hex) {
    /** The length of every digest, in bytes. */
    public static final int BYTES = 32;

    private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");

    /** What can make a hash. */
    public enum Function {
        SHA256(0, "sha256"),
        BLAKE3(1, "blake3");

        private final int number;
        private final String word;

        Function(int number, String word) {
            this.number = number;
            this.word = word;
        }

        /** As it is stored. */
        public int number() {
            return number;
        }

        /** As it is written in front of a hash. */
        public String word() {
            return word;
        }

        /**
         * The function that is stored as this number.
         *
         * @throws IllegalArgumentException if there is none
         */
        public static Function of(int number) {
            for (Function function : values()) {
                if (function.number == number) {
                    return function;
                }
            }
            throw new IllegalArgumentException("there is no hash function of number " + number);
        }
    }

    public ContentHash {
        if (!HEX.matcher(hex).matches()) {
            throw new IllegalArgumentException("a hash has 64 lower-case hex digits, not '" + shown(hex) + "'");
        }
    }

    /**
     * A digest that was made.
     *
     * @param digest {@value #BYTES} bytes
     */
    public static ContentHash of(Function function, byte[] digest) {
        return new ContentHash(function, HexFormat.of().formatHex(digest));
    }

    /**
     * Reads what {@link #toString} wrote.
     *
     * @throws IllegalArgumentException if it is anything else
     */
    public static ContentHash parse(String text) {
        int colon = text.indexOf(':');
        for (Function function : Function.values()) {
            if (colon > 0 && function.word.equals(text.substring(0, colon))) {
                return new ContentHash(function, text.substring(colon + 1));
            }
        }
        throw new IllegalArgumentException(
                "a hash is written blake3: or sha256: and 64 lower-case hex digits, not '" + shown(text) + "'");
    }

    private static String shown(String text) {
        return text.length() > 80 ? text.substring(0, 80) + "…" : text;
    }

    /** The digest. */
    public byte[] digest() {
        return HexFormat.of().parseHex(hex);
    }

    @Override
    public String toString() {
        return function.word + ":" + hex;
    }
}
