package io.tollgate.queue.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.credits.account.UserId;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.ContentHash;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LocalMediaStoreTest extends MediaStoreContract {
    private static final Instant NOW = Instant.parse("2026-05-04T03:02:01Z");
    private static final UserId ME = new UserId("me");
    private static final byte[] ABC = "abc".getBytes(StandardCharsets.US_ASCII);
    private static final String SHA256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    @TempDir
    Path root = Path.of("");

    private @Nullable MediaStore store;

    @BeforeEach
    void open() throws IOException {
        store = reopened();
    }

    @Override
    protected MediaStore store() {
        return Objects.requireNonNull(store);
    }

    private LocalMediaStore reopened() throws IOException {
        return new LocalMediaStore(root.resolve("media"));
    }

    @Test
    void reopened_afterPut_hasTheAsset() throws IOException {
        Asset stored = put(1);

        assertThat(reopened().find(id(1))).contains(stored);
        assertThat(reopened().open(id(1))).hasBinaryContent(ABC);
    }

    @Test
    void put_severalAssets_keepsBytesOnceByHash() throws IOException {
        put(1);
        put(2);

        assertThat(store().open(id(1))).isEqualTo(store().open(id(2))).isEqualTo(contentFile());
        assertThat(filesIn("temp")).isEmpty();
    }

    @Test
    void find_assetFileCutAnywhere_throwsNamingIt() throws IOException {
        put(1);
        byte[] whole = Files.readAllBytes(assetFile(1));

        for (int length = 0; length < whole.length; length++) {
            Files.write(assetFile(1), Arrays.copyOf(whole, length));

            assertThatThrownBy(() -> store().find(id(1)))
                    .as("cut to %s bytes", length)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(assetFile(1).toString());
        }
    }

    @Test
    void find_anyByteOfAssetFileDamaged_throws() throws IOException {
        put(1);
        byte[] whole = Files.readAllBytes(assetFile(1));

        for (int i = 0; i < whole.length; i++) {
            byte[] damaged = whole.clone();
            damaged[i] ^= (byte) (1 << i % 8);
            Files.write(assetFile(1), damaged);

            assertThatThrownBy(() -> store().find(id(1)))
                    .as("byte %s", i)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(assetFile(1).toString());
        }
    }

    @Test
    void find_assetFileOfAnother_throws() throws IOException {
        put(1);
        put(2);
        Files.write(assetFile(1), Files.readAllBytes(assetFile(2)));

        assertThatThrownBy(() -> store().find(id(1)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(assetFile(1).toString());
    }

    @Test
    void open_bytesCut_throwsNamingThem() throws IOException {
        put(1);
        Files.write(contentFile(), new byte[] {1});

        assertThatThrownBy(() -> store().open(id(1)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(contentFile().toString());
    }

    @Test
    void put_sameAgainAfterBytesWereCut_restoresThem() throws IOException {
        put(1);
        Files.write(contentFile(), new byte[] {1});

        put(1);

        assertThat(store().open(id(1))).hasBinaryContent(ABC);
    }

    @Test
    void deleteExpired_leftoversOfACrash_areCollected() throws IOException {
        put(1);
        // a crash while bytes arrive, one before the bytes are in place, and one before the asset's file is
        Files.write(root.resolve("media/temp/put-123.tmp"), ABC);
        Path unmarked = Files.createDirectories(root.resolve("media/content/blake3/00/00"))
                .resolve("0".repeat(64));
        Files.write(unmarked, ABC);
        Path mark = unmarked.resolveSibling("0".repeat(64) + "." + id(7));
        Files.createFile(mark);
        Path markOfAnother = contentFile().resolveSibling(SHA256 + "." + id(8));
        Files.createFile(markOfAnother);

        List<AssetId> deleted = reopened().deleteExpired(NOW);

        assertThat(deleted).isEmpty();
        assertThat(filesIn("temp")).isEmpty();
        assertThat(unmarked).doesNotExist();
        assertThat(mark).doesNotExist();
        assertThat(markOfAnother).doesNotExist();
        assertThat(store().open(id(1))).hasBinaryContent(ABC);
    }

    @Test
    void put_whileLeftoversAreCollected_isNotTakenForOne() throws IOException {
        ByteArrayInputStream bytes = new ByteArrayInputStream(ABC) {
            @Override
            public synchronized int read(byte[] buffer, int from, int length) {
                try {
                    store().deleteExpired(NOW);
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
                return super.read(buffer, from, length);
            }
        };

        store().put(newAsset(1, Optional.empty()), bytes, 10);

        assertThat(store().open(id(1))).hasBinaryContent(ABC);
    }

    @Test
    void put_afterACrashBetweenBytesAndAsset_succeeds() throws IOException {
        put(1);
        Files.delete(assetFile(1));

        Asset stored = put(1);

        assertThat(store().find(id(1))).contains(stored);
        assertThat(store().open(id(1))).hasBinaryContent(ABC);
    }

    @Test
    void delete_afterACrashBetweenAssetAndBytes_leavesThemToBeCollected() throws IOException {
        put(1);
        Files.delete(assetFile(1));

        store().delete(id(1));
        assertThat(contentFile()).exists();
        store().deleteExpired(NOW);

        assertThat(filesIn("content")).isEmpty();
    }

    @Test
    void deleteExpired_oneDamagedFile_isToldAfterTheOthersWereDealtWith() throws IOException {
        put(1);
        store().put(newAsset(2, Optional.of(NOW)), new ByteArrayInputStream(new byte[] {2}), 10);
        store().put(newAsset(3, Optional.of(NOW)), new ByteArrayInputStream(new byte[] {3}), 10);
        Files.write(assetFile(1), new byte[0]);

        assertThatThrownBy(() -> store().deleteExpired(NOW))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(assetFile(1).toString());

        assertThat(store().find(id(2))).isEmpty();
        assertThat(store().find(id(3))).isEmpty();
        assertThat(contentFile()).as("bytes of the damaged asset").exists();
    }

    @Test
    void deleteExpired_strangersFiles_areLeftAlone() throws IOException {
        put(1);
        Path stranger = Files.write(root.resolve("media/content/.DS_Store"), ABC);
        Files.write(root.resolve("media/assets/.DS_Store"), ABC);

        store().deleteExpired(NOW);

        assertThat(stranger).exists();
        assertThat(store().usage()).hasSize(1);
    }

    @Test
    void new_rootIsAFile_throws() throws IOException {
        Path file = Files.write(root.resolve("file"), ABC);

        assertThatThrownBy(() -> new LocalMediaStore(file)).isInstanceOf(IOException.class);
    }

    @Test
    void list_reopened_readsWhatTheUserHas() throws IOException {
        Asset one = put(1);
        Asset two = put(2);

        MediaStore later = reopened();

        assertThat(later.list(ME, NOW, Optional.empty(), 9)).containsExactly(two, one);
        assertThat(later.held(ME, NOW)).isEqualTo(new MediaStore.Held(2, 6));
    }

    @Test
    void list_usersWithNamesLikePaths_areKeptApartBelowTheRoot() throws IOException {
        for (String name : List.of("..", ".", "a:b", "A:b", "-", "+..")) {
            store().put(
                            new MediaStore.NewAsset(
                                    new AssetId(new UUID(1, name.hashCode())),
                                    new UserId(name),
                                    "a",
                                    "image/png",
                                    NOW,
                                    Optional.empty()),
                            new ByteArrayInputStream(ABC),
                            10);
        }

        for (String name : List.of("..", ".", "a:b", "A:b", "-", "+..")) {
            assertThat(reopened().list(new UserId(name), NOW, Optional.empty(), 9))
                    .extracting(Asset::owner)
                    .containsExactly(new UserId(name));
        }
        try (Stream<Path> files = Files.list(root)) {
            assertThat(files).containsExactly(root.resolve("media"));
        }
    }

    @Test
    void list_oneDamagedFile_showsTheOthers() throws IOException {
        put(1);
        Asset two = put(2);
        Files.write(assetFile(1), new byte[0]);

        assertThat(reopened().list(ME, NOW, Optional.empty(), 9)).containsExactly(two);
    }

    @Test
    void deleteExpired_ownersMarkLostInACrash_isMended() throws IOException {
        Asset one = put(1);
        Path mark = filesIn("owners").get(0);
        Files.delete(mark);
        Files.delete(mark.resolveSibling(""));
        MediaStore later = reopened();
        assertThat(later.list(ME, NOW, Optional.empty(), 9)).isEmpty();

        later.deleteExpired(NOW);

        assertThat(mark).exists();
        assertThat(later.list(ME, NOW, Optional.empty(), 9)).containsExactly(one);
    }

    @Test
    void deleteExpired_ownersMarkWithoutAsset_isCollected() throws IOException {
        put(1);
        Path mark = filesIn("owners").get(0);
        Path stale = Files.createFile(mark.resolveSibling(id(9).toString()));

        store().deleteExpired(NOW);

        assertThat(stale).doesNotExist();
        assertThat(mark).exists();
    }

    @Test
    void deleteAllOf_anOwner_leavesNoTraceOfTheName() throws IOException {
        put(1);
        Path directory = filesIn("owners").get(0).resolveSibling("");

        store().deleteAllOf(ME);

        assertThat(directory).doesNotExist();
        put(2);
        assertThat(store().list(ME, NOW, Optional.empty(), 9)).hasSize(1);
    }

    @Test
    void new_directoryOfAnEarlierVersion_isRefusedAndLeftAlone() throws IOException {
        Files.createDirectories(root.resolve("old/content/ba/78"));

        assertThatThrownBy(() -> new LocalMediaStore(root.resolve("old")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(root.resolve("old") + " was written by an earlier version");

        try (Stream<Path> files = Files.list(root.resolve("old"))) {
            assertThat(files).containsExactly(root.resolve("old/content"));
        }
    }

    @Test
    void new_directoryOfALaterVersion_isRefused() throws IOException {
        put(1);
        Files.writeString(root.resolve("media/format"), "tollgate-media=3\n");

        assertThatThrownBy(this::reopened)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("'tollgate-media=3', and this version reads 'tollgate-media=2'");
    }

    @Test
    void find_assetFileOfAnEarlierVersion_throwsNamingIt() throws IOException {
        put(1);
        String first = "tollgate-asset=1\n";
        CRC32 crc = new CRC32();
        crc.update(first.getBytes(StandardCharsets.UTF_8));
        Files.writeString(assetFile(1), first + String.format("crc32=%08x%n", crc.getValue()));

        assertThatThrownBy(() -> store().find(id(1)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(assetFile(1) + ": it does not have the lines of tollgate-asset=2");
    }

    @Test
    void put_afterAnotherFunctionWasChosen_keepsBothAndFindsEachByItsOwn() throws IOException {
        Asset old = put(1);
        Hashing other = new Hashing() {
            @Override
            public ContentHash.Function function() {
                return ContentHash.Function.BLAKE3;
            }

            @Override
            public Running start() {
                return SHA256.start(); // the name is what matters here
            }
        };
        MediaStore later = new LocalMediaStore(root.resolve("media"), other);

        Asset fresh = later.put(newAsset(2, Optional.empty()), new ByteArrayInputStream(ABC), 10);

        assertThat(old.hash()).hasToString("sha256:" + SHA256);
        assertThat(fresh.hash()).hasToString("blake3:" + SHA256);
        assertThat(later.open(id(1))).hasBinaryContent(ABC).isNotEqualTo(later.open(id(2)));
        assertThat(later.withContent(fresh.owner(), fresh.hash(), NOW)).containsExactly(fresh);
        later.deleteExpired(NOW);
        assertThat(later.open(id(1))).hasBinaryContent(ABC);
        assertThat(later.open(id(2))).hasBinaryContent(ABC);
    }

    private Asset put(int id) throws IOException {
        return store().put(newAsset(id, Optional.empty()), new ByteArrayInputStream(ABC), 10);
    }

    private static MediaStore.NewAsset newAsset(int id, Optional<Instant> expiresAt) {
        return new MediaStore.NewAsset(id(id), new UserId("me"), "a.png", "image/png", NOW, expiresAt);
    }

    private static AssetId id(int number) {
        return new AssetId(new UUID(0x0190_0000_0000_7000L, number));
    }

    private Path assetFile(int id) {
        String name = id(id).toString();
        return root.resolve("media/assets")
                .resolve(name.substring(name.length() - 2))
                .resolve(name);
    }

    private Path contentFile() {
        return root.resolve("media/content/sha256/ba/78").resolve(SHA256);
    }

    private List<Path> filesIn(String directory) throws IOException {
        try (Stream<Path> files = Files.walk(root.resolve("media").resolve(directory))) {
            return files.filter(Files::isRegularFile).toList();
        }
    }
}
