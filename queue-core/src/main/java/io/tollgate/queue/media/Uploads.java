package io.tollgate.queue.media;

import io.tollgate.credits.account.UserId;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.IdSource;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Where a file that a user brings becomes an asset. Nobody learns the id of one that did not pass the check. Safe for
 * use by many threads.
 */
public final class Uploads {
    private final MediaStore store;
    private final InputCheck check;
    private final long maxBytes;
    private final Optional<Duration> keep;
    private final InstantSource clock;
    private final IdSource ids;

    /**
     * @param maxBytes the longest file that is taken
     * @param keep how long files are kept; empty for ever
     */
    public Uploads(
            MediaStore store,
            InputCheck check,
            long maxBytes,
            Optional<Duration> keep,
            InstantSource clock,
            IdSource ids) {
        this.store = store;
        this.check = check;
        this.maxBytes = maxBytes;
        this.keep = keep;
        this.clock = clock;
        this.ids = ids;
    }

    /**
     * Stores a user's file, so that it can be an input. Its media type is found by looking at its bytes.
     *
     * @param name what the user calls it; anything, it is made {@linkplain FileNames#safe safe}
     * @throws UnfitFileException if the check finds something wrong
     * @throws AssetTooLargeException if it is larger than inputs may be
     * @throws IOException if it can't be read or stored
     */
    public Asset add(UserId owner, String name, InputStream bytes) throws IOException {
        BufferedInputStream buffered = new BufferedInputStream(bytes);
        buffered.mark(ContentTypes.HEAD);
        String contentType = ContentTypes.sniff(buffered.readNBytes(ContentTypes.HEAD));
        buffered.reset();
        Instant now = clock.instant();
        Asset asset = store.put(
                new MediaStore.NewAsset(
                        new AssetId(ids.next()), owner, FileNames.safe(name), contentType, now, keep.map(now::plus)),
                buffered,
                maxBytes);
        boolean fit = false;
        try {
            // an inspector may want to jump about in the file, so it is looked into where it lies
            Optional<String> problem = check.problem(store.open(asset.id()));
            if (problem.isPresent()) {
                throw new UnfitFileException(problem.get());
            }
            fit = true;
        } finally {
            if (!fit) {
                store.delete(asset.id());
            }
        }
        return asset;
    }
}
