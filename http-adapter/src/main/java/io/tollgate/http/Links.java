package io.tollgate.http;

import io.tollgate.credits.ledger.HmacSha256;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.media.Asset;
import io.tollgate.queue.media.MediaStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Optional;

/**
 * Addresses of files that work without a key, for a while: they say until when and are signed with HMAC-SHA256. An
 * address stays the same for a quarter of its life, so that who polls sees no change. Safe for use by many threads.
 */
public final class Links {
    private final MediaStore media;
    private final HmacSha256 hmac;
    private final Duration lifetime;
    private final InstantSource clock;

    /**
     * Makes it.
     *
     * @param secret at least 32 bytes that nobody else knows and that stay the same over restarts
     * @param lifetime how long an address works, at least a minute
     */
    public Links(MediaStore media, byte[] secret, Duration lifetime, InstantSource clock) {
        if (secret.length < 32 || lifetime.compareTo(Duration.ofMinutes(1)) < 0) {
            throw new IllegalArgumentException("needs a secret of 32 bytes and a lifetime of a minute");
        }
        this.media = media;
        this.hmac = new HmacSha256(secret);
        this.lifetime = lifetime;
        this.clock = clock;
    }

    /** How an output is shown; empty if it is not stored any more. */
    public Optional<JobDocument.Kept> kept(AssetId id) {
        try {
            return media.find(id)
                    .filter(asset -> !asset.isExpired(clock.instant()))
                    .map(this::kept);
        } catch (IOException unreadable) { // its job is shown all the same, and its content says more
            return Optional.of(link(id, Optional.empty()));
        }
    }

    /** How a stored file is shown. */
    JobDocument.Kept kept(Asset asset) {
        return link(asset.id(), asset.expiresAt());
    }

    private JobDocument.Kept link(AssetId asset, Optional<Instant> expiresAt) {
        long step = Math.max(1, lifetime.toSeconds() / 4);
        long now = clock.instant().getEpochSecond();
        Instant until = Instant.ofEpochSecond((now / step + 1) * step).plus(lifetime);
        return new JobDocument.Kept(
                Optional.of(Paths.API + "/assets/" + asset + "/content?expires=" + until.getEpochSecond()
                        + "&signature=" + signature(asset, until.getEpochSecond())),
                Optional.of(until),
                expiresAt);
    }

    /** Whether somebody was given this address, and its time is not over. */
    boolean isValid(AssetId asset, long expires, String given) {
        return expires > clock.instant().getEpochSecond()
                && MessageDigest.isEqual(
                        signature(asset, expires).getBytes(StandardCharsets.UTF_8),
                        given.getBytes(StandardCharsets.UTF_8));
    }

    private String signature(AssetId asset, long expires) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(hmac.of(("asset:" + asset + ":" + expires).getBytes(StandardCharsets.UTF_8)));
    }
}
