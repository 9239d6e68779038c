package io.tollgate.queue.memory;

import io.tollgate.credits.account.UserId;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.ContentHash;
import io.tollgate.queue.media.Asset;
import io.tollgate.queue.media.AssetTooLargeException;
import io.tollgate.queue.media.Hashing;
import io.tollgate.queue.media.MediaStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A media store that forgets everything when it is closed. Bytes are kept in memory; a file that is opened is also
 * written to a temporary directory. Safe for use by many threads.
 */
public final class MemoryMediaStore implements MediaStore, AutoCloseable {
    private static final int BUFFER = 16 * 1024;

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<AssetId, Asset> assets = new TreeMap<>();
    private final Map<ContentHash, byte[]> contents = new HashMap<>();
    private final Map<ContentHash, Path> opened = new HashMap<>();
    private final Hashing hashing;
    private @Nullable Path directory;

    /** A store that knows content by SHA-256. */
    public MemoryMediaStore() {
        this(Hashing.SHA256);
    }

    /** @param hashing by what content is known */
    public MemoryMediaStore(Hashing hashing) {
        this.hashing = hashing;
    }

    @Override
    public ContentHash.Function function() {
        return hashing.function();
    }

    @Override
    public Arrival receive(InputStream bytes, long maxBytes) throws IOException {
        if (maxBytes < 0) {
            throw new IllegalArgumentException("maxBytes must be 0 or more: " + maxBytes);
        }
        byte[] content = read(bytes, maxBytes);
        return new Arrived(content, hash(content));
    }

    private final class Arrived implements Arrival {
        private final byte[] content;
        private final ContentHash hash;
        private @Nullable Path file;

        Arrived(byte[] content, ContentHash hash) {
            this.content = content;
            this.hash = hash;
        }

        @Override
        public ContentHash hash() {
            return hash;
        }

        @Override
        public long sizeBytes() {
            return content.length;
        }

        @Override
        public Path file() throws IOException {
            if (file == null) {
                file = Files.write(Files.createTempFile("tollgate-media-", ".tmp"), content);
            }
            return file;
        }

        @Override
        public Asset keep(NewAsset asset) {
            return store(asset, content, hash);
        }

        @Override
        public void close() throws IOException {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        }
    }

    private Asset store(NewAsset asset, byte[] content, ContentHash hash) {
        Asset stored = asset.stored(content.length, hash);
        lock.lock();
        try {
            Asset there = assets.get(asset.id());
            if (there == null) {
                assets.put(stored.id(), stored);
                contents.putIfAbsent(stored.hash(), content);
                return stored;
            }
            if (!there.owner().equals(stored.owner()) || !there.hash().equals(stored.hash())) {
                throw new IllegalArgumentException("the id is taken by another file: " + asset.id());
            }
            return there;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Optional<Asset> copy(AssetId source, NewAsset asset) {
        lock.lock();
        try {
            Asset from = assets.get(source);
            byte[] content = from == null ? null : contents.get(from.hash());
            return from == null || content == null ? Optional.empty() : Optional.of(store(asset, content, from.hash()));
        } finally {
            lock.unlock();
        }
    }

    private static byte[] read(InputStream bytes, long maxBytes) throws IOException {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        byte[] buffer = new byte[BUFFER];
        for (int read = bytes.read(buffer); read >= 0; read = bytes.read(buffer)) {
            if (content.size() + (long) read > maxBytes) {
                throw new AssetTooLargeException(maxBytes);
            }
            content.write(buffer, 0, read);
        }
        return content.toByteArray();
    }

    private ContentHash hash(byte[] content) {
        Hashing.Running running = hashing.start();
        running.update(content, 0, content.length);
        return ContentHash.of(hashing.function(), running.digest());
    }

    @Override
    public Optional<Asset> find(AssetId id) {
        lock.lock();
        try {
            return Optional.ofNullable(assets.get(id));
        } finally {
            lock.unlock();
        }
    }

    @Override
    public List<Asset> withContent(UserId owner, ContentHash hash, Instant now) {
        return live(owner, now).filter(asset -> asset.hash().equals(hash)).toList();
    }

    @Override
    public List<Asset> list(UserId owner, Instant now, Optional<AssetId> before, int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("limit must be at least 1: " + limit);
        }
        return live(owner, now)
                .filter(asset -> before.isEmpty() || asset.id().compareTo(before.get()) < 0)
                .sorted(Comparator.comparing(Asset::id).reversed())
                .limit(limit)
                .toList();
    }

    @Override
    public Held held(UserId owner, Instant now) {
        Held held = Held.NOTHING;
        for (Asset asset : live(owner, now).toList()) {
            held = held.plus(asset);
        }
        return held;
    }

    private Stream<Asset> live(UserId owner, Instant now) {
        lock.lock();
        try {
            return List.copyOf(assets.values()).stream()
                    .filter(asset -> asset.owner().equals(owner) && !asset.isExpired(now));
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Path open(AssetId id) throws IOException {
        lock.lock();
        try {
            Asset asset = assets.get(id);
            byte[] content = asset == null ? null : contents.get(asset.hash());
            if (asset == null || content == null) {
                throw new NoSuchFileException(id.toString());
            }
            Path file = opened.get(asset.hash());
            if (file == null) {
                if (directory == null) {
                    directory = Files.createTempDirectory("tollgate-media-");
                }
                file = Files.write(directory.resolve(asset.hash().hex()), content);
                opened.put(asset.hash(), file);
            }
            return file;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Optional<Asset> keepUntil(AssetId id, Instant time) {
        lock.lock();
        try {
            return Optional.ofNullable(assets.computeIfPresent(id, (same, asset) -> asset.keptUntil(time)));
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void delete(AssetId id) throws IOException {
        lock.lock();
        try {
            Asset asset = assets.remove(id);
            if (asset != null
                    && assets.values().stream().noneMatch(other -> other.hash().equals(asset.hash()))) {
                contents.remove(asset.hash());
                Path file = opened.remove(asset.hash());
                if (file != null) {
                    Files.deleteIfExists(file);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public List<AssetId> deleteAllOf(UserId owner) throws IOException {
        lock.lock();
        try {
            List<AssetId> owned = assets.values().stream()
                    .filter(asset -> asset.owner().equals(owner))
                    .map(Asset::id)
                    .toList();
            for (AssetId id : owned) {
                delete(id);
            }
            return owned;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public List<AssetId> deleteExpired(Instant now) throws IOException {
        lock.lock();
        try {
            List<AssetId> expired = assets.values().stream()
                    .filter(asset -> asset.isExpired(now))
                    .map(Asset::id)
                    .toList();
            for (AssetId id : expired) {
                delete(id);
            }
            return expired;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void forEach(Consumer<Asset> consumer) {
        List<Asset> all;
        lock.lock();
        try {
            all = List.copyOf(assets.values());
        } finally {
            lock.unlock();
        }
        all.forEach(consumer);
    }

    /** Forgets everything and deletes its temporary files. Twice is fine. */
    @Override
    public void close() throws IOException {
        lock.lock();
        try {
            for (AssetId id : new ArrayList<>(assets.keySet())) {
                delete(id);
            }
            if (directory != null) {
                Files.deleteIfExists(directory);
                directory = null;
            }
        } finally {
            lock.unlock();
        }
    }
}
