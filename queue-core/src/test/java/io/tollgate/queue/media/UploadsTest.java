package io.tollgate.queue.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.test.MutableClock;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.ContentHash;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.memory.MemoryMediaStore;
import io.tollgate.queue.test.CountingIds;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class UploadsTest {
    private static final UserId ANN = new UserId("ann");
    private static final byte[] PNG = "\u0089PNG\r\n\u001A\nand more".getBytes(StandardCharsets.ISO_8859_1);

    @TempDir
    Path directory = Path.of("");

    private final MutableClock clock = new MutableClock();
    private final MemoryMediaStore store = new MemoryMediaStore();

    @AfterEach
    void close() throws IOException {
        store.close();
    }

    private Uploads uploads(MediaInspector... inspectors) {
        return new Uploads(
                store,
                new InputCheck(List.of(inspectors)),
                new Uploads.Limits(100, 250),
                Optional.of(Duration.ofDays(1)),
                clock,
                new CountingIds());
    }

    private static ByteArrayInputStream bytes(byte[] content) {
        return new ByteArrayInputStream(content);
    }

    @Test
    void add_soundFile_isStoredWithTheTypeOfItsBytes() throws IOException {
        Asset asset = uploads((file, type) -> Optional.empty())
                .add(ANN, UploadRequest.named("../boat.exe"), bytes(PNG))
                .asset();

        assertThat(store.find(asset.id())).contains(asset);
        assertThat(asset.contentType()).isEqualTo("image/png");
        assertThat(asset.name()).isEqualTo("boat.exe");
        assertThat(asset.expiresAt()).contains(clock.instant().plus(Duration.ofDays(1)));
        assertThat(Files.readAllBytes(store.open(asset.id()))).isEqualTo(PNG);
    }

    @Test
    void add_fileThatAnInspectorRefuses_leavesNothing() throws IOException {
        Uploads uploads = uploads(
                (file, type) -> Optional.empty(),
                (file, type) -> type.equals("image/png") ? Optional.of("has too many pixels") : Optional.empty());

        assertThatThrownBy(() -> uploads.add(ANN, UploadRequest.named("boat.png"), bytes(PNG)))
                .isInstanceOf(UnfitFileException.class)
                .hasMessage("has too many pixels");
        assertThat(store.usage()).isEmpty();
    }

    @Test
    void add_fileThatNobodyCanReadAnyMore_leavesNothing() throws IOException {
        IOException lost = new IOException("the disk is gone");
        Uploads uploads = uploads((file, type) -> {
            throw lost;
        });

        assertThatThrownBy(() -> uploads.add(ANN, UploadRequest.named("boat.png"), bytes(PNG)))
                .isSameAs(lost);
        assertThat(store.usage()).isEmpty();
    }

    @Test
    void add_emptyUnknownOrTooLarge_leavesNothing() throws IOException {
        assertThatThrownBy(() -> uploads().add(ANN, UploadRequest.named("empty.png"), bytes(new byte[0])))
                .isInstanceOf(UnfitFileException.class)
                .hasMessageContaining("is empty");
        assertThatThrownBy(() -> uploads()
                        .add(
                                ANN,
                                UploadRequest.named("text.png"),
                                bytes("no picture".getBytes(StandardCharsets.UTF_8))))
                .isInstanceOf(UnfitFileException.class)
                .hasMessageContaining("is no picture");
        assertThatThrownBy(() ->
                        uploads().add(ANN, UploadRequest.named("large.png"), bytes(java.util.Arrays.copyOf(PNG, 101))))
                .isInstanceOf(AssetTooLargeException.class);
        assertThat(store.usage()).isEmpty();
    }

    /** A sound file of that length, unlike others of another number. */
    private static byte[] png(int length, int number) {
        byte[] bytes = java.util.Arrays.copyOf(PNG, length);
        bytes[length - 1] = (byte) number;
        return bytes;
    }

    @Test
    void add_bytesThatTheUserHas_answersTheKnownAssetForLonger() throws IOException {
        Uploads uploads = uploads();
        Asset first = uploads.add(ANN, UploadRequest.named("first.png").tagged(List.of("a")), bytes(PNG))
                .asset();
        clock.advance(Duration.ofHours(1));

        Uploaded again = uploads.add(ANN, UploadRequest.named("second.png").tagged(List.of("b")), bytes(PNG));
        Uploaded shorter = uploads.add(ANN, UploadRequest.PLAIN.expiringIn(Duration.ofMinutes(1)), bytes(PNG));

        assertThat(again.isNew()).isFalse();
        assertThat(again.asset().id()).isEqualTo(first.id());
        assertThat(again.asset().name()).isEqualTo("first.png");
        assertThat(again.asset().tags()).containsExactly("a");
        assertThat(again.asset().expiresAt()).contains(clock.instant().plus(Duration.ofDays(1)));
        assertThat(shorter.asset()).isEqualTo(again.asset());
        assertThat(store.held(ANN, clock.instant()).files()).isEqualTo(1);
    }

    @Test
    void add_bytesThatSomebodyElseHas_isNew() throws IOException {
        Uploads uploads = uploads();
        Uploaded others = uploads.add(new UserId("bob"), UploadRequest.PLAIN, bytes(PNG));

        Uploaded mine = uploads.add(ANN, UploadRequest.PLAIN, bytes(PNG));

        assertThat(mine.isNew()).isTrue();
        assertThat(mine.asset().id()).isNotEqualTo(others.asset().id());
        assertThat(mine.asset().name()).isEqualTo("file");
    }

    @Test
    void add_bytesOfAnExpiredAsset_isNew() throws IOException {
        Uploads uploads = uploads();
        AssetId old = uploads.add(ANN, UploadRequest.PLAIN, bytes(PNG)).asset().id();
        clock.advance(Duration.ofDays(1));

        Uploaded again = uploads.add(ANN, UploadRequest.PLAIN, bytes(PNG));

        assertThat(again.isNew()).isTrue();
        assertThat(again.asset().id()).isNotEqualTo(old);
    }

    @Test
    void add_withItsOwnExpiry_isKeptAsLong() throws IOException {
        Asset asset = uploads()
                .add(ANN, UploadRequest.PLAIN.expiringIn(Duration.ofMinutes(1)), bytes(PNG))
                .asset();

        assertThat(asset.expiresAt()).contains(clock.instant().plus(Duration.ofMinutes(1)));
    }

    @Test
    void uploadRequest_outsideOfWhatIsAllowed_isRefused() {
        assertThatThrownBy(() -> UploadRequest.PLAIN.expiringIn(Duration.ofSeconds(59)))
                .hasMessage("a file is kept for 60 to 604800 seconds, not 59");
        assertThatThrownBy(() -> UploadRequest.PLAIN.expiringIn(Duration.ofSeconds(604_801)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> UploadRequest.PLAIN.tagged(java.util.Collections.nCopies(17, "a")))
                .hasMessage("a file has at most 16 tags, not 17");
        for (String tag : List.of("", " ", "a".repeat(65), "a\nb", "a\tb", "a\u0000", "\ud800", "a\u2028b")) {
            assertThatThrownBy(() -> UploadRequest.PLAIN.tagged(List.of(tag)))
                    .as("tag '%s'", tag)
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void add_expectedHash_mustBeThatOfTheBytes() throws IOException {
        Uploads uploads = uploads();
        ContentHash actual = uploads.add(new UserId("bob"), UploadRequest.PLAIN, bytes(PNG))
                .asset()
                .hash();
        ContentHash other = new ContentHash(ContentHash.Function.SHA256, "0".repeat(64));

        assertThatThrownBy(() -> uploads.add(ANN, UploadRequest.PLAIN.expecting(other), bytes(PNG)))
                .isInstanceOfSatisfying(HashMismatchException.class, e -> {
                    assertThat(e.expected()).isEqualTo(other);
                    assertThat(e.actual()).isEqualTo(actual);
                });
        assertThatThrownBy(() -> uploads.add(
                        ANN,
                        UploadRequest.PLAIN.expecting(new ContentHash(ContentHash.Function.BLAKE3, "0".repeat(64))),
                        bytes(PNG)))
                .hasMessage("hashes here are sha256:…, not blake3:…");
        assertThat(store.held(ANN, clock.instant())).isEqualTo(MediaStore.Held.NOTHING);
        assertThat(uploads.add(ANN, UploadRequest.PLAIN.expecting(actual), bytes(PNG))
                        .isNew())
                .isTrue();
    }

    @Test
    void add_moreThanAUserMayHave_isRefusedWithTheNumbers() throws IOException {
        Uploads uploads = uploads();
        uploads.add(ANN, UploadRequest.PLAIN, bytes(png(100, 1)));
        output(100, 2);

        assertThatThrownBy(() -> uploads.add(ANN, UploadRequest.PLAIN, bytes(png(51, 3))))
                .isInstanceOfSatisfying(QuotaExceededException.class, e -> {
                    assertThat(e.allowedBytes()).isEqualTo(250);
                    assertThat(e.usedBytes()).isEqualTo(200);
                    assertThat(e.neededBytes()).isEqualTo(51);
                });
        assertThat(store.held(ANN, clock.instant()).files()).isEqualTo(2);
        assertThat(uploads.add(ANN, UploadRequest.PLAIN, bytes(png(100, 1))).isNew())
                .as("known bytes take no room")
                .isFalse();
        assertThat(uploads.add(new UserId("bob"), UploadRequest.PLAIN, bytes(png(51, 3)))
                        .isNew())
                .isTrue();
        assertThat(uploads.add(ANN, UploadRequest.PLAIN, bytes(png(50, 4))).isNew())
                .isTrue();
        output(100, 5); // a job is not stopped by it
        assertThatThrownBy(() -> uploads.add(ANN, UploadRequest.PLAIN, bytes(png(40, 6))))
                .isInstanceOf(QuotaExceededException.class);
        clock.advance(Duration.ofDays(1));
        assertThat(uploads.add(ANN, UploadRequest.PLAIN, bytes(png(40, 6))).isNew())
                .as("what expired takes no room, even before it is deleted")
                .isTrue();
    }

    private void output(int length, int number) throws IOException {
        store.put(
                new MediaStore.NewAsset(
                        new AssetId(new UUID(-1, number)),
                        ANN,
                        "out.png",
                        "image/png",
                        clock.instant(),
                        Optional.of(clock.instant().plus(Duration.ofDays(1))),
                        Optional.of(new JobId(new UUID(7, 7))),
                        List.of()),
                bytes(png(length, number)),
                1000);
    }

    @Test
    void add_manyAtOnce_neverExceedTheQuotaNorStoreTwice() throws Exception {
        Uploads uploads = uploads();
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Callable<Boolean>> calls = new ArrayList<>();
            for (int i = 0; i < 32; i++) {
                byte[] bytes = png(50, i % 8);
                calls.add(() -> {
                    try {
                        return uploads.add(ANN, UploadRequest.PLAIN, bytes(bytes))
                                .isNew();
                    } catch (QuotaExceededException e) {
                        return false;
                    }
                });
            }
            int stored = 0;
            for (Future<Boolean> call : threads.invokeAll(calls, 60, TimeUnit.SECONDS)) {
                stored += call.get() ? 1 : 0;
            }
            assertThat(stored).isEqualTo(5);
        } finally {
            threads.shutdownNow();
        }
        assertThat(store.held(ANN, clock.instant())).isEqualTo(new MediaStore.Held(5, 250));
    }

    @Test
    void fromHash_ownContent_isANewAssetOfIt() throws IOException {
        Uploads uploads = uploads();
        Asset first = uploads.add(ANN, UploadRequest.named("boat.png"), bytes(png(100, 1)))
                .asset();

        Asset named = uploads.fromHash(
                        ANN, first.hash(), UploadRequest.named("../b.png").tagged(List.of("t")))
                .orElseThrow();

        assertThat(named.id()).isNotEqualTo(first.id());
        assertThat(named.name()).isEqualTo("b.png");
        assertThat(named.contentType()).isEqualTo("image/png");
        assertThat(named.tags()).containsExactly("t");
        assertThat(store.open(named.id())).isEqualTo(store.open(first.id()));
        assertThat(uploads.hasContent(ANN, first.hash())).isTrue();
        assertThatThrownBy(() -> uploads.fromHash(ANN, first.hash(), UploadRequest.PLAIN))
                .isInstanceOf(QuotaExceededException.class);
        clock.advance(Duration.ofDays(1));
        assertThat(uploads.fromHash(ANN, first.hash(), UploadRequest.PLAIN)).isEmpty();
        assertThat(uploads.hasContent(ANN, first.hash())).isFalse();
    }

    @Test
    void fromHash_contentOfOthersOrNobody_isEmptyAlike() throws IOException {
        Uploads uploads = uploads();
        ContentHash others = uploads.add(new UserId("bob"), UploadRequest.PLAIN, bytes(PNG))
                .asset()
                .hash();

        assertThat(uploads.fromHash(ANN, others, UploadRequest.PLAIN)).isEmpty();
        assertThat(uploads.hasContent(ANN, others)).isFalse();
        assertThat(uploads.fromHash(
                        ANN, new ContentHash(ContentHash.Function.BLAKE3, "0".repeat(64)), UploadRequest.PLAIN))
                .isEmpty();
    }

    @Test
    void add_knownBytesThatAreLost_bringsThemBack() throws IOException {
        LocalMediaStore local = new LocalMediaStore(directory.resolve("media"));
        Uploads uploads = new Uploads(
                local,
                new InputCheck(List.of()),
                new Uploads.Limits(100, 0),
                Optional.empty(),
                clock,
                new CountingIds());
        Asset first = uploads.add(ANN, UploadRequest.PLAIN, bytes(PNG)).asset();
        Files.delete(local.open(first.id()));

        uploads.add(ANN, UploadRequest.PLAIN, bytes(PNG));

        assertThat(Files.readAllBytes(local.open(first.id()))).isEqualTo(PNG);
    }
}
