package io.tollgate.queue.access;

import io.tollgate.credits.ledger.HmacSha256;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** How secrets of keys are made, recognized and hashed. Safe for use by many threads. */
final class KeySecret {
    static final String PREFIX = "tg_live_";

    /** The least bytes of a key to hash with: as many as the hash has (RFC 2104, section 3). */
    static final int MIN_HASH_KEY = HmacSha256.BYTES;

    private static final String ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static final int LENGTH = 43; // 62^43 is more than 2^256
    private static final Pattern SHAPE = Pattern.compile(PREFIX + "[0-9A-Za-z]{" + LENGTH + "}");

    private final HmacSha256 hmac;
    private final SecureRandom random;

    KeySecret(byte[] hashKey, SecureRandom random) {
        if (hashKey.length < MIN_HASH_KEY) {
            throw new IllegalArgumentException(
                    "the key to hash with has at least " + MIN_HASH_KEY + " bytes, not " + hashKey.length);
        }
        this.hmac = new HmacSha256(hashKey);
        this.random = random;
    }

    String next() {
        StringBuilder secret = new StringBuilder(PREFIX);
        for (int i = 0; i < LENGTH; i++) {
            secret.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return secret.toString();
    }

    static boolean isShaped(String presented) {
        return SHAPE.matcher(presented).matches();
    }

    /** The HMAC-SHA256 (RFC 2104) of a secret, as 64 hex digits. */
    String hash(String secret) {
        return HexFormat.of().formatHex(hmac.of(secret.getBytes(StandardCharsets.UTF_8)));
    }
}
