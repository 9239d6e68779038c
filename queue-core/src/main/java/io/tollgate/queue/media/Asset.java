package io.tollgate.queue.media;

import io.tollgate.credits.account.UserId;
import io.tollgate.queue.job.AssetId;
import java.time.Instant;
import java.util.Optional;

/**
 * A stored file: an input that a user brought or an output of a job. Its bytes never change.
 *
 * @param id its public name
 * @param owner whose it is; nobody else can see it
 * @param name the file name its owner knows it by, without a path
 * @param contentType its media type, found by looking at the bytes
 * @param sizeBytes its length in bytes
 * @param sha256 the SHA-256 of its bytes, 64 lower-case hex digits
 * @param createdAt when it was stored
 * @param expiresAt when it may be deleted; empty to keep it
 */
public record Asset(
        AssetId id,
        UserId owner,
        String name,
        String contentType,
        long sizeBytes,
        String sha256,
        Instant createdAt,
        Optional<Instant> expiresAt) {}
