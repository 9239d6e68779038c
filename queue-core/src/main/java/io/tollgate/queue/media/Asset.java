package io.tollgate.queue.media;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.StorableText;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.ContentHash;
import io.tollgate.queue.job.JobId;
import java.time.Instant;
import java.util.List;
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
 * @param expiresAt when it may be deleted, and from when on nobody is shown it; empty to keep it
 * @param job the job that made it; empty if its owner brought it
 * @param tags words of its owner's, at most {@value #MAX_TAGS}
 */
public record Asset(
        AssetId id,
        UserId owner,
        String name,
        String contentType,
        long sizeBytes,
        ContentHash hash,
        Instant createdAt,
        Optional<Instant> expiresAt,
        Optional<JobId> job,
        List<String> tags) {
    /** The most tags. */
    public static final int MAX_TAGS = 16;

    /** The longest tag, in characters. */
    public static final int MAX_TAG = 64;

    private static final Pattern CONTENT_TYPE = Pattern.compile("[a-z]+/[a-z0-9][a-z0-9.+-]{0,63}");

    public Asset {
        if (!FileNames.isHarmless(name)) {
            throw new IllegalArgumentException("not a safe file name: '" + FileNames.safe(name) + "' would be");
        }
        checkContentType(contentType);
        if (sizeBytes < 0) {
            throw new IllegalArgumentException("a size must be 0 or more: " + sizeBytes);
        }
        tags = checkedTags(tags);
    }

    /** Whether it may be deleted at that time. */
    public boolean isExpired(Instant now) {
        return expiresAt.isPresent() && !expiresAt.get().isAfter(now);
    }

    /**
     * The same, to be kept at least until that time.
     *
     * @param time {@link Instant#MAX} for ever
     */
    public Asset keptUntil(Instant time) {
        if (!isExpired(time)) {
            return this;
        }
        Optional<Instant> until = time.equals(Instant.MAX) ? Optional.empty() : Optional.of(time);
        return new Asset(id, owner, name, contentType, sizeBytes, hash, createdAt, until, job, tags);
    }

    /**
     * The tags, if they can be kept.
     *
     * @throws IllegalArgumentException if they are too many, or one is empty, too long or more than a line of text
     */
    static List<String> checkedTags(List<String> tags) {
        if (tags.size() > MAX_TAGS) {
            throw new IllegalArgumentException("a file has at most " + MAX_TAGS + " tags, not " + tags.size());
        }
        for (String tag : tags) {
            if (tag.isBlank() || tag.length() > MAX_TAG) {
                throw new IllegalArgumentException("a tag has 1 to " + MAX_TAG + " characters, not " + tag.length());
            }
            if (!StorableText.isStorable(tag) || tag.codePoints().anyMatch(Asset::endsALine)) {
                throw new IllegalArgumentException("a tag is one line of text, without control characters");
            }
        }
        return List.copyOf(tags);
    }

    private static boolean endsALine(int c) {
        int type = Character.getType(c);
        return type == Character.CONTROL || type == Character.LINE_SEPARATOR || type == Character.PARAGRAPH_SEPARATOR;
    }

    static void checkContentType(String contentType) {
        if (!CONTENT_TYPE.matcher(contentType).matches()) {
            throw new IllegalArgumentException("not a media type such as image/png: '" + contentType + "'");
        }
    }
}
