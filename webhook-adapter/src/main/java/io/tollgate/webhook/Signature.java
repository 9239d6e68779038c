package io.tollgate.webhook;

import io.tollgate.credits.ledger.HmacSha256;
import io.tollgate.queue.delivery.SigningSecret;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Signs messages by Standard Webhooks (https://github.com/standard-webhooks/standard-webhooks, version 1): HMAC-SHA256
 * over id, timestamp and body with dots between them, one signature for each secret that counts, parted by spaces.
 */
final class Signature {
    private Signature() {}

    /** The value of {@code webhook-signature}. */
    static String of(String id, long timestamp, byte[] body, List<SigningSecret> secrets) {
        byte[] head = (id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8);
        return secrets.stream().map(secret -> "v1," + sign(secret, head, body)).collect(Collectors.joining(" "));
    }

    private static String sign(SigningSecret secret, byte[] head, byte[] body) {
        return Base64.getEncoder().encodeToString(new HmacSha256(secret.key()).of(head, body));
    }
}
