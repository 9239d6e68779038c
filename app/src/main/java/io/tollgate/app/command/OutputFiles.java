package io.tollgate.app.command;

import io.tollgate.app.cli.CommandFailed;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.queue.job.Output;
import io.tollgate.queue.media.Asset;
import io.tollgate.queue.media.ContentTypes;
import io.tollgate.queue.media.MediaStore;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** Copies of a job's outputs, in a directory of the user's. */
final class OutputFiles {
    private OutputFiles() {}

    /**
     * What is there of a job's outputs: neither deleted nor expired.
     *
     * @throws CommandFailed if nobody can say
     */
    static Map<AssetId, Asset> stored(MediaStore media, JobRecord record, Instant now) {
        Map<AssetId, Asset> stored = new LinkedHashMap<>();
        try {
            for (Output output : record.outputs()) {
                media.find(output.id())
                        .filter(asset -> !asset.isExpired(now))
                        .ifPresent(asset -> stored.put(asset.id(), asset));
            }
        } catch (IOException e) {
            throw new CommandFailed("the outputs of job " + record.job().id() + " can't be read: " + e, e);
        }
        return stored;
    }

    /**
     * Copies them, named {@code BASE.ext}, or {@code BASE-2.ext} and so on from the second on. Files of these names are
     * replaced. Outputs that are not stored any more are left out.
     *
     * @return the copies by output, in order
     */
    static Map<AssetId, Path> copy(MediaStore media, JobRecord record, Path directory, String base) {
        Map<AssetId, Path> copies = new LinkedHashMap<>();
        try {
            Files.createDirectories(directory);
            for (Output output : record.outputs()) {
                if (media.find(output.id()).isEmpty()) {
                    continue; // deleted, or expired
                }
                String number = output.index() == 0 ? "" : "-" + (output.index() + 1);
                Path copy = directory.resolve(base + number + ContentTypes.extension(output.contentType()));
                try (OutputStream bytes = Files.newOutputStream(copy)) { // the user's rights, not the store's
                    Files.copy(media.open(output.id()), bytes);
                }
                copies.put(output.id(), copy);
            }
        } catch (IOException e) {
            throw new CommandFailed("the outputs can't be copied to " + directory + ": " + e, e);
        }
        return copies;
    }
}
