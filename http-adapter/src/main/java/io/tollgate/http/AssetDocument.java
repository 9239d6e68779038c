package io.tollgate.http;

import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.ContentHash;
import io.tollgate.queue.media.Asset;
import java.time.Instant;
import java.util.Optional;

/** A stored file, as programs read it. */
record AssetDocument(
        AssetId id,
        ContentHash hash,
        long sizeBytes,
        String contentType,
        String filePath,
        Instant createdAt,
        Optional<Instant> expiresAt,
        Optional<String> url,
        Optional<Instant> urlExpiresAt) {
    static AssetDocument of(Asset asset, Optional<JobDocument.Link> link) {
        return new AssetDocument(
                asset.id(),
                asset.hash(),
                asset.sizeBytes(),
                asset.contentType(),
                asset.name(),
                asset.createdAt(),
                asset.expiresAt(),
                link.map(JobDocument.Link::url),
                link.flatMap(JobDocument.Link::expiresAt));
    }
}
