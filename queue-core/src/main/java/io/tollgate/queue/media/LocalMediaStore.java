package io.tollgate.queue.media;

import io.tollgate.credits.account.UserId;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.ContentHash;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A media store in a local directory. It needs no database: each asset has a small file of its own that says what it
 * is. Many threads may use it; of processes, one may write, and others may read at the same time. What a user owns is
 * read at the first question about it and then kept in memory: a process that only reads may not see later changes.
 *
 * <p>A process that dies at any instant leaves every asset that {@link #put} returned whole, and no half of another.
 * What it may leave is a file that belongs to nothing, which {@link #deleteExpired} collects.
 */
public final class LocalMediaStore implements MediaStore {
    /*
     * format                               what can read this directory (MediaFormat)
     * content/blake3/ab/cd/<digest>        bytes, once per content, below the name of the hash function
     * content/blake3/ab/cd/<digest>.<uuid> an empty mark: that asset has this content
     * assets/xx/<uuid>                     what an asset is (AssetFile)
     * owners/ab/<SHA-256 of the user>/<uuid> an empty mark: that asset is this user's
     * temp/                                files on their way in
     *
     * An asset exists if its file in assets/ does: writing that file is the last step of a put and deleting it the
     * first of a delete, each made durable before the next step. So a crash leaves at worst a mark without an asset,
     * bytes without a mark, or a file in temp/, and never an asset without bytes. Marks below owners/ only speed up
     * questions about one user; they are not forced to disk, and deleteExpired mends them.
     *
     * Lock order: the lock of the id, then the lock of the content. Whatever changes a directory below content/ holds
     * the lock of its digest's first two digits. The last two digits of an id choose its lock and its directory, for in a
     * UUIDv7 the first ones are the clock.
     */
    private static final int BUFFER = 64 * 1024;
    private static final int LOCKS = 256;
    private static final int DIGITS = 2 * ContentHash.BYTES;

    // names that a store makes; others, such as a file manager's, are left alone
    private static final String UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
    private static final Pattern DIRECTORY = Pattern.compile("[0-9a-f]{2}");
    private static final Pattern ASSET = Pattern.compile(UUID);
    private static final Pattern OWNER = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern CONTENT = Pattern.compile("[0-9a-f]{64}(?:\\." + UUID + ")?");
    private static final Pattern TEMP = Pattern.compile("put-.*\\.tmp");

    private final Hashing hashing;
    private final Path content;
    private final Path assets;
    private final Path owners;
    private final Path temp;
    private final boolean directoriesCanBeForced;
    private final ReentrantLock directories = new ReentrantLock();
    private final List<ReentrantLock> idLocks = locks();
    private final List<ReentrantLock> contentLocks = locks();
    private final OwnerIndex index = new OwnerIndex(this::owned);

    private final ReentrantLock temps = new ReentrantLock();

    /** Files in {@code temp} that a put of this process is writing; the others are left over from a crash. */
    private final Set<Path> arriving = ConcurrentHashMap.newKeySet();

    /**
     * Opens a store, or makes a new one that knows content by SHA-256.
     *
     * @param root its directory, created if it is missing; nothing else may be in it
     * @throws IOException if it can't be used, or holds the files of a version that is not read any more
     */
    public LocalMediaStore(Path root) throws IOException {
        this(root, Hashing.SHA256);
    }

    /**
     * Opens a store, or makes a new one.
     *
     * @param root its directory, created if it is missing; nothing else may be in it
     * @param hashing what new content is known by. What came in under another function stays as it is, and is stored
     *     once more if it comes again
     * @throws IOException if it can't be used, or holds the files of a version that is not read any more
     */
    public LocalMediaStore(Path root, Hashing hashing) throws IOException {
        this.hashing = hashing;
        this.content = root.resolve("content");
        this.assets = root.resolve("assets");
        this.owners = root.resolve("owners");
        this.temp = root.resolve("temp");
        this.directoriesCanBeForced =
                root.getFileSystem().supportedFileAttributeViews().contains("posix");
        Files.createDirectories(root);
        MediaFormat.require(root, this::force);
        makeDirectory(content);
        makeDirectory(assets);
        makeDirectory(owners);
        makeDirectory(temp);
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
        Path arrived = newTemp();
        boolean whole = false;
        try {
            Received received = receive(bytes, arrived, maxBytes);
            whole = true;
            return new Arrived(received, arrived);
        } finally {
            if (!whole) {
                discard(arrived);
            }
        }
    }

    private final class Arrived implements Arrival {
        private final Received received;
        private final Path file;

        Arrived(Received received, Path file) {
            this.received = received;
            this.file = file;
        }

        @Override
        public ContentHash hash() {
            return received.hash;
        }

        @Override
        public long sizeBytes() {
            return received.size;
        }

        @Override
        public Path file() {
            return file;
        }

        @Override
        public Asset keep(NewAsset asset) throws IOException {
            return LocalMediaStore.this.keep(asset, received, file).orElseThrow();
        }

        @Override
        public void close() throws IOException {
            discard(file);
        }
    }

    private record Received(ContentHash hash, long size) {}

    private Received receive(InputStream bytes, Path to, long maxBytes) throws IOException {
        Hashing.Running running = hashing.start();
        long size = 0;
        try (FileChannel channel = FileChannel.open(to, StandardOpenOption.WRITE)) {
            byte[] buffer = new byte[BUFFER];
            for (int read = bytes.read(buffer); read >= 0; read = bytes.read(buffer)) {
                size += read;
                if (size > maxBytes) {
                    throw new AssetTooLargeException(maxBytes);
                }
                running.update(buffer, 0, read);
                write(channel, ByteBuffer.wrap(buffer, 0, read));
            }
            channel.force(true);
        }
        return new Received(ContentHash.of(hashing.function(), running.digest()), size);
    }

    @Override
    public Optional<Asset> copy(AssetId source, NewAsset asset) throws IOException {
        Optional<Asset> from = find(source);
        return from.isEmpty()
                ? Optional.empty()
                : keep(asset, new Received(from.get().hash(), from.get().sizeBytes()), null);
    }

    /**
     * Makes bytes an asset.
     *
     * @param arrived where they are; null if they must be stored already
     * @return empty if they had to be, and are not
     */
    private Optional<Asset> keep(NewAsset asset, Received received, @Nullable Path arrived) throws IOException {
        ReentrantLock idLock = lockOf(asset.id());
        idLock.lock();
        try {
            Optional<Asset> there = find(asset.id());
            if (there.isPresent()
                    && !(there.get().owner().equals(asset.owner())
                            && there.get().hash().equals(received.hash))) {
                throw new IllegalArgumentException("the id is taken by another file: " + asset.id());
            }
            ReentrantLock contentLock = lockOf(received.hash);
            contentLock.lock();
            try {
                if (!keepContent(asset.id(), received, arrived)) {
                    return Optional.empty();
                }
                if (there.isPresent()) {
                    return there;
                }
                Asset stored = asset.stored(received.size, received.hash);
                markOwner(stored);
                writeAsset(stored);
                index.put(stored);
                return Optional.of(stored);
            } finally {
                contentLock.unlock();
            }
        } finally {
            idLock.unlock();
        }
    }

    /** Needs the content's lock. Tells whether the bytes are there now. */
    private boolean keepContent(AssetId id, Received received, @Nullable Path arrived) throws IOException {
        Path directory = contentDirectory(received.hash);
        if (arrived == null && Files.notExists(directory.resolve(received.hash.hex()))) {
            return false;
        }
        makeDirectory(directory);
        Path mark = directory.resolve(received.hash.hex() + "." + id);
        if (Files.notExists(mark)) {
            Files.createFile(mark);
        }
        Path file = directory.resolve(received.hash.hex());
        // the length tells bytes that a broken disk lost; then the fresh ones take their place
        if (arrived != null && (Files.notExists(file) || Files.size(file) != received.size)) {
            move(arrived, file);
        }
        force(directory);
        return true;
    }

    private void markOwner(Asset asset) throws IOException {
        Path mark = ownerMark(asset);
        for (boolean again = true; ; again = false) {
            makeDirectory(parent(mark));
            try {
                Files.createFile(mark);
                return;
            } catch (FileAlreadyExistsException e) {
                return;
            } catch (NoSuchFileException e) { // the directory was empty, and swept away
                if (!again) {
                    throw e;
                }
            }
        }
    }

    private void writeAsset(Asset asset) throws IOException {
        Path file = assetFile(asset.id());
        makeDirectory(parent(file));
        Path written = newTemp();
        try {
            try (FileChannel channel = FileChannel.open(written, StandardOpenOption.WRITE)) {
                write(channel, StandardCharsets.UTF_8.encode(AssetFile.format(asset)));
                channel.force(true);
            }
            move(written, file);
            force(parent(file));
        } finally {
            discard(written);
        }
    }

    @Override
    public Optional<Asset> find(AssetId id) throws IOException {
        Path file = assetFile(id);
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        Asset asset = AssetFile.parse(bytes, file);
        if (!asset.id().equals(id)) {
            throw new DamagedFileException(file, "it is of asset " + asset.id());
        }
        return Optional.of(asset);
    }

    /** What a user owns, read from disk. What is damaged is nobody's until {@link #deleteExpired} has told of it. */
    private List<Asset> owned(UserId owner) throws IOException {
        List<Asset> owned = new ArrayList<>();
        for (Path mark : list(ownerDirectory(owner), ASSET)) {
            try {
                find(AssetId.parse(name(mark)))
                        .filter(asset -> asset.owner().equals(owner))
                        .ifPresent(owned::add);
            } catch (DamagedFileException e) {
                // the others are there all the same
            }
        }
        return owned;
    }

    @Override
    public List<Asset> withContent(UserId owner, ContentHash hash, Instant now) throws IOException {
        return index.of(
                owner,
                owned -> owned.values().stream()
                        .filter(asset -> asset.hash().equals(hash) && !asset.isExpired(now))
                        .toList());
    }

    @Override
    public List<Asset> list(UserId owner, Instant now, Optional<AssetId> before, int limit) throws IOException {
        if (limit < 1) {
            throw new IllegalArgumentException("limit must be at least 1: " + limit);
        }
        return index.of(
                owner,
                owned -> before.map(last -> owned.headMap(last, false)).orElse(owned).descendingMap().values().stream()
                        .filter(asset -> !asset.isExpired(now))
                        .limit(limit)
                        .toList());
    }

    @Override
    public Held held(UserId owner, Instant now) throws IOException {
        return index.of(owner, owned -> {
            Held held = Held.NOTHING;
            for (Asset asset : owned.values()) {
                held = asset.isExpired(now) ? held : held.plus(asset);
            }
            return held;
        });
    }

    @Override
    public Path open(AssetId id) throws IOException {
        Asset asset = find(id).orElseThrow(() -> new NoSuchFileException(id.toString()));
        Path file = contentDirectory(asset.hash()).resolve(asset.hash().hex());
        long size = Files.size(file);
        if (size != asset.sizeBytes()) {
            throw new DamagedFileException(file, "it has " + size + " bytes and not " + asset.sizeBytes());
        }
        return file;
    }

    @Override
    public Optional<Asset> keepUntil(AssetId id, Instant time) throws IOException {
        ReentrantLock idLock = lockOf(id);
        idLock.lock();
        try {
            Optional<Asset> asset = find(id);
            if (asset.isEmpty() || !asset.get().isExpired(time)) {
                return asset;
            }
            Asset kept = asset.get().keptUntil(time);
            writeAsset(kept);
            index.put(kept);
            return Optional.of(kept);
        } finally {
            idLock.unlock();
        }
    }

    @Override
    public void delete(AssetId id) throws IOException {
        ReentrantLock idLock = lockOf(id);
        idLock.lock();
        try {
            Optional<Asset> asset = find(id);
            if (asset.isPresent()) {
                deleteFound(asset.get());
            }
        } finally {
            idLock.unlock();
        }
    }

    /** Needs the id's lock. */
    private void deleteFound(Asset asset) throws IOException {
        ReentrantLock contentLock = lockOf(asset.hash());
        contentLock.lock();
        try {
            Path file = assetFile(asset.id());
            Files.deleteIfExists(file);
            force(parent(file));
            index.remove(asset);
            Files.deleteIfExists(ownerMark(asset));
            Path directory = contentDirectory(asset.hash());
            Files.deleteIfExists(directory.resolve(asset.hash().hex() + "." + asset.id()));
            for (Path other : list(directory, CONTENT)) {
                if (isMarkOf(asset.hash(), name(other))) {
                    return;
                }
            }
            Files.deleteIfExists(directory.resolve(asset.hash().hex()));
        } finally {
            contentLock.unlock();
        }
    }

    /**
     * Deletes what expired, then collects what a crash left over. Reads every asset's file.
     *
     * @throws IOException names the files that are damaged or couldn't be deleted; all others were dealt with
     */
    @Override
    public List<AssetId> deleteExpired(Instant now) throws IOException {
        Failures failures = new Failures();
        List<AssetId> deleted = new ArrayList<>();
        for (Path directory : list(assets, DIRECTORY)) {
            for (Path file : list(directory, ASSET)) {
                failures.collect(() -> {
                    Optional<Asset> asset = find(AssetId.parse(name(file)));
                    if (asset.isPresent()
                            && asset.get().isExpired(now)
                            && deleteIfExpired(asset.get().id(), now)) {
                        deleted.add(asset.get().id());
                    } else if (asset.isPresent() && Files.notExists(ownerMark(asset.get()))) {
                        mendOwner(asset.get().id());
                    }
                });
            }
        }
        sweep(failures);
        failures.throwIfAny();
        return List.copyOf(deleted);
    }

    @Override
    public List<AssetId> deleteAllOf(UserId owner) throws IOException {
        Failures failures = new Failures();
        List<AssetId> deleted = new ArrayList<>();
        for (Path directory : list(assets, DIRECTORY)) {
            for (Path file : list(directory, ASSET)) {
                failures.collect(() -> {
                    AssetId id = AssetId.parse(name(file));
                    if (find(id).filter(asset -> asset.owner().equals(owner)).isPresent()) {
                        delete(id);
                        deleted.add(id);
                    }
                });
            }
        }
        failures.collect(() -> deleteIfEmpty(ownerDirectory(owner))); // its name tells who was here
        failures.throwIfAny();
        return List.copyOf(deleted);
    }

    /** Looks again under the lock: it may have been kept for longer meanwhile. */
    private boolean deleteIfExpired(AssetId id, Instant now) throws IOException {
        ReentrantLock idLock = lockOf(id);
        idLock.lock();
        try {
            Optional<Asset> asset = find(id).filter(found -> found.isExpired(now));
            if (asset.isPresent()) {
                deleteFound(asset.get());
            }
            return asset.isPresent();
        } finally {
            idLock.unlock();
        }
    }

    /** Marks again what a crash left without; under the lock, for it may just be going. */
    private void mendOwner(AssetId id) throws IOException {
        ReentrantLock idLock = lockOf(id);
        idLock.lock();
        try {
            Optional<Asset> asset = find(id);
            if (asset.isPresent()) {
                markOwner(asset.get());
                index.put(asset.get());
            }
        } finally {
            idLock.unlock();
        }
    }

    /** Deletes a mark that a crash left behind; under the lock, for its asset may just be coming. */
    private void sweepOwner(Path mark) throws IOException {
        AssetId id = AssetId.parse(name(mark));
        if (Files.exists(assetFile(id))) {
            return;
        }
        ReentrantLock idLock = lockOf(id);
        idLock.lock();
        try {
            if (Files.notExists(assetFile(id))) {
                Files.deleteIfExists(mark);
            }
        } finally {
            idLock.unlock();
        }
    }

    private static void deleteIfEmpty(Path directory) throws IOException {
        try {
            Files.deleteIfExists(directory);
        } catch (DirectoryNotEmptyException e) {
            // as it should be
        }
    }

    private void sweep(Failures failures) throws IOException {
        for (Path outer : list(owners, DIRECTORY)) {
            for (Path owner : list(outer, OWNER)) {
                for (Path mark : list(owner, ASSET)) {
                    failures.collect(() -> sweepOwner(mark));
                }
                failures.collect(() -> deleteIfEmpty(owner));
            }
        }
        for (Path file : leftoverTemps()) {
            failures.collect(() -> Files.deleteIfExists(file));
        }
        for (ContentHash.Function function : ContentHash.Function.values()) {
            for (Path outer : list(content.resolve(function.word()), DIRECTORY)) {
                for (Path directory : list(outer, DIRECTORY)) {
                    ReentrantLock contentLock = lockOf(name(outer));
                    contentLock.lock();
                    try {
                        failures.collect(() -> sweepContent(function, directory));
                    } finally {
                        contentLock.unlock();
                    }
                }
            }
        }
    }

    private List<Path> leftoverTemps() throws IOException {
        temps.lock(); // so that no file is there that is not yet known to be arriving
        try {
            return list(temp, TEMP).stream()
                    .filter(file -> !arriving.contains(file))
                    .toList();
        } finally {
            temps.unlock();
        }
    }

    /** Deletes marks without an asset and bytes without a mark. Needs the lock of the directory's contents. */
    private void sweepContent(ContentHash.Function function, Path directory) throws IOException {
        List<Path> files = list(directory, CONTENT);
        Set<String> marked = new HashSet<>();
        for (Path file : files) {
            String name = name(file);
            if (name.length() > DIGITS) {
                ContentHash hash = new ContentHash(function, name.substring(0, DIGITS));
                Optional<Asset> asset = find(AssetId.parse(name.substring(DIGITS + 1)));
                if (asset.isPresent() && asset.get().hash().equals(hash)) {
                    marked.add(hash.hex());
                } else {
                    Files.deleteIfExists(file);
                }
            }
        }
        for (Path file : files) {
            if (name(file).length() == DIGITS && !marked.contains(name(file))) {
                Files.deleteIfExists(file);
            }
        }
    }

    @Override
    public void forEach(Consumer<Asset> consumer) throws IOException {
        for (Path directory : list(assets, DIRECTORY)) {
            for (Path file : list(directory, ASSET)) {
                find(AssetId.parse(name(file))).ifPresent(consumer);
            }
        }
    }

    /** A user's name may be one that a file system can't take, or takes for another's. */
    private Path ownerDirectory(UserId owner) {
        byte[] name = owner.value().getBytes(StandardCharsets.UTF_8);
        Hashing.Running running = Hashing.SHA256.start();
        running.update(name, 0, name.length);
        String digest = HexFormat.of().formatHex(running.digest());
        return owners.resolve(digest.substring(0, 2)).resolve(digest);
    }

    private Path ownerMark(Asset asset) {
        return ownerDirectory(asset.owner()).resolve(asset.id().toString());
    }

    private Path assetFile(AssetId id) {
        String name = id.toString();
        return assets.resolve(name.substring(name.length() - 2)).resolve(name);
    }

    private Path contentDirectory(ContentHash hash) {
        return content.resolve(hash.function().word())
                .resolve(hash.hex().substring(0, 2))
                .resolve(hash.hex().substring(2, 4));
    }

    private static boolean isMarkOf(ContentHash hash, String name) {
        return name.length() > DIGITS && name.startsWith(hash.hex());
    }

    private ReentrantLock lockOf(AssetId id) {
        return idLocks.get((int) (id.value().getLeastSignificantBits() & (LOCKS - 1)));
    }

    private ReentrantLock lockOf(ContentHash hash) {
        return lockOf(hash.hex());
    }

    /** @param digits of a digest, the first two of them or more */
    private ReentrantLock lockOf(String digits) {
        return contentLocks.get(HexFormat.fromHexDigits(digits, 0, 2));
    }

    private static List<ReentrantLock> locks() {
        return Stream.generate(ReentrantLock::new).limit(LOCKS).toList();
    }

    private Path newTemp() throws IOException {
        temps.lock();
        try {
            Path file = Files.createTempFile(temp, "put-", ".tmp");
            arriving.add(file);
            return file;
        } finally {
            temps.unlock();
        }
    }

    private void discard(Path file) throws IOException {
        try {
            Files.deleteIfExists(file);
        } finally {
            arriving.remove(file);
        }
    }

    /** Makes a directory and those above it, durably. Who finds one there may rely on that, hence the lock. */
    private void makeDirectory(Path directory) throws IOException {
        directories.lock();
        try {
            if (Files.isDirectory(directory)) {
                return;
            }
            makeDirectory(parent(directory));
            Files.createDirectories(directory); // forgiving if another process was faster
            force(parent(directory));
        } finally {
            directories.unlock();
        }
    }

    /** Makes the names in a directory durable. Windows can't be asked to, and does it by itself. */
    private void force(Path directory) throws IOException {
        if (directoriesCanBeForced) {
            try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }

    private static void move(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            throw new IOException("the media directory's file system can't rename atomically: " + to, e);
        }
    }

    private static void write(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** What is in a directory now under such a name; nothing if it isn't there. */
    private static List<Path> list(Path directory, Pattern names) throws IOException {
        List<Path> files = new ArrayList<>();
        DirectoryStream.Filter<Path> known = file -> names.matcher(name(file)).matches();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory, known)) {
            stream.forEach(files::add);
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        } catch (NoSuchFileException e) {
            return List.of();
        }
        return files;
    }

    private static String name(Path file) {
        return file.getName(file.getNameCount() - 1).toString();
    }

    private static Path parent(Path file) {
        return file.resolveSibling("");
    }

    /** Goes on after a failure and tells it at the end. */
    private static final class Failures {
        private static final int MAX_TOLD = 20;

        private final List<IOException> failures = new ArrayList<>();

        interface Step {
            void run() throws IOException;
        }

        void collect(Step step) {
            try {
                step.run();
            } catch (IOException e) {
                failures.add(e);
            }
        }

        void throwIfAny() throws IOException {
            if (!failures.isEmpty()) {
                IOException first = failures.get(0);
                failures.stream().skip(1).limit(MAX_TOLD).forEach(first::addSuppressed);
                throw first;
            }
        }
    }
}
