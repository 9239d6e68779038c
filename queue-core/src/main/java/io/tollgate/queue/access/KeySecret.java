package io.tollgate.queue.access;

import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** How secrets of keys are made, recognized and hashed. Safe for use by many threads. */
final class KeySecret {
    static final String PREFIX = "tg_live_";

    /** The least bytes of a key to hash with: as many as the hash has (RFC 2104, section 3). */
    static final int MIN_HASH_KEY = 32;

    private static final String ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static final int LENGTH = 43; // 62^43 is more than 2^256
    private static final Pattern SHAPE = Pattern.compile(PREFIX + "[0-9A-Za-z]{" + LENGTH + "}");
    private static final String ALGORITHM = "HmacSHA256";

    private final SecretKeySpec hashKey;
    private final SecureRandom random;

    KeySecret(byte[] hashKey, SecureRandom random) {
        if (hashKey.length < MIN_HASH_KEY) {
            throw new IllegalArgumentException(
                    "the key to hash with has at least " + MIN_HASH_KEY + " bytes, not " + hashKey.length);
        }
        this.hashKey = new SecretKeySpec(hashKey, ALGORITHM);
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
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(hashKey);
            return HexFormat.of().formatHex(mac.doFinal(secret.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException("every Java has " + ALGORITHM, e);
        }
    }
}
