package io.tollgate.queue.media;

import io.tollgate.credits.account.UserId;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.JobFilter;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.JobStore;
import io.tollgate.queue.job.Output;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;

/**
 * A user's assets as that user meets them: what belongs to others, or has expired, is not there. Safe for use by many
 * threads.
 */
public final class Assets {
    private static final EnumSet<JobState.Kind> LIVE =
            EnumSet.of(JobState.Kind.QUEUED, JobState.Kind.RUNNING, JobState.Kind.CANCELING);

    private final MediaStore media;
    private final JobStore jobs;
    private final InstantSource clock;

    /** @param jobs knows what is still needed */
    public Assets(MediaStore media, JobStore jobs, InstantSource clock) {
        this.media = media;
        this.jobs = jobs;
        this.clock = clock;
    }

    /** A user's asset. */
    public Optional<Asset> find(UserId user, AssetId id) throws IOException {
        return media.find(id).filter(asset -> asset.owner().equals(user) && !asset.isExpired(clock.instant()));
    }

    /** The bytes of a user's asset, as a readable local file: not the caller's to change. */
    public Optional<Path> content(UserId user, AssetId id) throws IOException {
        if (find(user, id).isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(media.open(id));
        } catch (NoSuchFileException e) {
            if (media.find(id).isPresent()) {
                throw e;
            }
            return Optional.empty(); // deleted just now
        }
    }

    /**
     * A user's assets, newest first.
     *
     * @param before the last one seen, to go on from there
     * @param limit the most assets, at least 1
     */
    public List<Asset> list(UserId user, Optional<AssetId> before, int limit) throws IOException {
        return media.list(user, clock.instant(), before, limit);
    }

    /** How much a user has, outputs included. */
    public MediaStore.Held held(UserId user) throws IOException {
        return media.held(user, clock.instant());
    }

    /**
     * Deletes a user's asset; of an output its small picture, too. The job that made it still tells of it. A job that
     * is submitted in the same moment may lose its input, and then fails.
     *
     * @return whether there was one
     * @throws AssetInUseException if a job that has not ended needs it as an input; nothing was changed
     */
    public boolean delete(UserId user, AssetId id) throws IOException {
        Optional<Asset> asset = find(user, id);
        if (asset.isEmpty()) {
            return false;
        }
        Optional<JobId> needing = needing(user, id);
        if (needing.isPresent()) {
            throw new AssetInUseException(id, needing.get());
        }
        Optional<AssetId> thumbnail = asset.get().job().flatMap(job -> thumbnail(job, id));
        media.delete(id);
        if (thumbnail.isPresent()) {
            media.delete(thumbnail.get());
        }
        return true;
    }

    /** Looks at the user's live jobs only: no more than a user may have at once. */
    private Optional<JobId> needing(UserId user, AssetId id) {
        return jobs.list(JobFilter.of(user).with(LIVE), Optional.empty(), Integer.MAX_VALUE).stream()
                .map(JobRecord::job)
                .filter(job -> job.spec().inputs().values().stream()
                        .anyMatch(value -> value.files().contains(id)))
                .map(job -> job.id())
                .findFirst();
    }

    private Optional<AssetId> thumbnail(JobId job, AssetId id) {
        return jobs.find(job)
                .flatMap(record -> record.outputs().stream()
                        .filter(output -> output.id().equals(id))
                        .findFirst()
                        .flatMap(Output::thumbnail));
    }
}
