package io.tollgate.app.command;

import io.tollgate.app.cli.Progress;
import io.tollgate.queue.JobHandle;
import io.tollgate.queue.job.Attempt;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.queue.job.JobState;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Shows on a track of progress how a job gets on. */
final class Following {
    private Following() {}

    /** Shows the job from now on. Completes with its end, when that is shown. */
    static CompletableFuture<JobRecord> follow(JobHandle handle, Progress.Track track) {
        handle.onQueued(position -> track.at(0, position == 1 ? "next in line" : "waiting, number " + position));
        handle.onSubmitted(run -> track.at(0, "running"));
        handle.onProgress(
                progress -> track.at(progress.fraction(), progress.message().orElse("running")));
        return handle.result().thenApply(record -> {
            if (record.job().kind() == JobState.Kind.SUCCEEDED) {
                track.at(1, "");
            }
            track.ended(end(record));
            return record;
        });
    }

    /** How it ended, in a few words. */
    static String end(JobRecord record) {
        JobState state = record.job().state();
        return switch (state.kind()) {
            case QUEUED, RUNNING, CANCELING -> state.kind().word();
            case SUCCEEDED ->
                ((JobState.Succeeded) state).partial() ? "done in part, " + took(record) : "done, " + took(record);
            case FAILED -> "failed: " + ((JobState.Failed) state).failure().message();
            case CANCELED -> "canceled";
            case EXPIRED -> "expired";
        };
    }

    /** How long its last attempt ran, such as {@code 1.2 s}. */
    static String took(JobRecord record) {
        List<Attempt> attempts = record.attempts();
        Optional<Duration> took = attempts.isEmpty()
                ? Optional.empty()
                : attempts.get(attempts.size() - 1)
                        .endedAt()
                        .map(end -> Duration.between(
                                attempts.get(attempts.size() - 1)
                                        .startedAt()
                                        .orElse(attempts.get(attempts.size() - 1)
                                                .claimedAt()),
                                end));
        return took.map(span -> String.format(Locale.ROOT, "%.1f s", span.toMillis() / 1000.0))
                .orElse("");
    }
}
