package io.tollgate.queue.media;

import io.tollgate.credits.account.UserId;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.ContentHash;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The home of files. Bytes are kept once per content and found by their hash; an asset is one user's name for them.
 * Safe for use by many threads. All methods throw {@link IOException} when the store can't be read or written, and then
 * nothing was changed.
 */
public interface MediaStore {
    /**
     * Stores what {@code bytes} gives until its end, and makes it durable before returning. Storing an id again with
     * the same bytes returns the asset that is there.
     *
     * @param maxBytes the longest file that is taken
     * @throws AssetTooLargeException if there are more; nothing is kept
     * @throws IllegalArgumentException if the id is taken by other bytes or another owner, or {@code maxBytes} is below
     *     0
     */
    Asset put(NewAsset asset, InputStream bytes, long maxBytes) throws IOException;

    /** The asset, if it is there. Who may see it is the caller's business. */
    Optional<Asset> find(AssetId id) throws IOException;

    /** The assets that have this content, whoever owns them, in no order. */
    List<Asset> withContent(ContentHash hash) throws IOException;

    /**
     * A readable local file with the asset's bytes. Not the caller's: read it, don't change it.
     *
     * @throws java.nio.file.NoSuchFileException if it is gone
     */
    Path open(AssetId id) throws IOException;

    /**
     * Makes an asset stay at least until a time, because something needs it until then. One that is kept longer, or for
     * ever, is left as it is.
     *
     * @return the asset as it is now; empty if it is gone. One that was returned is not deleted by
     *     {@link #deleteExpired} before that time
     */
    Optional<Asset> keepUntil(AssetId id, Instant time) throws IOException;

    /** Deletes an asset, and its bytes when no other asset has them. Deleting what isn't there does nothing. */
    void delete(AssetId id) throws IOException;

    /**
     * Deletes what expired. When some of it can't be read or deleted, all else is dealt with before this throws.
     *
     * @param now assets that expire at this time or earlier go
     * @return the assets deleted
     */
    List<AssetId> deleteExpired(Instant now) throws IOException;

    /**
     * Deletes all that somebody owns, whenever it expires. When some of it can't be read or deleted, all else is dealt
     * with before this throws.
     *
     * @return the assets deleted
     */
    List<AssetId> deleteAllOf(UserId owner) throws IOException;

    /** How much is stored: files and bytes, one entry for each content type, in the order of their names. */
    List<Usage> usage() throws IOException;

    /**
     * A file to be stored.
     *
     * @param name what its owner calls it; anything, it is made {@linkplain FileNames#safe safe}
     * @param contentType its media type, which the caller found by looking at the bytes, as {@link ContentTypes#sniff}
     *     does; without parameters, in lower case
     * @param expiresAt when it may be deleted; empty to keep it
     */
    record NewAsset(
            AssetId id, UserId owner, String name, String contentType, Instant createdAt, Optional<Instant> expiresAt) {
        public NewAsset {
            name = FileNames.safe(name);
            Asset.checkContentType(contentType);
        }

        /** The asset that it becomes, once its bytes are known. */
        public Asset stored(long sizeBytes, ContentHash hash) {
            return new Asset(id, owner, name, contentType, sizeBytes, hash, createdAt, expiresAt);
        }
    }

    /** How much of one content type is stored. Bytes that several assets share count once for each. */
    record Usage(String contentType, long files, long bytes) {
        /** Both together. */
        public Usage plus(Usage other) {
            return new Usage(contentType, Math.addExact(files, other.files), Math.addExact(bytes, other.bytes));
        }
    }
}
