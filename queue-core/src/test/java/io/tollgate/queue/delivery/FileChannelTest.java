package io.tollgate.queue.delivery;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Hold;
import io.tollgate.credits.ledger.HoldId;
import io.tollgate.credits.ledger.Price;
import io.tollgate.credits.test.MutableClock;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.ContentHash;
import io.tollgate.queue.job.Delivery;
import io.tollgate.queue.job.DeliveryEvent;
import io.tollgate.queue.job.DeliveryId;
import io.tollgate.queue.job.DeliveryTarget;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.queue.job.JobSpec;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.Lane;
import io.tollgate.queue.job.Output;
import io.tollgate.queue.job.QueuedJob;
import io.tollgate.queue.media.Asset;
import io.tollgate.queue.media.MediaStore;
import io.tollgate.queue.memory.MemoryMediaStore;
import io.tollgate.queue.test.CountingIds;
import io.tollgate.queue.test.JobSpecs;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

final class FileChannelTest extends DeliveryChannelContract {
    private static final UserId ANN = new UserId("ann");

    @TempDir
    Path root;

    private final MutableClock clock = new MutableClock();
    private final CountingIds ids = new CountingIds();
    private final MemoryMediaStore media = new MemoryMediaStore();
    private FileChannel channel;

    @BeforeEach
    void open() {
        channel = new FileChannel(root, media, Runnable::run);
    }

    @AfterEach
    void close() throws IOException {
        media.close();
    }

    @Override
    protected DeliveryChannel channel() {
        return channel;
    }

    @Override
    protected String goodAddress() {
        return "ann/inbox";
    }

    @Override
    protected String badAddress() {
        return "../elsewhere";
    }

    @Override
    protected JobRecord ended() {
        Asset stored;
        try {
            stored = media.put(
                    new MediaStore.NewAsset(
                            new AssetId(ids.next()), ANN, "a.txt", "text/plain", clock.instant(), Optional.empty()),
                    new ByteArrayInputStream(new byte[] {1, 2, 3}),
                    100);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return record(stored.id(), stored.hash());
    }

    @Override
    protected JobRecord undeliverable() {
        return record(new AssetId(ids.next()), new ContentHash(ContentHash.Function.SHA256, "0".repeat(64)));
    }

    private JobRecord record(AssetId asset, ContentHash hash) {
        JobSpec spec = new JobSpecs(ids, clock).of(ANN);
        QueuedJob job = new QueuedJob(
                spec, 1, Lane.REGULAR, false, 1, new JobState.Succeeded(clock.instant(), false), 1, 1, 0, 3);
        Hold hold = new Hold(
                new HoldId(spec.id().value()),
                ANN,
                Price.agreed(Amount.ZERO, Amount.ZERO),
                List.of(),
                Hold.State.CAPTURED,
                Amount.ZERO,
                clock.instant(),
                Optional.of(clock.instant()));
        Output output = new Output(
                asset,
                spec.id(),
                0,
                "a.txt",
                Optional.empty(),
                "text/plain",
                3,
                hash,
                Optional.empty(),
                Optional.empty());
        return new JobRecord(job, hold, List.of(), List.of(output), List.of());
    }

    @Override
    protected Delivery owed(JobRecord record, DeliveryTarget target) {
        return new Delivery(
                new DeliveryId(ids.next()),
                record.job().id(),
                target,
                DeliveryEvent.SUCCEEDED,
                Delivery.State.PENDING,
                1,
                clock.instant(),
                Optional.empty(),
                clock.instant());
    }
}
