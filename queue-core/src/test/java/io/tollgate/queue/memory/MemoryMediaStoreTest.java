package io.tollgate.queue.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.credits.account.UserId;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.media.MediaStore;
import io.tollgate.queue.media.MediaStoreContract;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class MemoryMediaStoreTest extends MediaStoreContract {
    private final MemoryMediaStore store = new MemoryMediaStore();

    @Override
    protected MediaStore store() {
        return store;
    }

    @AfterEach
    void close() throws IOException {
        store.close();
    }

    @Test
    void close_openedFiles_areGone() throws IOException {
        AssetId id = new AssetId(new UUID(1, 1));
        store.put(
                new MediaStore.NewAsset(id, new UserId("me"), "a.png", "image/png", Instant.EPOCH, Optional.empty()),
                new ByteArrayInputStream(new byte[] {1}),
                10);
        Path file = store.open(id);

        store.close();
        store.close();

        assertThat(file).doesNotExist();
        assertThat(file.getParent()).doesNotExist();
    }
}
