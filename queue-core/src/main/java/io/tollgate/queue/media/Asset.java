package io.tollgate.queue.media;

import io.tollgate.credits.account.UserId;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.ContentHash;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A stored file: an input that a user brought or an output of a job. Its bytes never change.
 *
 * @param id its public name
 * @param owner whose it is; nobody else can see it
 * @param name the file name its owner knows it by, without a path, as {@link FileNames#safe} makes it
 * @param contentType its media type, found by looking at the bytes, without parameters, in lower case
 * @param sizeBytes its length in bytes
 * @param hash what its bytes are known by
 * @param createdAt when it was stored
 * @param expiresAt when it may be deleted; empty to keep it
 */
public record Asset(
        AssetId id,
        UserId owner,
        String name,
        String contentType,
        long sizeBytes,
        ContentHash hash,
        Instant createdAt,
        Optional<Instant> expiresAt) {
    private static final Pattern CONTENT_TYPE = Pattern.compile("[a-z]+/[a-z0-9][a-z0-9.+-]{0,63}");

    public Asset {
        if (!FileNames.isHarmless(name)) {
            throw new IllegalArgumentException("not a safe file name: '" + FileNames.safe(name) + "' would be");
        }
        checkContentType(contentType);
        if (sizeBytes < 0) {
            throw new IllegalArgumentException("a size must be 0 or more: " + sizeBytes);
        }
    }

    /** Whether it may be deleted at that time. */
    public boolean isExpired(Instant now) {
        return expiresAt.isPresent() && !expiresAt.get().isAfter(now);
    }

    /** The same, to be kept at least until that time. */
    public Asset keptUntil(Instant time) {
        return isExpired(time)
                ? new Asset(id, owner, name, contentType, sizeBytes, hash, createdAt, Optional.of(time))
                : this;
    }

    static void checkContentType(String contentType) {
        if (!CONTENT_TYPE.matcher(contentType).matches()) {
            throw new IllegalArgumentException("not a media type such as image/png: '" + contentType + "'");
        }
    }
}
