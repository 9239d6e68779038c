package io.tollgate.queue.media;

import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.JobId;

/** An asset can't be deleted, for a job that has not ended needs it as an input. Nothing was changed. */
public final class AssetInUseException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String asset;
    private final String job;

    public AssetInUseException(AssetId asset, JobId job) {
        super("the file " + asset + " is needed by job " + job + ", which has not ended");
        this.asset = asset.toString();
        this.job = job.toString();
    }

    /** What can't be deleted. */
    public AssetId asset() {
        return AssetId.parse(asset);
    }

    /** One of the jobs that need it. */
    public JobId job() {
        return JobId.parse(job);
    }
}
