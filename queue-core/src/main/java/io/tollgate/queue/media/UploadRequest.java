package io.tollgate.queue.media;

import io.tollgate.queue.job.ContentHash;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a user says of a file that becomes an asset.
 *
 * @param name what the user calls it; anything, it is made {@linkplain FileNames#safe safe}. Without one it is called
 *     {@code file}, or as the file that it is made from
 * @param expiresIn how long it is to be kept, from {@link #MIN_EXPIRY} to {@link #MAX_EXPIRY}; empty for as long as is
 *     usual
 * @param expectedHash what its bytes must be known by; empty if that doesn't matter
 * @param tags words of the user's, at most {@value Asset#MAX_TAGS} of 1 to {@value Asset#MAX_TAG} characters
 */
public record UploadRequest(
        Optional<String> name, Optional<Duration> expiresIn, Optional<ContentHash> expectedHash, List<String> tags) {
    /** The shortest time that can be asked for. */
    public static final Duration MIN_EXPIRY = Duration.ofMinutes(1);

    /** The longest time that can be asked for. */
    public static final Duration MAX_EXPIRY = Duration.ofDays(7);

    /** Nothing is said. */
    public static final UploadRequest PLAIN =
            new UploadRequest(Optional.empty(), Optional.empty(), Optional.empty(), List.of());

    public UploadRequest {
        expiresIn.ifPresent(span -> {
            if (span.compareTo(MIN_EXPIRY) < 0 || span.compareTo(MAX_EXPIRY) > 0) {
                throw new IllegalArgumentException("a file is kept for " + MIN_EXPIRY.toSeconds() + " to "
                        + MAX_EXPIRY.toSeconds() + " seconds, not " + span.toSeconds());
            }
        });
        tags = Asset.checkedTags(tags);
    }

    /** Only a name is said. */
    public static UploadRequest named(String name) {
        return new UploadRequest(Optional.of(name), Optional.empty(), Optional.empty(), List.of());
    }

    public UploadRequest expiringIn(Duration span) {
        return new UploadRequest(name, Optional.of(span), expectedHash, tags);
    }

    public UploadRequest expecting(ContentHash hash) {
        return new UploadRequest(name, expiresIn, Optional.of(hash), tags);
    }

    public UploadRequest tagged(List<String> words) {
        return new UploadRequest(name, expiresIn, expectedHash, words);
    }
}
