package io.tollgate.credits.ledger;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What was asked under a key, in 64 characters: the SHA-256 of a canonical text. The same key with another hash is
 * another request and is refused.
 */
public final class RequestHash {
    private RequestHash() {}

    /**
     * The hash of these parts in this order, as lower-case hex. Parts are set apart by their lengths, so that
     * {@code ("ab", "c")} and {@code ("a", "bc")} differ.
     */
    public static String of(Object... parts) {
        StringBuilder canonical = new StringBuilder();
        for (Object part : parts) {
            String text = part.toString();
            canonical.append(text.length()).append(':').append(text).append('\n');
        }
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(sha256.digest(canonical.toString().getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
