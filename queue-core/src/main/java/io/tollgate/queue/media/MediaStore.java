package io.tollgate.queue.media;

import io.tollgate.credits.account.UserId;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.ContentHash;
import io.tollgate.queue.job.JobId;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The home of files. Bytes are kept once per content and found by their hash; an asset is one user's name for them.
 * Safe for use by many threads. All methods throw {@link IOException} when the store can't be read or written, and then
 * nothing was changed.
 *
 * <p>A store has no clock: what expired is there until {@link #deleteExpired}, and methods that leave it out are told
 * the time.
 */
public interface MediaStore {
    /** By what function new content is known. */
    ContentHash.Function function();

    /**
     * Takes in what {@code bytes} gives until its end. It becomes an asset by {@link Arrival#keep}, or is forgotten.
     *
     * @param maxBytes the longest file that is taken
     * @throws AssetTooLargeException if there are more; nothing is kept
     * @throws IllegalArgumentException if {@code maxBytes} is below 0
     */
    Arrival receive(InputStream bytes, long maxBytes) throws IOException;

    /** Bytes that were taken in and are nobody's yet. Of one thread; closing it forgets them, unless they were kept. */
    interface Arrival extends Closeable {
        /** What they are known by. */
        ContentHash hash();

        /** How many there are. */
        long sizeBytes();

        /** A local file with them. Read it before they are kept; it is gone when this is closed. */
        Path file() throws IOException;

        /**
         * Makes them an asset, durably, before this returns. Keeping an id again with the same bytes returns the asset
         * that is there. To be called once.
         *
         * @throws IllegalArgumentException if the id is taken by other bytes or another owner
         */
        Asset keep(NewAsset asset) throws IOException;
    }

    /**
     * Stores what {@code bytes} gives until its end, as {@link #receive} and {@link Arrival#keep} do.
     *
     * @param maxBytes the longest file that is taken
     * @throws AssetTooLargeException if there are more; nothing is kept
     * @throws IllegalArgumentException if the id is taken by other bytes or another owner, or {@code maxBytes} is below
     *     0
     */
    default Asset put(NewAsset asset, InputStream bytes, long maxBytes) throws IOException {
        try (Arrival arrival = receive(bytes, maxBytes)) {
            return arrival.keep(asset);
        }
    }

    /**
     * Makes a new asset of another one's bytes, without copying them.
     *
     * @return empty if the other is gone; then nothing was kept
     * @throws IllegalArgumentException if the new id is taken by other bytes or another owner
     */
    Optional<Asset> copy(AssetId source, NewAsset asset) throws IOException;

    /** The asset, if it is there. Who may see it is the caller's business. */
    Optional<Asset> find(AssetId id) throws IOException;

    /** A user's assets that have this content and have not expired, in the order of their ids. */
    List<Asset> withContent(UserId owner, ContentHash hash, Instant now) throws IOException;

    /**
     * A user's assets that have not expired, in the reverse order of their ids: for ids that begin with a time, newest
     * first.
     *
     * @param before the last one seen, to go on from there
     * @param limit the most assets, at least 1
     */
    List<Asset> list(UserId owner, Instant now, Optional<AssetId> before, int limit) throws IOException;

    /** How much a user has that has not expired. Bytes that several assets share count once for each. */
    Held held(UserId owner, Instant now) throws IOException;

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
     * @param time {@link Instant#MAX} for ever
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

    /**
     * Shows every asset, those that expired and weren't deleted yet, too, in no order, without keeping them in memory.
     */
    void forEach(Consumer<Asset> consumer) throws IOException;

    /** How much is stored: files and bytes, one entry for each content type, in the order of their names. */
    default List<Usage> usage() throws IOException {
        Map<String, Usage> usage = new TreeMap<>();
        forEach(asset ->
                usage.merge(asset.contentType(), new Usage(asset.contentType(), 1, asset.sizeBytes()), Usage::plus));
        return List.copyOf(usage.values());
    }

    /**
     * A file to be stored.
     *
     * @param name what its owner calls it; anything, it is made {@linkplain FileNames#safe safe}
     * @param contentType its media type, which the caller found by looking at the bytes, as {@link ContentTypes#sniff}
     *     does; without parameters, in lower case
     * @param expiresAt when it may be deleted; empty to keep it
     * @param job the job that made it; empty if its owner brings it
     * @param tags words of its owner's
     */
    record NewAsset(
            AssetId id,
            UserId owner,
            String name,
            String contentType,
            Instant createdAt,
            Optional<Instant> expiresAt,
            Optional<JobId> job,
            List<String> tags) {
        public NewAsset {
            name = FileNames.safe(name);
            Asset.checkContentType(contentType);
            tags = Asset.checkedTags(tags);
        }

        /** A file that its owner brings, without tags. */
        public NewAsset(
                AssetId id,
                UserId owner,
                String name,
                String contentType,
                Instant createdAt,
                Optional<Instant> expiresAt) {
            this(id, owner, name, contentType, createdAt, expiresAt, Optional.empty(), List.of());
        }

        /** The asset that it becomes, once its bytes are known. */
        public Asset stored(long sizeBytes, ContentHash hash) {
            return new Asset(id, owner, name, contentType, sizeBytes, hash, createdAt, expiresAt, job, tags);
        }
    }

    /** How much somebody has. */
    record Held(long files, long bytes) {
        /** Nothing. */
        public static final Held NOTHING = new Held(0, 0);

        /** With one more. */
        public Held plus(Asset asset) {
            return new Held(files + 1, Math.addExact(bytes, asset.sizeBytes()));
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
