package io.tollgate.app.command;

import io.tollgate.app.cli.Progress;
import io.tollgate.queue.JobHandle;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.queue.job.JobState;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Shows on a track of progress how a job of this process gets on. */
final class Following {
    private Following() {}

    /**
     * Shows the job from now on. Completes with its end, when that is shown.
     *
     * @param end says how it ended
     */
    static CompletableFuture<JobRecord> follow(
            JobHandle handle, Progress.Track track, Function<JobRecord, String> end) {
        handle.onQueued(position -> track.at(0, waiting(position)));
        handle.onSubmitted(run -> track.at(0, "running"));
        handle.onProgress(
                progress -> track.at(progress.fraction(), progress.message().orElse("running")));
        return handle.result().thenApply(record -> {
            if (record.job().kind() == JobState.Kind.SUCCEEDED) {
                track.at(1, "");
            }
            track.ended(end.apply(record));
            return record;
        });
    }

    static String waiting(int position) {
        return position == 1 ? "next in line" : "waiting, number " + position;
    }
}
