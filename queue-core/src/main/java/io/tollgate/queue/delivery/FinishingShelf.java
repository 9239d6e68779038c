package io.tollgate.queue.delivery;

import io.tollgate.credits.account.Perks;
import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.StoreUnavailableException;
import io.tollgate.queue.backend.Produced;
import io.tollgate.queue.event.Events;
import io.tollgate.queue.event.JobEvent;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.IdSource;
import io.tollgate.queue.job.Output;
import io.tollgate.queue.job.QueuedJob;
import io.tollgate.queue.media.Asset;
import io.tollgate.queue.media.AssetTooLargeException;
import io.tollgate.queue.media.ContentTypes;
import io.tollgate.queue.media.FileNames;
import io.tollgate.queue.media.MediaInspector;
import io.tollgate.queue.media.MediaStore;
import io.tollgate.queue.media.PixelSize;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Stores outputs, watermarked for those whose tier says so and with a thumbnail where one can be made. Outputs are
 * finished on disk, not in memory.
 */
public final class FinishingShelf implements OutputShelf {
    private final MediaStore media;
    private final List<MediaProcessor> processors;
    private final List<MediaInspector> inspectors;
    private final Function<UserId, Perks> perks;
    private final Optional<Duration> keepFor;
    private final long maxBytes;
    private final InstantSource clock;
    private final IdSource ids;
    private final Events events;

    /**
     * @param inspectors measure outputs; the first that can counts
     * @param perks what a user's tier is worth now
     * @param keepFor how long outputs are kept; empty for ever
     * @param maxBytes the largest output that is taken
     */
    public FinishingShelf(
            MediaStore media,
            List<MediaProcessor> processors,
            List<MediaInspector> inspectors,
            Function<UserId, Perks> perks,
            Optional<Duration> keepFor,
            long maxBytes,
            InstantSource clock,
            IdSource ids,
            Events events) {
        this.media = media;
        this.processors = List.copyOf(processors);
        this.inspectors = List.copyOf(inspectors);
        this.perks = perks;
        this.keepFor = keepFor;
        this.maxBytes = maxBytes;
        this.clock = clock;
        this.ids = ids;
        this.events = events;
    }

    @Override
    public List<Output> store(QueuedJob job, List<Produced> produced) throws IOException {
        List<Output> outputs = new ArrayList<>();
        for (Produced file : produced) {
            outputs.add(store(job, outputs.size(), file));
        }
        return List.copyOf(outputs);
    }

    private Output store(QueuedJob job, int index, Produced file) throws IOException {
        Asset asset;
        try (InputStream bytes = new BufferedInputStream(file.content().open(), ContentTypes.HEAD)) {
            String contentType = contentType(bytes, file.contentType());
            // the tier is read from the store: only if it matters
            Optional<MediaProcessor> marker = processor(MediaProcessor.Kind.WATERMARK, contentType)
                    .filter(any -> perks.apply(job.user()).watermark());
            asset = marker.isPresent()
                    ? finished(job, file.name(), contentType, bytes, marker.get())
                    : put(job, file.name(), contentType, bytes);
        }
        return new Output(
                asset.id(),
                job.id(),
                index,
                asset.name(),
                file.nodeId(),
                asset.contentType(),
                asset.sizeBytes(),
                asset.hash(),
                thumbnailIfPossible(job, asset),
                pixels(asset));
    }

    private Optional<MediaProcessor> processor(MediaProcessor.Kind kind, String contentType) {
        return processors.stream()
                .filter(processor -> processor.kind() == kind && processor.accepts(contentType))
                .findFirst();
    }

    /** What the bytes say; who names a picture otherwise doesn't get round the watermark. */
    private static String contentType(InputStream bytes, String claimed) throws IOException {
        String found = ContentTypes.sniff(bytes);
        return found.equals(ContentTypes.UNKNOWN) ? claimed : found;
    }

    private Asset finished(QueuedJob job, String name, String contentType, InputStream bytes, MediaProcessor marker)
            throws IOException {
        Path temporary = Files.createTempFile("tollgate-output", ".tmp");
        try {
            String finishedType;
            try (OutputStream out = Files.newOutputStream(temporary)) {
                finishedType = marker.process(bytes, contentType, out);
            }
            return put(job, name, finishedType, Files.newInputStream(temporary));
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private Optional<PixelSize> pixels(Asset asset) throws IOException {
        for (MediaInspector inspector : inspectors) {
            Optional<PixelSize> size = inspector.pixels(media.open(asset.id()), asset.contentType());
            if (size.isPresent()) {
                return size;
            }
        }
        return Optional.empty();
    }

    /** A picture of which no small one can be made is delivered all the same. */
    private Optional<AssetId> thumbnailIfPossible(QueuedJob job, Asset asset) {
        try {
            return thumbnail(job, asset);
        } catch (IOException | RuntimeException problem) {
            events.tell(new JobEvent.Fault(Optional.of(job.id()), "making a thumbnail", problem));
            return Optional.empty();
        }
    }

    private Optional<AssetId> thumbnail(QueuedJob job, Asset asset) throws IOException {
        Optional<MediaProcessor> maker = processor(MediaProcessor.Kind.THUMBNAIL, asset.contentType());
        if (maker.isEmpty()) {
            return Optional.empty();
        }
        ByteArrayOutputStream small = new ByteArrayOutputStream();
        String contentType;
        try (InputStream in = Files.newInputStream(media.open(asset.id()))) {
            contentType = maker.get().process(in, asset.contentType(), small);
        }
        return Optional.of(
                put(job, "thumbnail-" + asset.name(), contentType, new ByteArrayInputStream(small.toByteArray()))
                        .id());
    }

    private Asset put(QueuedJob job, String name, String contentType, InputStream bytes) throws IOException {
        Instant now = clock.instant();
        try (Fetched fetched = new Fetched(bytes)) {
            try {
                return media.put(
                        new MediaStore.NewAsset(
                                new AssetId(ids.next()),
                                job.user(),
                                FileNames.safe(name),
                                contentType,
                                now,
                                keepFor.map(now::plus),
                                Optional.of(job.id()),
                                List.of()),
                        fetched,
                        maxBytes);
            } catch (AssetTooLargeException e) {
                throw e;
            } catch (IOException e) {
                if (fetched.failed) {
                    throw e;
                }
                throw new StoreUnavailableException("an output can't be stored now: " + e.getMessage(), e);
            }
        }
    }

    /** Bytes from elsewhere; remembers whether it was they that could not be had. */
    private static final class Fetched extends FilterInputStream {
        boolean failed;

        Fetched(InputStream bytes) {
            super(bytes);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            try {
                return super.read(buffer, offset, length);
            } catch (IOException e) {
                failed = true;
                throw e;
            }
        }
    }
}
