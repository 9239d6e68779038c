package io.tollgate.http;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Where a page ended. Opaque to callers, so that it may change. */
final class Cursor {
    private Cursor() {}

    static String text(long last) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(("1:" + last).getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Reads it again.
     *
     * @throws IllegalArgumentException if it is none of ours
     */
    static long parse(String text) {
        String plain = new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8);
        if (!plain.startsWith("1:")) {
            throw new IllegalArgumentException("not a cursor");
        }
        return Long.parseLong(plain.substring(2));
    }
}
