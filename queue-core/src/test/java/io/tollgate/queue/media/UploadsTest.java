package io.tollgate.queue.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.test.MutableClock;
import io.tollgate.queue.memory.MemoryMediaStore;
import io.tollgate.queue.test.CountingIds;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class UploadsTest {
    private static final UserId ANN = new UserId("ann");
    private static final byte[] PNG = "\u0089PNG\r\n\u001A\nand more".getBytes(StandardCharsets.ISO_8859_1);

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
                100,
                Optional.of(Duration.ofDays(1)),
                clock,
                new CountingIds());
    }

    private static ByteArrayInputStream bytes(byte[] content) {
        return new ByteArrayInputStream(content);
    }

    @Test
    void add_soundFile_isStoredWithTheTypeOfItsBytes() throws IOException {
        Asset asset = uploads((file, type) -> Optional.empty()).add(ANN, "../boat.exe", bytes(PNG));

        assertThat(store.find(asset.id())).contains(asset);
        assertThat(asset.contentType()).isEqualTo("image/png");
        assertThat(asset.name()).isEqualTo("boat.exe");
        assertThat(asset.expiresAt()).contains(clock.instant().plus(Duration.ofDays(1)));
        assertThat(Files.readAllBytes(store.open(asset.id()))).isEqualTo(PNG);
    }

    @Test
    void add_fileThatAnInspectorRefuses_leavesNothing() {
        Uploads uploads = uploads(
                (file, type) -> Optional.empty(),
                (file, type) -> type.equals("image/png") ? Optional.of("has too many pixels") : Optional.empty());

        assertThatThrownBy(() -> uploads.add(ANN, "boat.png", bytes(PNG)))
                .isInstanceOf(UnfitFileException.class)
                .hasMessage("has too many pixels");
        assertThat(store.usage()).isEmpty();
    }

    @Test
    void add_fileThatNobodyCanReadAnyMore_leavesNothing() {
        IOException lost = new IOException("the disk is gone");
        Uploads uploads = uploads((file, type) -> {
            throw lost;
        });

        assertThatThrownBy(() -> uploads.add(ANN, "boat.png", bytes(PNG))).isSameAs(lost);
        assertThat(store.usage()).isEmpty();
    }

    @Test
    void add_emptyUnknownOrTooLarge_leavesNothing() {
        assertThatThrownBy(() -> uploads().add(ANN, "empty.png", bytes(new byte[0])))
                .isInstanceOf(UnfitFileException.class)
                .hasMessageContaining("is empty");
        assertThatThrownBy(() -> uploads().add(ANN, "text.png", bytes("no picture".getBytes(StandardCharsets.UTF_8))))
                .isInstanceOf(UnfitFileException.class)
                .hasMessageContaining("is no picture");
        assertThatThrownBy(() -> uploads().add(ANN, "large.png", bytes(java.util.Arrays.copyOf(PNG, 101))))
                .isInstanceOf(AssetTooLargeException.class);
        assertThat(store.usage()).isEmpty();
    }
}
