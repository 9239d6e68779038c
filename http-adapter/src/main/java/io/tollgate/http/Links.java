package io.tollgate.http;

import io.tollgate.queue.job.AssetId;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Addresses of files that work without a key, for a while: they say until when and are signed with HMAC-SHA256. An
 * address stays the same for a quarter of its life, so that who polls sees no change. Safe for use by many threads.
 */
public final class Links {
    private static final String ALGORITHM = "HmacSHA256";

    private final SecretKeySpec secret;
    private final Duration lifetime;
    private final InstantSource clock;

    /**
     * Makes it.
     *
     * @param secret at least 32 bytes that nobody else knows and that stay the same over restarts
     * @param lifetime how long an address works, at least a minute
     */
    public Links(byte[] secret, Duration lifetime, InstantSource clock) {
        if (secret.length < 32 || lifetime.compareTo(Duration.ofMinutes(1)) < 0) {
            throw new IllegalArgumentException("needs a secret of 32 bytes and a lifetime of a minute");
        }
        this.secret = new SecretKeySpec(secret, ALGORITHM);
        this.lifetime = lifetime;
        this.clock = clock;
    }

    Optional<JobDocument.Link> link(AssetId asset) {
        long step = Math.max(1, lifetime.toSeconds() / 4);
        long now = clock.instant().getEpochSecond();
        Instant until =
                Instant.ofEpochSecond((now / step + 1) * step).plus(lifetime).truncatedTo(ChronoUnit.SECONDS);
        return Optional.of(new JobDocument.Link(
                Paths.API + "/assets/" + asset + "/content?expires=" + until.getEpochSecond() + "&signature="
                        + signature(asset, until.getEpochSecond()),
                Optional.of(until)));
    }

    /** Whether somebody was given this address, and its time is not over. */
    boolean isValid(AssetId asset, long expires, String given) {
        return expires > clock.instant().getEpochSecond()
                && MessageDigest.isEqual(
                        signature(asset, expires).getBytes(StandardCharsets.UTF_8),
                        given.getBytes(StandardCharsets.UTF_8));
    }

    private String signature(AssetId asset, long expires) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(secret);
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(mac.doFinal(("asset:" + asset + ":" + expires).getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + ALGORITHM, e);
        }
    }
}
