package io.tollgate.app.command;

import io.tollgate.app.cli.CommandFailed;
import io.tollgate.app.cli.Output;
import io.tollgate.app.cli.Table;
import io.tollgate.app.container.ServiceContainer;
import io.tollgate.http.JobDocument;
import io.tollgate.queue.JobHandle;
import io.tollgate.queue.dispatch.JobView;
import io.tollgate.queue.dispatch.WaitReason;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.Attempt;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.queue.job.JobSpec;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.Receipt;
import io.tollgate.queue.media.Asset;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Jobs as they are shown. */
final class Shown {
    private Shown() {}

    /** Prints one job. */
    static void job(Output output, ServiceContainer container, JobId id) {
        job(output, container, id, Map.of());
    }

    static void job(Output output, ServiceContainer container, JobId id, Map<AssetId, String> urls) {
        JobView view = container.tollgate().job(id).orElseThrow(() -> new CommandFailed("there is no job " + id));
        Instant now = container.clock().instant();
        Map<AssetId, Asset> stored = OutputFiles.stored(container.media(), view.record(), now);
        output.result(JobDocument.of(view, now, urls, stored), lines(view, now, urls, stored));
    }

    /** Throws unless it ended well. */
    static void requireSuccess(JobRecord record) {
        if (record.job().kind() != JobState.Kind.SUCCEEDED) {
            throw new CommandFailed("job " + record.job().id() + " "
                    + JobHandle.failure(record)
                            .map(failure -> record.job().kind().word() + ": " + failure.message())
                            .orElse(record.job().kind().word()));
        }
    }

    static List<String> lines(JobView view, Instant now, Map<AssetId, String> urls, Map<AssetId, Asset> stored) {
        JobRecord record = view.record();
        JobSpec spec = record.job().spec();
        List<String> lines = new ArrayList<>();
        lines.add("job       " + spec.id());
        lines.add("status    " + status(record));
        lines.add("workflow  " + spec.workflow() + ", model " + spec.model());
        lines.add("queue     " + spec.queue() + ", " + record.job().lane().word() + " lane"
                + (spec.priority() == 0 ? "" : ", priority " + spec.priority()));
        lines.add("user      " + spec.user());
        lines.add("created   " + Words.time(spec.createdAt()) + " UTC");
        record.job().endedAt().ifPresent(end -> lines.add("ended     " + Words.time(end) + " UTC"));
        view.position().ifPresent(position -> lines.add("position  " + position + why(view, now)));
        view.progress().ifPresent(progress -> lines.add("progress  " + Math.round(progress.fraction() * 100) + "%"));
        lines.add("credits   " + Receipt.of(record).line());
        for (Attempt attempt : record.attempts()) {
            lines.add("attempt   " + attempt.number() + " on " + attempt.backend() + ", "
                    + attempt.phase().word()
                    + attempt.failure().map(failure -> ", " + failure).orElse(""));
        }
        for (io.tollgate.queue.job.Output made : record.outputs()) {
            String url = urls.get(made.id());
            Asset file = stored.get(made.id());
            String kept = file == null
                    ? ", not stored any more"
                    : file.expiresAt()
                            .map(time -> ", kept until " + Words.time(time) + " UTC")
                            .orElse("");
            lines.add("output    " + made.name() + ", " + made.contentType() + ", " + Words.bytes(made.sizeBytes())
                    + kept + (url == null ? "" : "  " + url));
        }
        return lines;
    }

    private static String status(JobRecord record) {
        String word = record.job().kind().word();
        if (record.job().state() instanceof JobState.Succeeded done && done.partial()) {
            word += ", in part";
        }
        return word
                + JobHandle.failure(record)
                        .map(failure -> ": " + failure.message())
                        .orElse("");
    }

    /** Why it waits and for how long, as far as that is known. */
    static String why(JobView view, Instant now) {
        String reason = view.waitReason()
                .filter(why -> why != WaitReason.AHEAD_IN_QUEUE)
                .map(why -> ", " + why.word().replace('_', ' '))
                .orElse("");
        return reason
                + view.eta()
                        .map(eta -> ", starts in about " + Words.span(Duration.between(now, eta.start())))
                        .orElse("");
    }

    /** A line for each job. */
    static Table table(List<JobView> views) {
        Table table = new Table("job", "status", "workflow", "user", "position", "credits", "created");
        for (JobView view : views) {
            JobRecord record = view.record();
            JobSpec spec = record.job().spec();
            table.row(
                    spec.id(),
                    record.job().kind().word(),
                    spec.workflow(),
                    spec.user(),
                    view.position().map(String::valueOf).orElse(""),
                    record.hold().open()
                            ? record.hold().amount() + " held"
                            : record.hold().captured() + " paid",
                    Words.time(spec.createdAt()));
        }
        return table;
    }
}
