package io.tollgate.http;

import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.ContentHash;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.media.Asset;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A stored file, as programs read it.
 *
 * @param createdNew whether its bytes were new to us; said when it was brought just now
 */
record AssetDocument(
        AssetId id,
        ContentHash hash,
        long sizeBytes,
        String contentType,
        String filePath,
        Instant createdAt,
        Optional<Instant> expiresAt,
        List<String> tags,
        Optional<JobId> jobId,
        Optional<String> url,
        Optional<Instant> urlExpiresAt,
        Optional<Boolean> createdNew) {
    static AssetDocument of(Asset asset, JobDocument.Kept kept, Optional<Boolean> createdNew) {
        return new AssetDocument(
                asset.id(),
                asset.hash(),
                asset.sizeBytes(),
                asset.contentType(),
                asset.name(),
                asset.createdAt(),
                asset.expiresAt(),
                asset.tags(),
                asset.job(),
                kept.url(),
                kept.urlExpiresAt(),
                createdNew);
    }
}
