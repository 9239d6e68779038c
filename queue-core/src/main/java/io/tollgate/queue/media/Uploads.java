package io.tollgate.queue.media;

import io.tollgate.credits.account.UserId;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.ContentHash;
import io.tollgate.queue.job.IdSource;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/**
 * Where a file that a user brings becomes an asset. A user has the same bytes once, unless another asset of them is
 * asked for. Safe for use by many threads.
 *
 * <p>What a user may store is counted in bytes of assets that have not expired. Outputs count, too, but no job fails of
 * them: a user who is full can't bring more files, and that is all. Of several processes on one store each counts for
 * itself between looking and storing.
 */
public final class Uploads {
    private static final int LOCKS = 64;

    private final MediaStore store;
    private final InputCheck check;
    private final Limits limits;
    private final Optional<Duration> keep;
    private final InstantSource clock;
    private final IdSource ids;

    /** Of each user one upload at a time looks at what there is, and adds to it. Bytes come in before that. */
    private final List<ReentrantLock> locks =
            Stream.generate(ReentrantLock::new).limit(LOCKS).toList();

    /**
     * How much is taken.
     *
     * @param maxFileBytes the longest file
     * @param maxUserBytes the most that a user may have; 0 for no limit
     */
    public record Limits(long maxFileBytes, long maxUserBytes) {
        public Limits {
            if (maxFileBytes < 0 || maxUserBytes < 0) {
                throw new IllegalArgumentException(
                        "limits must be 0 or more: " + maxFileBytes + " and " + maxUserBytes);
            }
        }
    }

    /** @param keep how long files are kept for which nothing else is asked; empty for ever */
    public Uploads(
            MediaStore store,
            InputCheck check,
            Limits limits,
            Optional<Duration> keep,
            InstantSource clock,
            IdSource ids) {
        this.store = store;
        this.check = check;
        this.limits = limits;
        this.keep = keep;
        this.clock = clock;
        this.ids = ids;
    }

    /**
     * Stores a user's file, so that it can be an input. Its media type is found by looking at its bytes. If the user
     * has these bytes already, the asset from then is the answer: it keeps its name and its tags, and lasts at least as
     * long as is asked now.
     *
     * @throws UnfitFileException if the check finds something wrong
     * @throws AssetTooLargeException if it is larger than inputs may be
     * @throws HashMismatchException if it isn't what was expected
     * @throws QuotaExceededException if the user would have too much
     * @throws IllegalArgumentException if a hash is expected that is not of the store's function
     * @throws IOException if it can't be read or stored
     */
    public Uploaded add(UserId owner, UploadRequest request, InputStream bytes) throws IOException {
        request.expectedHash().map(ContentHash::function).ifPresent(this::requireOurs);
        try (MediaStore.Arrival arrival = store.receive(bytes, limits.maxFileBytes)) {
            request.expectedHash().filter(hash -> !hash.equals(arrival.hash())).ifPresent(expected -> {
                throw new HashMismatchException(expected, arrival.hash());
            });
            Optional<String> problem = check.problem(arrival.file());
            if (problem.isPresent()) {
                throw new UnfitFileException(problem.get());
            }
            String contentType = contentType(arrival.file());
            ReentrantLock lock = lockOf(owner);
            lock.lock();
            try {
                Instant now = clock.instant();
                Optional<Asset> known = known(owner, arrival.hash(), now, expiry(request, now));
                if (known.isPresent()) {
                    return new Uploaded(known.get(), false);
                }
                requireRoom(owner, arrival.sizeBytes(), now);
                return new Uploaded(
                        arrival.keep(newAsset(owner, request.name().orElse("file"), contentType, request, now)), true);
            } finally {
                lock.unlock();
            }
        }
    }

    private void requireOurs(ContentHash.Function function) {
        if (function != store.function()) {
            throw new IllegalArgumentException(
                    "hashes here are " + store.function().word() + ":…, not " + function.word() + ":…");
        }
    }

    private static String contentType(Path file) throws IOException {
        try (InputStream bytes = new BufferedInputStream(Files.newInputStream(file))) {
            return ContentTypes.sniff(bytes);
        }
    }

    /** An asset of the user's with these bytes, kept for as long as is asked now. What the user brought goes first. */
    private Optional<Asset> known(UserId owner, ContentHash hash, Instant now, Optional<Instant> until)
            throws IOException {
        List<Asset> known = store.withContent(owner, hash, now).stream()
                .sorted(Comparator.comparing(asset -> asset.job().isPresent()))
                .toList();
        for (Asset asset : known) {
            try {
                Path unused = store.open(asset.id());
            } catch (IOException e) {
                continue; // its bytes are lost: storing it anew brings them back
            }
            Optional<Asset> kept = store.keepUntil(asset.id(), until.orElse(Instant.MAX));
            if (kept.isPresent()) {
                return kept;
            }
        }
        return Optional.empty();
    }

    /**
     * Makes a new asset of bytes that the user has already, under another name, or for longer.
     *
     * @return empty if the user has no such bytes, whoever else may
     * @throws QuotaExceededException if the user would have too much: an asset counts, whether its bytes are shared or
     *     not
     * @throws IOException if it can't be stored
     */
    public Optional<Asset> fromHash(UserId owner, ContentHash hash, UploadRequest request) throws IOException {
        ReentrantLock lock = lockOf(owner);
        lock.lock();
        try {
            Instant now = clock.instant();
            for (Asset known : store.withContent(owner, hash, now)) {
                requireRoom(owner, known.sizeBytes(), now);
                Optional<Asset> copied = store.copy(
                        known.id(),
                        newAsset(owner, request.name().orElse(known.name()), known.contentType(), request, now));
                if (copied.isPresent()) {
                    return copied;
                }
            }
            return Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    /** Whether a user has these bytes. */
    public boolean hasContent(UserId owner, ContentHash hash) throws IOException {
        return !store.withContent(owner, hash, clock.instant()).isEmpty();
    }

    private void requireRoom(UserId owner, long bytes, Instant now) throws IOException {
        if (limits.maxUserBytes == 0) {
            return;
        }
        long used = store.held(owner, now).bytes();
        if (bytes > limits.maxUserBytes - used) {
            throw new QuotaExceededException(limits.maxUserBytes, used, bytes);
        }
    }

    private MediaStore.NewAsset newAsset(
            UserId owner, String name, String contentType, UploadRequest request, Instant now) {
        return new MediaStore.NewAsset(
                new AssetId(ids.next()),
                owner,
                name,
                contentType,
                now,
                expiry(request, now),
                Optional.empty(),
                request.tags());
    }

    private Optional<Instant> expiry(UploadRequest request, Instant now) {
        return request.expiresIn().or(() -> keep).map(now::plus);
    }

    private ReentrantLock lockOf(UserId owner) {
        return locks.get(Math.floorMod(owner.hashCode(), LOCKS));
    }
}
