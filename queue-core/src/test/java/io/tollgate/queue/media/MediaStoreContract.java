package io.tollgate.queue.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.credits.account.UserId;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.ContentHash;
import io.tollgate.queue.job.JobId;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What every {@link MediaStore} must do. Extend it, give it an empty store, and add nothing else. */
public abstract class MediaStoreContract {
    /** The SHA-256 of {@code abc}, from FIPS 180-2. */
    private static final ContentHash ABC_HASH =
            ContentHash.parse("sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");

    private static final byte[] ABC = "abc".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] OTHER = "other".getBytes(StandardCharsets.US_ASCII);
    private static final UserId ME = new UserId("me");
    private static final UserId YOU = new UserId("you");
    private static final Instant NOW = Instant.parse("2026-05-04T03:02:01.123456Z");
    private static final long LIMIT = 1 << 20;
    private static final int THREADS = 8;

    /** A store without assets, the same one each time it is called within a test. */
    protected abstract MediaStore store() throws IOException;

    @Test
    void put_newFile_isFoundWithEverythingKnownOfIt() throws IOException {
        MediaStore.NewAsset asset = new MediaStore.NewAsset(
                id(1), ME, "Sommer\u00e4pfel \uD83C\uDF4E.png", "image/png", NOW, Optional.of(NOW.plusSeconds(60)));

        Asset stored = store().put(asset, new ByteArrayInputStream(ABC), LIMIT);

        assertThat(stored)
                .isEqualTo(new Asset(
                        id(1),
                        ME,
                        "Sommer\u00e4pfel \uD83C\uDF4E.png",
                        "image/png",
                        3,
                        ABC_HASH,
                        NOW,
                        Optional.of(NOW.plusSeconds(60)),
                        Optional.empty(),
                        List.of()));
        assertThat(store().find(id(1))).contains(stored);
        assertThat(store().open(id(1))).hasBinaryContent(ABC);
    }

    @Test
    void put_emptyFile_isStored() throws IOException {
        Asset stored = put(1, new byte[0]);

        assertThat(stored.sizeBytes()).isZero();
        assertThat(store().open(id(1))).isEmptyFile();
    }

    @Test
    void put_largeFileInOddPieces_keepsEveryByte() throws IOException {
        byte[] bytes = new byte[777_777];
        new Random(5).nextBytes(bytes);
        InputStream pieces = new FilterInputStream(new ByteArrayInputStream(bytes)) {
            private int round;

            @Override
            public int read(byte[] buffer, int from, int length) throws IOException {
                return super.read(buffer, from, Math.min(length, 1 + round++ % 1000));
            }
        };

        store().put(keep(1), pieces, LIMIT);

        assertThat(store().open(id(1))).hasBinaryContent(bytes);
    }

    @Test
    void put_sameAgain_returnsWhatIsThere() throws IOException {
        Asset first = put(1, ABC);

        Asset again = store().put(
                        new MediaStore.NewAsset(
                                id(1), ME, "renamed.png", "image/gif", NOW.plusSeconds(9), Optional.empty()),
                        new ByteArrayInputStream(ABC),
                        LIMIT);

        assertThat(again).isEqualTo(first);
        assertThat(store().find(id(1))).contains(first);
    }

    @Test
    void put_idTakenByOtherBytes_isRefusedAndChangesNothing() throws IOException {
        Asset first = put(1, ABC);

        assertThatThrownBy(() -> put(1, OTHER)).isInstanceOf(IllegalArgumentException.class);

        assertThat(store().find(id(1))).contains(first);
        assertThat(store().open(id(1))).hasBinaryContent(ABC);
        assertThat(store().usage()).containsExactly(new MediaStore.Usage("image/png", 1, 3));
    }

    @Test
    void put_idTakenByAnotherOwner_isRefused() throws IOException {
        put(1, ABC);

        assertThatThrownBy(() -> store().put(
                                new MediaStore.NewAsset(
                                        id(1), new UserId("you"), "a.png", "image/png", NOW, Optional.empty()),
                                new ByteArrayInputStream(ABC),
                                LIMIT))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void put_asLongAsAllowed_isTaken() throws IOException {
        assertThat(store().put(keep(1), new ByteArrayInputStream(ABC), 3).sizeBytes())
                .isEqualTo(3);
    }

    @Test
    void put_tooLong_keepsNothingAndDoesNotReadOn() throws IOException {
        InputStream endless = new InputStream() {
            @Override
            public int read() {
                return 7;
            }
        };

        assertThatThrownBy(() -> store().put(keep(1), endless, 100_000))
                .isInstanceOfSatisfying(
                        AssetTooLargeException.class,
                        e -> assertThat(e.maxBytes()).isEqualTo(100_000));

        assertNothingKept();
    }

    @Test
    void put_streamThrowsMidway_keepsNothingAndMayBeRepeated() throws IOException {
        InputStream broken = new FilterInputStream(new ByteArrayInputStream(new byte[200_000])) {
            private int left = 150_000;

            @Override
            public int read(byte[] buffer, int from, int length) throws IOException {
                if (left <= 0) {
                    throw new IOException("connection reset");
                }
                int read = super.read(buffer, from, Math.min(length, left));
                left -= read;
                return read;
            }
        };

        assertThatThrownBy(() -> store().put(keep(1), broken, LIMIT))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("connection reset");

        assertNothingKept();
        put(1, ABC);
        assertThat(store().open(id(1))).hasBinaryContent(ABC);
    }

    @Test
    void put_hostileName_isMadeSafe() throws IOException {
        Asset stored = store().put(
                        new MediaStore.NewAsset(
                                id(1), ME, "../../etc/\u0000pass\nwd\u202E", "image/png", NOW, Optional.empty()),
                        new ByteArrayInputStream(ABC),
                        LIMIT);

        assertThat(stored.name()).isEqualTo("passwd");
        assertThat(store().find(id(1))).contains(stored);
    }

    @Test
    void put_negativeLimit_isRefused() {
        assertThatThrownBy(() -> store().put(keep(1), new ByteArrayInputStream(ABC), -1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void find_unknown_isEmpty() throws IOException {
        assertThat(store().find(id(404))).isEmpty();
    }

    @Test
    void open_unknown_throws() {
        assertThatThrownBy(() -> store().open(id(404))).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void withContent_sharedBytes_findsThoseOfTheOwnerThatAreAlive() throws IOException {
        Asset one = put(1, ABC);
        put(2, OTHER);
        Asset three = put(3, ABC);
        putExpiring(4, ABC, NOW);
        putOf(YOU, 5, ABC);

        assertThat(store().withContent(ME, ABC_HASH, NOW)).containsExactly(one, three);
        assertThat(store().withContent(ME, ABC_HASH, NOW.minusNanos(1))).hasSize(3);
        assertThat(store().withContent(ME, new ContentHash(ContentHash.Function.SHA256, "0".repeat(64)), NOW))
                .isEmpty();
        assertThat(store().withContent(ME, new ContentHash(ContentHash.Function.BLAKE3, ABC_HASH.hex()), NOW))
                .as("the same digits of another function")
                .isEmpty();
        assertThat(store().withContent(new UserId("nobody"), ABC_HASH, NOW)).isEmpty();
    }

    @Test
    void put_withJobAndTags_keepsThem() throws IOException {
        JobId job = new JobId(new UUID(7, 7));
        List<String> tags = List.of("boat, red", "=\u00e4\uD83C\uDF4E", "job=none");

        Asset stored = store().put(
                        new MediaStore.NewAsset(
                                id(1), ME, "a.png", "image/png", NOW, Optional.empty(), Optional.of(job), tags),
                        new ByteArrayInputStream(ABC),
                        LIMIT);

        assertThat(stored.job()).contains(job);
        assertThat(stored.tags()).isEqualTo(tags);
        assertThat(store().find(id(1))).contains(stored);
        assertThat(store().keepUntil(id(1), NOW)).contains(stored);
    }

    @Test
    void receive_notKept_leavesNothing() throws IOException {
        Path file;
        try (MediaStore.Arrival arrival = store().receive(new ByteArrayInputStream(ABC), LIMIT)) {
            file = arrival.file();
            assertThat(file).hasBinaryContent(ABC);
            assertThat(arrival.hash()).isEqualTo(ABC_HASH);
            assertThat(arrival.hash().function()).isEqualTo(store().function());
            assertThat(arrival.sizeBytes()).isEqualTo(3);
            store().deleteExpired(NOW);
            assertThat(file).as("what arrives is no leftover").exists();
        }

        assertThat(file).doesNotExist();
        assertNothingKept();
    }

    @Test
    void receive_keptAfterItsFileWasRead_isTheAsset() throws IOException {
        Asset stored;
        try (MediaStore.Arrival arrival = store().receive(new ByteArrayInputStream(ABC), LIMIT)) {
            assertThat(arrival.file()).hasBinaryContent(ABC);
            stored = arrival.keep(keep(1));
        }

        assertThat(store().find(id(1))).contains(stored);
        assertThat(store().open(id(1))).hasBinaryContent(ABC);
    }

    @Test
    void copy_anAsset_sharesItsBytesAndOutlivesIt() throws IOException {
        put(1, ABC);

        Asset copy = store().copy(id(1), keep(2)).orElseThrow();
        store().delete(id(1));

        assertThat(copy.hash()).isEqualTo(ABC_HASH);
        assertThat(copy.sizeBytes()).isEqualTo(3);
        assertThat(store().find(id(2))).contains(copy);
        assertThat(store().open(id(2))).hasBinaryContent(ABC);
    }

    @Test
    void copy_ofNothingOrToATakenId_keepsNothing() throws IOException {
        assertThat(store().copy(id(404), keep(1))).isEmpty();
        assertNothingKept();

        Asset one = put(1, ABC);
        put(2, OTHER);
        assertThatThrownBy(() -> store().copy(id(2), keep(1))).isInstanceOf(IllegalArgumentException.class);
        assertThat(store().find(id(1))).contains(one);
        assertThat(store().copy(id(1), keep(1))).contains(one);
    }

    @Test
    void list_pages_areTheLiveOnesOfTheOwnerNewestFirst() throws IOException {
        Asset one = put(1, ABC);
        Asset two = put(2, OTHER);
        putOf(YOU, 3, ABC);
        Asset four = put(4, ABC);
        putExpiring(5, ABC, NOW);

        assertThat(store().list(ME, NOW, Optional.empty(), 2)).containsExactly(four, two);
        assertThat(store().list(ME, NOW, Optional.of(id(2)), 2)).containsExactly(one);
        assertThat(store().list(ME, NOW, Optional.of(id(1)), 2)).isEmpty();
        assertThat(store().list(ME, NOW, Optional.of(id(3)), 9)).containsExactly(two, one);
        assertThatThrownBy(() -> store().list(ME, NOW, Optional.empty(), 0))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void held_asThingsChange_countsWhatIsAliveAndNoMore() throws IOException {
        assertThat(held()).isEqualTo(MediaStore.Held.NOTHING);

        put(1, ABC);
        put(1, ABC);
        put(2, ABC);
        putOf(YOU, 3, OTHER);
        putExpiring(4, OTHER, NOW);
        assertThat(held()).as("shared bytes count for each").isEqualTo(new MediaStore.Held(2, 6));

        store().keepUntil(id(4), NOW.plusSeconds(1));
        assertThat(held()).isEqualTo(new MediaStore.Held(3, 11));
        store().copy(id(4), keep(5));
        assertThat(held()).isEqualTo(new MediaStore.Held(4, 16));
        store().delete(id(1));
        assertThat(held()).isEqualTo(new MediaStore.Held(3, 13));
        store().deleteExpired(NOW.plusSeconds(1));
        assertThat(held()).isEqualTo(new MediaStore.Held(2, 8));
        store().deleteAllOf(ME);
        assertThat(held()).isEqualTo(MediaStore.Held.NOTHING);
        assertThat(store().held(YOU, NOW)).isEqualTo(new MediaStore.Held(1, 5));
        put(6, ABC);
        assertThat(held()).isEqualTo(new MediaStore.Held(1, 3));
    }

    @Test
    void held_manyThreadsPutAndDelete_isWhatIsThere() throws Exception {
        race(thread -> {
            for (int round = 0; round < 8; round++) {
                put(100 * thread + round, ABC);
                assertThat(held().files()).isPositive();
                if (round % 2 == 0) {
                    store().delete(id(100 * thread + round));
                }
                if (thread == 0) {
                    store().deleteExpired(NOW);
                }
            }
            return thread;
        });

        assertThat(held()).isEqualTo(new MediaStore.Held(THREADS * 4, THREADS * 12));
        assertThat(store().list(ME, NOW, Optional.empty(), 1000)).hasSize(THREADS * 4);
    }

    @Test
    void forEach_allAssets_showsExpiredOnesToo() throws IOException {
        Asset one = put(1, ABC);
        putExpiring(2, OTHER, NOW.minusSeconds(9));
        List<Asset> seen = new ArrayList<>();

        store().forEach(seen::add);

        assertThat(seen).containsExactlyInAnyOrder(one, store().find(id(2)).orElseThrow());
    }

    @Test
    void delete_sharedBytes_goWithTheLastAsset() throws IOException {
        put(1, ABC);
        put(2, ABC);
        Path bytes = store().open(id(1));

        store().delete(id(1));

        assertThat(store().find(id(1))).isEmpty();
        assertThatThrownBy(() -> store().open(id(1))).isInstanceOf(NoSuchFileException.class);
        assertThat(store().open(id(2))).hasBinaryContent(ABC);

        store().delete(id(2));

        assertThat(bytes).doesNotExist();
        assertNothingKept();
    }

    @Test
    void delete_unknownOrTwice_doesNothing() throws IOException {
        put(1, ABC);
        store().delete(id(1));

        store().delete(id(1));
        store().delete(id(404));

        assertNothingKept();
    }

    @Test
    void delete_thenPutAgain_isAFreshAsset() throws IOException {
        put(1, ABC);
        store().delete(id(1));

        put(1, OTHER);

        assertThat(store().open(id(1))).hasBinaryContent(OTHER);
        assertThat(store().withContent(ME, ABC_HASH, NOW)).isEmpty();
    }

    @Test
    void deleteExpired_onTheInstant_deletesWhatIsDueAndNoMore() throws IOException {
        putExpiring(1, ABC, NOW);
        putExpiring(2, ABC, NOW.plusNanos(1000));
        putExpiring(3, OTHER, NOW.minusSeconds(1));
        put(4, new byte[] {4});

        List<AssetId> deleted = store().deleteExpired(NOW);

        assertThat(deleted).containsExactlyInAnyOrder(id(1), id(3));
        assertThat(store().find(id(1))).isEmpty();
        assertThat(store().open(id(2))).hasBinaryContent(ABC);
        assertThat(store().open(id(4))).hasBinaryContent(new byte[] {4});
        assertThat(store().deleteExpired(NOW)).isEmpty();
    }

    @Test
    void deleteAllOf_anOwner_leavesWhatOthersHaveWithTheSameBytes() throws IOException {
        put(1, ABC);
        put(2, OTHER);
        store().put(
                        new MediaStore.NewAsset(
                                id(3), new UserId("another"), "a.png", "image/png", NOW, Optional.empty()),
                        new ByteArrayInputStream(ABC),
                        100);
        UserId owner = store().find(id(1)).orElseThrow().owner();

        List<AssetId> deleted = store().deleteAllOf(owner);

        assertThat(deleted).containsExactlyInAnyOrder(id(1), id(2));
        assertThat(store().find(id(1))).isEmpty();
        assertThat(store().find(id(2))).isEmpty();
        assertThat(store().open(id(3))).hasBinaryContent(ABC);
        assertThat(store().deleteAllOf(owner)).isEmpty();
    }

    @Test
    void keepUntil_laterThanItExpires_staysUntilThen() throws IOException {
        putExpiring(1, ABC, NOW);

        Optional<Asset> kept = store().keepUntil(id(1), NOW.plusSeconds(60));

        assertThat(kept.orElseThrow().expiresAt()).contains(NOW.plusSeconds(60));
        assertThat(store().find(id(1))).isEqualTo(kept);
        assertThat(store().deleteExpired(NOW.plusSeconds(59))).isEmpty();
        assertThat(store().open(id(1))).hasBinaryContent(ABC);
        assertThat(store().deleteExpired(NOW.plusSeconds(60))).containsExactly(id(1));
    }

    @Test
    void keepUntil_whatIsKeptLonger_isLeftAsItIs() throws IOException {
        putExpiring(1, ABC, NOW.plusSeconds(60));
        Asset forEver = put(2, OTHER);

        assertThat(store().keepUntil(id(1), NOW).orElseThrow().expiresAt()).contains(NOW.plusSeconds(60));
        assertThat(store().keepUntil(id(2), NOW)).contains(forEver);
    }

    @Test
    void keepUntil_forEver_doesNotExpire() throws IOException {
        putExpiring(1, ABC, NOW);

        assertThat(store().keepUntil(id(1), Instant.MAX).orElseThrow().expiresAt())
                .isEmpty();

        assertThat(store().deleteExpired(Instant.MAX)).isEmpty();
    }

    @Test
    void keepUntil_whatIsGone_isEmpty() throws IOException {
        assertThat(store().keepUntil(id(1), NOW)).isEmpty();
    }

    @Test
    void keepUntil_whileItExpires_isKeptOrGoneAndNotBoth() throws Exception {
        for (int round = 1; round <= 20; round++) {
            int number = round;
            putExpiring(number, ABC, NOW);

            List<Boolean> kept = race(thread -> {
                if (thread % 2 == 0) {
                    store().deleteExpired(NOW);
                    return false;
                }
                return store().keepUntil(id(number), NOW.plusSeconds(60)).isPresent();
            });

            assertThat(store().find(id(number)).isPresent()).isEqualTo(kept.contains(true));
        }
    }

    @Test
    void usage_severalTypes_countsEachAssetInOrderOfTypes() throws IOException {
        put(1, ABC);
        put(2, ABC);
        store().put(
                        new MediaStore.NewAsset(id(3), ME, "a.wav", "audio/wav", NOW, Optional.empty()),
                        new ByteArrayInputStream(OTHER),
                        LIMIT);

        assertThat(store().usage())
                .containsExactly(new MediaStore.Usage("audio/wav", 1, 5), new MediaStore.Usage("image/png", 2, 6));
    }

    @Test
    void put_sameIdAndBytesByManyThreads_allGetTheSame() throws Exception {
        List<Asset> stored = race(thread -> put(1, ABC));

        assertThat(stored).hasSize(THREADS).allMatch(stored.get(0)::equals);
        assertThat(store().usage()).containsExactly(new MediaStore.Usage("image/png", 1, 3));
    }

    @Test
    void put_sameIdAndOtherBytesByManyThreads_oneWins() throws Exception {
        List<Integer> winners = race(thread -> {
            try {
                put(1, new byte[] {(byte) thread});
                return thread;
            } catch (IllegalArgumentException e) {
                return -1;
            }
        });

        List<Integer> won = winners.stream().filter(thread -> thread >= 0).toList();
        assertThat(won).hasSize(1);
        assertThat(store().open(id(1))).hasBinaryContent(new byte[] {won.get(0).byteValue()});
    }

    @Test
    void putAndDelete_sharedBytesByManyThreads_neverLosesThoseOfOthers() throws Exception {
        race(thread -> {
            for (int round = 0; round < 8; round++) {
                put(thread, ABC);
                assertThat(Files.readAllBytes(store().open(id(thread)))).isEqualTo(ABC);
                if (thread == 0) {
                    store().deleteExpired(NOW);
                }
                store().delete(id(thread));
            }
            return thread;
        });

        assertNothingKept();
    }

    private interface Racer<T> {
        T run(int thread) throws IOException;
    }

    private static <T> List<T> race(Racer<T> racer) throws Exception {
        CyclicBarrier start = new CyclicBarrier(THREADS);
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Callable<T>> racers = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                int thread = i;
                racers.add(() -> {
                    start.await(20, TimeUnit.SECONDS);
                    return racer.run(thread);
                });
            }
            List<T> results = new ArrayList<>();
            for (Future<T> future : threads.invokeAll(racers, 60, TimeUnit.SECONDS)) {
                results.add(future.get());
            }
            return results;
        } finally {
            threads.shutdownNow();
        }
    }

    private void assertNothingKept() throws IOException {
        assertThat(store().find(id(1))).isEmpty();
        assertThat(store().usage()).isEmpty();
        assertThat(store().withContent(ME, ABC_HASH, NOW)).isEmpty();
    }

    private Asset put(int id, byte[] bytes) throws IOException {
        return store().put(keep(id), new ByteArrayInputStream(bytes), LIMIT);
    }

    private void putOf(UserId owner, int id, byte[] bytes) throws IOException {
        store().put(
                        new MediaStore.NewAsset(id(id), owner, "a.png", "image/png", NOW, Optional.empty()),
                        new ByteArrayInputStream(bytes),
                        LIMIT);
    }

    private MediaStore.Held held() throws IOException {
        return store().held(ME, NOW);
    }

    private void putExpiring(int id, byte[] bytes, Instant expiresAt) throws IOException {
        store().put(
                        new MediaStore.NewAsset(id(id), ME, "a.png", "image/png", NOW, Optional.of(expiresAt)),
                        new ByteArrayInputStream(bytes),
                        LIMIT);
    }

    private static MediaStore.NewAsset keep(int id) {
        return new MediaStore.NewAsset(id(id), ME, "a.png", "image/png", NOW, Optional.empty());
    }

    private static AssetId id(int number) {
        return new AssetId(new UUID(0x0190_0000_0000_7000L, number));
    }
}
