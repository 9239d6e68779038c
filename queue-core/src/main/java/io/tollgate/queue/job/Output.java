package io.tollgate.queue.job;

import io.tollgate.queue.media.PixelSize;
import java.util.Optional;

/**
 * One file that a job made, stored and ready.
 *
 * @param id the asset
 * @param job whose
 * @param index its place among the job's outputs, from 0
 * @param name a file name without a path
 * @param nodeId the part of the workflow that made it, if the backend has such parts
 * @param contentType its media type
 * @param sizeBytes its length
 * @param hash what its bytes are known by
 * @param thumbnail a small picture of it, if one was made
 * @param pixels how large it is, if it is a picture or film that somebody could measure
 */
public record Output(
        AssetId id,
        JobId job,
        int index,
        String name,
        Optional<String> nodeId,
        String contentType,
        long sizeBytes,
        ContentHash hash,
        Optional<AssetId> thumbnail,
        Optional<PixelSize> pixels) {
    /** This output without its name, which its owner may have chosen. */
    public Output erased() {
        return new Output(
                id, job, index, EraseRules.GONE, Optional.empty(), contentType, sizeBytes, hash, thumbnail, pixels);
    }
}
